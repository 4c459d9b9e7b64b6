// Figures and counts are kept until a change makes them stale, and never told after.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "services/capacity/service.h"
#include "tests/contract/capacity_fixture.h"
#include "tests/contract/threads.h"

namespace baliprocess::capacity {
namespace {

using v1::ReportedFigure;

class KeptTest : public CapacityTest {
 protected:
  static std::string Year() { return absl::StrCat("period { ", PeriodText("2023", "2023"), " }"); }
  int64_t Trained(testing::LocalService& service, const auth::Caller& caller) {
    const auto reply = service.CallText(caller, "CountPractitioners", Year());
    EXPECT_OK(reply);
    if (!reply.ok()) return -1;
    return static_cast<const v1::PractitionerCounts&>(**reply).total().practitioners().value();
  }
  int64_t Trained(const auth::Caller& caller = Secretariat()) {
    return Trained(*capacity_, caller);
  }
};
INSTANTIATE_ON_ENGINES(KeptTest);

TEST_P(KeptTest, EveryChangeIsSeenAtOnce) {
  AddWorkshop("w", "2023");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Trained(), i);
    const std::string id = absl::StrCat("p", i);
    AddPractitioner(id);
    EXPECT_EQ(Trained(), i);
    ASSERT_OK(TryAttend("w", id));
  }
  EXPECT_EQ(Trained(), 10);
  ASSERT_OK(Merge("p0", "p1"));
  EXPECT_EQ(Trained(), 9);
  ASSERT_OK(Try("UpdateActivity", "activity { name: 'activities/w' visibility: RESTRICTED }"));
  EXPECT_EQ(Trained(), 9);
  EXPECT_EQ(Trained(Observer()), 0);
  ASSERT_OK(Try("UpdateActivity", "activity { name: 'activities/w' start_date { year: 2024 } }"));
  EXPECT_EQ(Trained(), 0);
}

TEST_P(KeptTest, WhatOneCallerMaySeeIsNotToldToAnother) {
  AddWorkshop("open", "2023", "visibility: PUBLIC");
  AddWorkshop("hidden", "2023", "visibility: RESTRICTED");
  for (int i = 0; i < 6; ++i) {
    const std::string id = absl::StrCat("p", i);
    AddPractitioner(id);
    ASSERT_OK(TryAttend("open", id));
    AddPractitioner(id + "-hidden");
    ASSERT_OK(TryAttend("hidden", id + "-hidden"));
  }
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Trained(Secretariat()), 12);
    EXPECT_EQ(Trained(Observer()), 6);
    EXPECT_EQ(Trained(Anyone()), 5);  // 6, rounded
    EXPECT_EQ(Trained(MemberOf("members/aus")), 6);
  }
}

// A body may go, or come, without a change here.
TEST_P(KeptTest, WhatOtherServicesAnsweredIsNotKept) {
  ASSERT_OK(TryFigures("2023", "2023", Anyone()));
  ASSERT_OK(membership_->CallText(Secretariat(), "DeleteBody", "name: 'bodies/rso'"));
  EXPECT_THAT(TryFigures("2023", "2023", Anyone()).status(),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

// Of two replicas, each has to see what the other wrote.
TEST_P(KeptTest, AReplicaSeesWhatAnotherWrote) {
  if (capacity_store_.is_sqlite()) GTEST_SKIP() << "a SQLite store has one process";
  const auto nobody = [](const rpc::Call&, const google::protobuf::MethodDescriptor&,
                         const google::protobuf::Message&, google::protobuf::Message&) {
    return absl::UnavailableError("nobody is asked for counts");
  };
  testing::LocalService other(
      testing::LocalService::Definition{kSchemaVersion, Resources, Methods}, capacity_store_.Open(),
      resource::Engine::Options{
          .clock = &clock_, .since_start = &clock_.since_start(), .ask_peer = nobody});
  AddWorkshop("w", "2023");
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(Trained(other, Secretariat()), i);
    const std::string id = absl::StrCat("p", i);
    AddPractitioner(id);
    ASSERT_OK(TryAttend("w", id));
    ASSERT_EQ(Trained(other, Secretariat()), i + 1);
    ASSERT_EQ(Trained(), i + 1);
  }
}

// On PostgreSQL changes don't become visible in the order of their numbers.
TEST_P(KeptTest, WhoHasWrittenSeesItWhoeverWritesBeside) {
  constexpr int kWriters = 4;
  constexpr int kWrites = 10;
  for (int writer = 0; writer < kWriters; ++writer) {
    AddWorkshop(absl::StrCat("w", writer), absl::StrCat(2000 + writer));
    for (int i = 0; i < kWrites; ++i) AddPractitioner(absl::StrCat("p", writer, "-", i));
  }
  testing::InParallel(kWriters, [&](int writer) {
    const std::string year = absl::StrCat(2000 + writer);
    for (int i = 0; i < kWrites; ++i) {
      ASSERT_OK(TryAttend(absl::StrCat("w", writer), absl::StrCat("p", writer, "-", i)));
      ASSERT_EQ(Computed(ReportedFigure::PRACTITIONERS_TRAINED, year), i + 1);
    }
  });
}

}  // namespace
}  // namespace baliprocess::capacity
