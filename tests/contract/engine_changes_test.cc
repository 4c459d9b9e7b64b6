// The change log as an audit trail, and as readers of a lower clearance watch it.

#include "tests/contract/membership_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {
namespace {

using common::v1::Change;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::WatchReader;

// Kind and resource of each change, such as `CREATED bodies/ahg`.
std::vector<std::string> Facts(const std::vector<Change>& changes) {
  std::vector<std::string> facts;
  for (const Change& change : changes) {
    facts.push_back(absl::StrCat(Change::Kind_Name(change.kind()), " ", change.resource()));
  }
  return facts;
}

class ChangesTest : public MembershipTest {
 protected:
  absl::StatusOr<common::v1::ListChangesResponse> List(const std::string& request) {
    return Call<common::v1::ListChangesResponse>("ListChanges", request);
  }
  void SetVisibility(const std::string& body, const char* level) {
    ASSERT_OK(
        Try("UpdateBody", absl::StrCat("body { name: '", body, "' visibility: ", level, " }")));
  }
  // What an observer who watches from the start is told.
  std::vector<Change> Observed() {
    AddBody("end");
    common::v1::WatchChangesRequest request;
    request.set_from_start(true);
    WatchReader reader(*service_, Observer(), request);
    auto changes = reader.ReadThrough("bodies/end");
    if (!changes.empty()) changes.pop_back();
    return changes;
  }
};

TEST_P(ChangesTest, TellsWhatHappened) {
  AddBody("ahg");
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/ahg' mandate: 'x' }"));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/ahg'"));
  ASSERT_OK(Try("UndeleteBody", "name: 'bodies/ahg'"));
  const auto changes = Changes();
  EXPECT_THAT(Facts(changes), ElementsAre("CREATED bodies/ahg", "UPDATED bodies/ahg",
                                          "DELETED bodies/ahg", "UNDELETED bodies/ahg"));
  EXPECT_FALSE(changes[0].has_before());
  for (size_t i = 1; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].before().value(), changes[i - 1].after().value());
  }
  EXPECT_EQ(changes[1].change_time().seconds() - changes[0].change_time().seconds(), 1);
  EXPECT_EQ(changes[2].method(), "baliprocess.membership.v1.MembershipService.DeleteBody");
}

TEST_P(ChangesTest, Filters) {
  AddBody("a");
  clock_.Advance(absl::Hours(24));
  AddState("aus", "AU");
  auth::Caller colleague = Secretariat();
  colleague.subject = "colleague";
  ASSERT_OK(TryAs(colleague, "UpdateBody", "body { name: 'bodies/a' mandate: 'x' }"));
  EXPECT_THAT(Facts(Changes("resource = 'bodies/a'")),
              ElementsAre("CREATED bodies/a", "UPDATED bodies/a"));
  EXPECT_THAT(Facts(Changes("actor = colleague")), ElementsAre("UPDATED bodies/a"));
  EXPECT_THAT(Facts(Changes("kind = CREATED AND type:Member")), ElementsAre("CREATED members/aus"));
  EXPECT_THAT(Facts(Changes("change_time < 2024-05-03")), ElementsAre("CREATED bodies/a"));
  EXPECT_THAT(Facts(Changes("method:UpdateBody")), ElementsAre("UPDATED bodies/a"));
  for (const char* filter : {"before_body:x", "seq > 1", "kind = REMOVED", "epoch = 0"}) {
    EXPECT_THAT(BadFields(List(absl::StrCat("filter: '", filter, "'")).status()),
                ElementsAre("filter"))
        << filter;
  }
}

TEST_P(ChangesTest, PagesInBothDirections) {
  for (const char* id : {"a", "b", "c", "d", "e"}) AddBody(id);
  for (const bool newest_first : {false, true}) {
    const std::string order = newest_first ? "newest_first: true " : "";
    std::vector<Change> seen;
    std::string token;
    do {
      ASSERT_OK_AND_ASSIGN(const auto page,
                           List(absl::StrCat(order, "page_size: 2 page_token: '", token, "'")));
      seen.insert(seen.end(), page.changes().begin(), page.changes().end());
      token = page.next_page_token();
      AddBody(absl::StrCat("late", order.size(), "-", seen.size()));
    } while (!token.empty() && seen.size() < 5);
    std::vector<std::string> first_five(5);
    for (int i = 0; i < 5; ++i) {
      first_five[i] = absl::StrCat("CREATED bodies/", std::string(1, static_cast<char>('a' + i)));
    }
    if (newest_first) {
      EXPECT_EQ(Facts(seen)[0].rfind("CREATED bodies/late0", 0), 0u);
    } else {
      EXPECT_EQ(Facts({seen.begin(), seen.begin() + 5}), first_five);
    }
  }
}

TEST_P(ChangesTest, ATokenIsOfItsQueryAndCaller) {
  AddBody("a");
  AddBody("b");
  ASSERT_OK_AND_ASSIGN(const auto page, List("page_size: 1"));
  const std::string token = absl::StrCat("page_token: '", page.next_page_token(), "' ");
  EXPECT_OK(List(token));
  EXPECT_THAT(List(token + "newest_first: true").status(),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(List(token + "filter: 'actor = x'").status(),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(TryAs(Operator(), "ListChanges", token),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(List(absl::StrCat("page_token: '", page.changes(0).resume_token(), "'")).status(),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST_P(ChangesTest, AWatcherIsToldWhenSomethingIsHidden) {
  AddBody("a");
  WatchReader watching(*service_, Observer());
  SetVisibility("bodies/a", "RESTRICTED");
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/a' mandate: 'secret' }"));
  AddBody("b");
  const auto changes = watching.ReadThrough("bodies/b");
  EXPECT_THAT(Facts(changes), ElementsAre("HIDDEN bodies/a", "CREATED bodies/b"));
  EXPECT_FALSE(changes[0].has_before());
  EXPECT_FALSE(changes[0].has_after());
  EXPECT_EQ(changes[0].actor(), "");
  EXPECT_EQ(changes[0].method(), "");
  // Its earlier, public versions are hidden now, too.
  EXPECT_THAT(Facts(Observed()), ElementsAre("HIDDEN bodies/a", "CREATED bodies/b"));

  SetVisibility("bodies/a", "PUBLIC");
  AddBody("c");
  const auto back = watching.ReadThrough("bodies/c");
  EXPECT_THAT(Facts(back),
              ElementsAre("CREATED bodies/end", "UPDATED bodies/a", "CREATED bodies/c"));
  EXPECT_FALSE(back[1].has_before());  // it was restricted
  EXPECT_TRUE(back[1].has_after());
}

TEST_P(ChangesTest, WhatWasNeverVisibleIsNeverTold) {
  AddState("aus", "AU");
  ASSERT_OK(Try("CreateBody", R"(body_id: 'secret'
      body { kind: TASK_FORCE display_name: 'x' visibility: RESTRICTED })"));
  ASSERT_OK(TryAddSeat("bodies/secret", "members/aus", v1::Seat::PARTICIPANT));
  const auto seats = Call<v1::ListSeatsResponse>("ListSeats", "parent: 'bodies/secret'");
  ASSERT_OK(seats);
  const std::string seat = seats->seats(0).name();
  ASSERT_OK(Try("UpdateSeat", absl::StrCat("seat { name: '", seat, "' basis: 'Decision' }")));
  ASSERT_OK(Try("UpdateSeat", absl::StrCat("seat { name: '", seat, "' visibility: RESTRICTED }")));
  ASSERT_OK(Try("DeleteSeat", absl::StrCat("name: '", seat, "'")));
  EXPECT_THAT(Facts(Observed()), ElementsAre("CREATED members/aus"));
}

TEST_P(ChangesTest, BelowAHiddenParentNothingIsTold) {
  AddState("aus", "AU");
  AddBody("a");
  ASSERT_OK(Try("CreateSeat", R"(parent: 'bodies/a' seat_id: 's'
      seat { member: 'members/aus' role: PARTICIPANT })"));
  SetVisibility("bodies/a", "RESTRICTED");
  ASSERT_OK(Try("UpdateSeat", "seat { name: 'bodies/a/seats/s' basis: 'Decision' }"));
  EXPECT_THAT(Facts(Observed()), ElementsAre("CREATED members/aus", "HIDDEN bodies/a"));
}

TEST_P(ChangesTest, RestrictedFieldsAreLeftOut) {
  AddOfficial("one", "Official One");
  ASSERT_OK(Try("UpdateOfficial",
                "official { name: 'officials/one' contact { phone: '+61261234567' } }"));
  const auto observed = Observed();
  ASSERT_THAT(observed, SizeIs(2));
  v1::Official before, after;
  ASSERT_TRUE(observed[1].before().UnpackTo(&before));
  ASSERT_TRUE(observed[1].after().UnpackTo(&after));
  EXPECT_EQ(after.display_name(), "Official One");
  EXPECT_FALSE(before.has_contact());
  EXPECT_FALSE(after.has_contact());
  const auto full = Changes("type:Official");
  ASSERT_TRUE(full[1].after().UnpackTo(&after));
  EXPECT_EQ(after.contact().phone(), "+61261234567");
}

INSTANTIATE_ON_ENGINES(ChangesTest);

}  // namespace
}  // namespace baliprocess::membership
