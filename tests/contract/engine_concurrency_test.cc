// Many callers at once: no update is lost, and rules hold.

#include <atomic>

#include "tests/contract/membership_fixture.h"
#include "tests/contract/threads.h"

namespace baliprocess::membership {
namespace {

using ::testing::AnyOf;
using testing::HasReason;
using testing::InParallel;
using ::testing::SizeIs;

class ConcurrencyTest : public MembershipTest {
 protected:
  // Runs a mutation until it isn't told to try again, as clients do.
  absl::Status Persist(const std::function<absl::Status()>& mutate) {
    while (true) {
      const absl::Status status = mutate();
      if (ReasonOf(status) != api::v1::Error::CONFLICT) return status;
    }
  }
};

TEST_P(ConcurrencyTest, SixtyFourCallersLoseNoUpdate) {
  AddBody("ahg");
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/ahg' short_name: '0' }"));
  constexpr int kCallers = 64;
  constexpr int kEach = 3;
  std::atomic<int> refused = 0;
  InParallel(kCallers, [&](int) {
    for (int done = 0; done < kEach;) {
      const auto body = GetBody(Secretariat(), "bodies/ahg");
      ASSERT_OK(body);
      const absl::Status status = Try(
          "UpdateBody", absl::StrCat("body { name: 'bodies/ahg' etag: '", body->etag(),
                                     "' short_name: '", std::stoi(body->short_name()) + 1, "' }"));
      if (status.ok()) {
        ++done;
        continue;
      }
      ASSERT_THAT(status, AnyOf(HasReason(api::v1::Error::ETAG_MISMATCH),
                                HasReason(api::v1::Error::CONFLICT)));
      ++refused;
    }
  });
  ASSERT_OK_AND_ASSIGN(const v1::Body body, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(body.short_name(), absl::StrCat(kCallers * kEach));
  EXPECT_THAT(Changes("kind = UPDATED"), SizeIs(kCallers * kEach + 1));
  EXPECT_GT(refused, 0);  // or nothing met
}

TEST_P(ConcurrencyTest, OneOfOverlappingSeatsWins) {
  AddState("aus", "AU");
  AddBody("ahg");
  std::atomic<int> won = 0;
  InParallel(16, [&](int i) {
    const absl::Status status = Persist([&] {
      return TryAddSeat("bodies/ahg", "members/aus", v1::Seat::PARTICIPANT,
                        absl::StrCat(2000 + i, "-01-01"))
          .status();
    });
    if (status.ok()) return void(++won);
    EXPECT_THAT(status, HasReason(api::v1::Error::RULE_BROKEN));
    EXPECT_EQ(MetadataOf(status, "rule"), "seat_overlap");
  });
  EXPECT_EQ(won, 1);
}

TEST_P(ConcurrencyTest, ChairsStayWithinTheLimit) {
  const std::vector<std::pair<const char*, const char*>> states = {
      {"aus", "AU"}, {"idn", "ID"}, {"mys", "MY"}, {"tha", "TH"},
      {"nzl", "NZ"}, {"phl", "PH"}, {"lka", "LK"}, {"ind", "IN"}};
  for (const auto& [alpha_3, alpha_2] : states) AddState(alpha_3, alpha_2);
  AddBody("ahg", 3);
  std::atomic<int> won = 0;
  InParallel(8, [&](int i) {
    const absl::Status status = Persist([&] {
      return TryAddSeat("bodies/ahg", absl::StrCat("members/", states[i].first), v1::Seat::CHAIR)
          .status();
    });
    if (status.ok()) return void(++won);
    EXPECT_EQ(MetadataOf(status, "rule"), "too_many_chairs") << status;
  });
  EXPECT_EQ(won, 3);
}

TEST_P(ConcurrencyTest, OneCreateOfANameWins) {
  std::atomic<int> won = 0;
  InParallel(16, [&](int i) {
    const absl::Status status = Persist([&] {
      return Try("CreateBody", absl::StrCat("body_id: 'ahg' body { kind: TASK_FORCE ",
                                            "display_name: 'By ", i, "' }"));
    });
    if (status.ok()) return void(++won);
    EXPECT_THAT(status, HasReason(api::v1::Error::RESOURCE_EXISTS));
  });
  EXPECT_EQ(won, 1);
  EXPECT_THAT(Changes(), SizeIs(1));
}

TEST_P(ConcurrencyTest, NothingRefersToWhatIsDeletedMeanwhile) {
  AddState("aus", "AU");
  for (int round = 0; round < 5; ++round) {
    const std::string body = AddBody(absl::StrCat("b", round)).name();
    absl::Status deleted, seated;
    InParallel(2, [&](int i) {
      (i == 0 ? deleted : seated) = Persist([&] {
        return i == 0 ? Try("DeleteBody", absl::StrCat("name: '", body, "'"))
                      : TryAddSeat(body, "members/aus", v1::Seat::PARTICIPANT).status();
      });
    });
    EXPECT_NE(deleted.ok(), seated.ok()) << deleted << " " << seated;
  }
}

TEST_P(ConcurrencyTest, NoCycleIsMadeByTwo) {
  for (int round = 0; round < 5; ++round) {
    const std::string a = AddBody(absl::StrCat("a", round)).name();
    const std::string b = AddBody(absl::StrCat("b", round)).name();
    std::atomic<int> won = 0;
    InParallel(2, [&](int i) {
      const absl::Status status = Persist([&] {
        return Try("UpdateBody", absl::StrCat("body { name: '", i == 0 ? a : b, "' parent_body: '",
                                              i == 0 ? b : a, "' }"));
      });
      if (status.ok()) ++won;
    });
    EXPECT_EQ(won, 1);
  }
}

TEST_P(ConcurrencyTest, ACallerReadsWhatItWrote) {
  InParallel(8, [&](int i) {
    for (int n = 0; n < 5; ++n) {
      const std::string id = absl::StrCat("b", i, "-", n);
      ASSERT_OK(Persist([&] {
        return Try("CreateBody",
                   absl::StrCat("body_id: '", id, "' body { kind: TASK_FORCE display_name: 'x' }"));
      }));
      ASSERT_OK(GetBody(Secretariat(), "bodies/" + id));
    }
  });
}

INSTANTIATE_ON_ENGINES(ConcurrencyTest);

}  // namespace
}  // namespace baliprocess::membership
