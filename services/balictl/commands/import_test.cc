// balictl import beside others who change the same records, and of records that the server
// completes.

#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/errors.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kMember[] = R"([{"name": "members/iom", "kind": "ORGANISATION",
    "category": "FULL_MEMBER", "displayName": "IOM"}])";

class ImportTest : public ServerFixture {
 protected:
  Ran Import() { return Do({"import", data_.path()}); }
  template <typename T>
  void Keep(T resource) {
    resource.set_etag(absl::StrCat("version ", ++versions_));
    server_.resources[resource.name()] = std::make_unique<T>(resource);
  }
  void KeepMember(const std::string& display_name) {
    membership::v1::Member member;
    member.set_name("members/iom");
    member.set_kind(membership::v1::Member::ORGANISATION);
    member.set_category(membership::v1::Member::FULL_MEMBER);
    member.set_display_name(display_name);
    Keep(member);
  }
  // Before each of the first `count` updates, somebody else is faster.
  void ChangeMeanwhile(int count, const std::string& display_name) {
    server_.before = [=, this, left = count](const SeenCall& call) mutable {
      if (call.method.starts_with("Update") && left-- > 0) KeepMember(display_name);
      return absl::OkStatus();
    };
  }
  int Updates() const {
    return static_cast<int>(
        std::count_if(server_.calls.begin(), server_.calls.end(),
                      [](const SeenCall& call) { return call.method.starts_with("Update"); }));
  }
  int versions_ = 0;
};

TEST_F(ImportTest, ComparesAgainWhenSomebodyElseWasFaster) {
  data_.Write("membership/members.json", kMember);
  KeepMember("An organisation");
  ChangeMeanwhile(1, "IOM");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("members.json: 1 unchanged"));
  EXPECT_EQ(Updates(), 1);
}

TEST_F(ImportTest, ReplacesNothingThatWasMadeMeanwhile) {
  data_.Write("membership/members.json", kMember);
  ChangeMeanwhile(1, "IOM");
  const Ran ran = Import();
  EXPECT_THAT(ran.out, HasSubstr("members.json: 1 unchanged"));
  EXPECT_EQ(Updates(), 1);
}

TEST_F(ImportTest, TellsWhatNeverStaysTheSame) {
  data_.Write("membership/members.json", kMember);
  KeepMember("An organisation");
  ChangeMeanwhile(100, "Another");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("members/iom"), HasSubstr("ETAG_MISMATCH")));
  EXPECT_EQ(Updates(), 5);
}

TEST_F(ImportTest, SendsNothingWhereOnlyWhatTheServerKeepsIsLeftOut) {
  data_.Write("meetings/meetings.json",
              R"([{"name": "meetings/a", "body": "bodies/ahg", "displayName": "A"}])");
  meetings::v1::Meeting meeting;
  meeting.set_name("meetings/a");
  meeting.set_body("bodies/ahg");
  meeting.set_display_name("A");
  meeting.set_state(meetings::v1::Meeting::POSTPONED);  // can't be changed
  meeting.set_state_reason("A storm");                  // only an import brings it along
  meeting.set_sequence(3);
  meeting.set_visibility(api::v1::Visibility::MEMBERS);  // filled in
  Keep(meeting);
  const Ran ran = Import();
  EXPECT_THAT(ran.out, HasSubstr("meetings.json: 1 unchanged"));
  EXPECT_EQ(Updates(), 0);
}

// What can't be changed is given as another: the server refuses it.
TEST_F(ImportTest, SendsWhatCanNotBeChanged) {
  data_.Write("meetings/delegations.json",
              R"([{"name": "meetings/a/delegations/b",
                   "participant": {"displayName": "An expert"}}])");
  meetings::v1::Meeting meeting;
  meeting.set_name("meetings/a");
  Keep(meeting);
  meetings::v1::Delegation delegation;
  delegation.set_name("meetings/a/delegations/b");
  delegation.mutable_participant()->set_member("members/aus");
  Keep(delegation);
  Import();
  EXPECT_EQ(Updates(), 1);
}

TEST_F(ImportTest, LeavesTheMergedAsTheyAreAndTells) {
  data_.Write("capacity/practitioners.json",
              R"([{"name": "practitioners/a", "member": "members/aus", "agency": "Customs"}])");
  capacity::v1::Practitioner practitioner;
  practitioner.set_name("practitioners/a");
  practitioner.set_member("members/aus");
  practitioner.set_merged_into("practitioners/b");
  Keep(practitioner);
  server_.before = [](const SeenCall& call) {
    return call.method == "UpdatePractitioner"
               ? WrongState("practitioners/a", "MERGED", "change practitioners/b")
               : absl::OkStatus();
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("practitioners/a: left as it is: merged into practitioners/b\n"),
                    HasSubstr("practitioners.json: 1 merged into others\n")));
}

// Of many records, those that are there are read in pages, and new ones are created together.
class ManyTest : public ServerFixture {
 protected:
  ManyTest() {
    server_.largest_page = 1000;
    std::string seats;
    std::string members;
    for (int i = 0; i < kSeats; ++i) {
      const std::string id = absl::StrCat("m", i);
      absl::StrAppend(&members, i ? "," : "", R"({"name": "members/)", id,
                      R"(", "kind": "STATE", "category": "FULL_MEMBER", "regionCode": "AU",
                          "displayName": "M"})");
      absl::StrAppend(&seats, i ? "," : "", R"({"name": "bodies/ahg/seats/)", id,
                      R"(", "member": "members/)", id, R"(", "role": "PARTICIPANT"})");
    }
    data_.Write("membership/members.json", absl::StrCat("[", members, "]"));
    data_.Write("membership/seats.json", absl::StrCat("[", seats, "]"));
    data_.Write("membership/bodies.json",
                R"([{"name": "bodies/ahg", "kind": "FORUM", "displayName": "B"}])");
  }
  size_t Calls(const std::string& method) const {
    return std::count_if(server_.calls.begin(), server_.calls.end(),
                         [&](const SeenCall& call) { return call.method == method; });
  }
  static constexpr int kSeats = 450;
};

TEST_F(ManyTest, AreReadInPagesAndCreatedInBatches) {
  const Ran ran = Do({"import", data_.path()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership/seats.json: 450 created\n"));
  EXPECT_EQ(Calls("BatchCreateSeats"), 3U);
  EXPECT_EQ(Calls("UpdateSeat") + Calls("GetSeat"), 0U);
  EXPECT_EQ(Calls("UpdateMember"), 450U);  // members have no batches
  server_.calls.clear();
  const Ran again = Do({"import", data_.path()});
  EXPECT_THAT(again.out, HasSubstr("membership/seats.json: 450 unchanged\n"));
  EXPECT_LT(server_.calls.size(), 10U);
}

// Two types that alternate in any order that follows the needs of each record alone.
TEST_F(ManyTest, BatchesAreLargeWhereRecordsNeedEachOther) {
  std::string practitioners;
  std::string participations;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&practitioners, i ? "," : "", R"({"name": "practitioners/p)", i,
                    R"(", "member": "members/m1"})");
    absl::StrAppend(&participations, i ? "," : "", R"({"name": "activities/a/participations/p)", i,
                    R"(", "practitioner": "practitioners/p)", i, R"("})");
  }
  data_.Write("capacity/practitioners.json", absl::StrCat("[", practitioners, "]"));
  data_.Write("capacity/participations.json", absl::StrCat("[", participations, "]"));
  data_.Write("capacity/activities.json",
              R"([{"name": "activities/a", "displayName": "A", "kind": "TRAINING",
                   "body": "bodies/ahg"}])");
  const Ran ran = Do({"import", data_.path()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Calls("BatchCreatePractitioners"), 1U);
  EXPECT_EQ(Calls("BatchCreateParticipations"), 1U);
}

TEST_F(ManyTest, OfARefusedBatchEachIsJudgedByItself) {
  server_.before = [](const SeenCall& call) -> absl::Status {
    return call.method == "BatchCreateSeats" ? RuleBroken("seat_overlap", "no", "x")
                                             : absl::OkStatus();
  };
  const Ran ran = Do({"import", data_.path()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership/seats.json: 450 created\n"));
  EXPECT_EQ(Calls("UpdateSeat"), 450U);
}

TEST_F(ManyTest, OnTrialNothingIsWritten) {
  const Ran ran = Do({"import", data_.path(), "--dry_run"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership/seats.json: 450 created (dry run)\n"));
  EXPECT_TRUE(server_.resources.empty());
}

TEST_F(ManyTest, ABrokenImportSaysHowToGoOn) {
  int seats = 0;
  server_.before = [&](const SeenCall& call) -> absl::Status {
    if (call.method != "BatchCreateSeats" || ++seats < 2) return absl::OkStatus();
    return Error(api::v1::Error::ACCESS_DENIED, "no more");
  };
  const Ran ran = Do({"import", data_.path()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("membership/seats.json: 200 created\n"));
  EXPECT_THAT(ran.err, HasSubstr("The same command goes on from here."));
  server_.before = nullptr;
  EXPECT_THAT(Do({"import", data_.path()}).out,
              HasSubstr("membership/seats.json: 250 created, 200 unchanged\n"));
}

}  // namespace
}  // namespace baliprocess::balictl
