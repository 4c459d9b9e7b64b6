// What was recorded by mistake is put right: dissolutions, names that were used up; and membership
// over time.

#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/upkeep.pb.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CorrectionsTest : public MembershipTest {
 protected:
  void SetUp() override {
    AddBody("ahg");
    AddState("aus", "AU");
    AddState("idn", "ID");
  }
  absl::Status AddSeat(const std::string& id, const std::string& fields) {
    return Try("CreateSeat", absl::StrCat("parent: 'bodies/ahg' seat_id: '", id,
                                          "' seat { role: PARTICIPANT ", fields, " }"));
  }
  std::string EndOf(const std::string& seat) {
    const auto found = Call<v1::Seat>("GetSeat", "name: 'bodies/ahg/seats/" + seat + "'");
    EXPECT_OK(found);
    return found->term().has_end_date() ? FormatDate(found->term().end_date()) : "";
  }
};
INSTANTIATE_ON_ENGINES(CorrectionsTest);

TEST_P(CorrectionsTest, ADissolutionIsTakenBackWithWhatItEnded) {
  ASSERT_OK(AddSeat("open", "member: 'members/aus' term { start_date { year: 2010 } }"));
  ASSERT_OK(AddSeat("later",
                    "member: 'members/idn' term { start_date { year: 2005 } "
                    "end_date { year: 2030 } }"));
  ASSERT_OK(AddSeat("over", "member: 'members/idn' term { end_date { year: 2004 } }"));
  ASSERT_OK(Try("DissolveBody", "name: 'bodies/ahg' end_date { year: 2024 month: 3 }"));
  EXPECT_EQ(EndOf("open"), "2024-03");
  EXPECT_EQ(EndOf("later"), "2024-03");
  EXPECT_THAT(BadFields(Try("RestoreBody", "name: 'bodies/ahg'")), ElementsAre("reason"));
  ASSERT_OK_AND_ASSIGN(const auto body,
                       Call<v1::Body>("RestoreBody", "name: 'bodies/ahg' reason: 'Another body'"));
  EXPECT_FALSE(body.term().has_end_date());
  EXPECT_FALSE(body.has_dissolution());
  EXPECT_EQ(EndOf("open"), "");
  EXPECT_EQ(EndOf("later"), "2030");
  EXPECT_EQ(EndOf("over"), "2004");
  const auto changes = Changes("resource = \"bodies/ahg\"");
  EXPECT_EQ(changes.back().reason(), "Another body");
  EXPECT_EQ(MetadataOf(Try("RestoreBody", "name: 'bodies/ahg' reason: 'x'"), "state"),
            "not_dissolved");
}

TEST_P(CorrectionsTest, WhatChangedSinceADissolutionStays) {
  ASSERT_OK(AddSeat("open", "member: 'members/aus'"));
  ASSERT_OK(AddSeat("gone", "member: 'members/idn'"));
  ASSERT_OK(Try("DissolveBody", "name: 'bodies/ahg' end_date { year: 2024 month: 3 }"));
  ASSERT_OK(
      Try("UpdateSeat", "seat { name: 'bodies/ahg/seats/open' term { end_date { year: 2023 } } }"));
  ASSERT_OK(Try("DeleteSeat", "name: 'bodies/ahg/seats/gone'"));
  ASSERT_OK(Try("RestoreBody", "name: 'bodies/ahg' reason: 'x'"));
  EXPECT_EQ(EndOf("open"), "2023");
}

TEST_P(CorrectionsTest, APurgedNameIsFreeAndItsHistoryTellsWhoAndWhen) {
  ASSERT_OK(AddSeat("one", "member: 'members/aus' basis: 'A secret basis'"));
  EXPECT_EQ(MetadataOf(Try("PurgeDeleted", "name: 'bodies/ahg/seats/one' reason: 'x'"), "state"),
            "live");
  ASSERT_OK(Try("DeleteSeat", "name: 'bodies/ahg/seats/one'"));
  EXPECT_THAT(BadFields(Try("PurgeDeleted", "name: 'bodies/ahg/seats/one'")),
              ElementsAre("reason"));
  EXPECT_THAT(Try("PurgeDeleted", "name: 'bodies/ahg/seats/one' reason: 'x' etag: 'old'"),
              HasReason(api::v1::Error::ETAG_MISMATCH));
  ASSERT_OK(Try("PurgeDeleted", "name: 'bodies/ahg/seats/one' reason: 'x' validate_only: true"));
  ASSERT_OK(Try("PurgeDeleted", "name: 'bodies/ahg/seats/one' reason: 'By mistake'"));
  const auto changes = Changes("resource = \"bodies/ahg/seats/one\"");
  ASSERT_THAT(changes, SizeIs(3));
  for (const auto& change : changes) {
    EXPECT_FALSE(change.has_before());
    EXPECT_FALSE(change.has_after());
    EXPECT_EQ(change.actor(), "secretary");
  }
  EXPECT_EQ(changes[2].kind(), common::v1::Change::PURGED);
  EXPECT_EQ(changes[2].reason(), "By mistake");
  EXPECT_THAT(Try("UndeleteSeat", "name: 'bodies/ahg/seats/one'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_OK(AddSeat("one", "member: 'members/idn'"));
}

TEST_P(CorrectionsTest, WhatIsBelowIsPurgedFirst) {
  ASSERT_OK(AddSeat("one", "member: 'members/aus'"));
  ASSERT_OK(Try("DeleteSeat", "name: 'bodies/ahg/seats/one'"));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/ahg'"));
  const absl::Status below = Try("PurgeDeleted", "name: 'bodies/ahg' reason: 'x'");
  EXPECT_THAT(below, HasReason(api::v1::Error::STILL_REFERENCED));
  EXPECT_EQ(MetadataOf(below, "referrer"), "bodies/ahg/seats/one");
  ASSERT_OK(Try("PurgeDeleted", "name: 'bodies/ahg/seats/one' reason: 'x'"));
  EXPECT_OK(Try("PurgeDeleted", "name: 'bodies/ahg' reason: 'x'"));
}

// An official is erased as a whole, or not at all: neither the record nor its history by its name.
TEST_P(CorrectionsTest, ANameThatIsAnOfficialsStays) {
  AddOfficial("one", "Somebody");
  ASSERT_OK_AND_ASSIGN(const auto erased, Call<common::v1::EraseNamesResponse>(
                                              "EraseNames", "display_name: 'Somebody'"));
  EXPECT_THAT(erased.resources(), IsEmpty());
  v1::Official created;
  ASSERT_TRUE(Changes("resource = \"officials/one\"")[0].after().UnpackTo(&created));
  EXPECT_EQ(created.display_name(), "Somebody");
}

TEST_P(CorrectionsTest, ARosterTellsWhoCameAndWhoWent) {
  ASSERT_OK(AddSeat("stays", "member: 'members/aus' term { start_date { year: 2002 } }"));
  ASSERT_OK(AddSeat("goes",
                    "member: 'members/idn' term { start_date { year: 2002 } "
                    "end_date { year: 2020 month: 6 } }"));
  ASSERT_OK(AddSeat("comes", "member: 'members/idn' term { start_date { year: 2020 month: 7 } }"));
  ASSERT_OK(AddSeat("before", "member: 'members/idn' term { end_date { year: 2001 } }"));
  ASSERT_OK_AND_ASSIGN(const auto roster,
                       Call<v1::Roster>("GetRoster",
                                        "body: 'bodies/ahg' period { start_date { year: 2020 } "
                                        "end_date { year: 2020 month: 7 } }"));
  std::vector<std::string> told;
  for (const auto& entry : roster.entries()) {
    told.push_back(absl::StrCat(entry.seat().substr(17), " ",
                                common::v1::Truth::Value_Name(entry.came()), " ",
                                common::v1::Truth::Value_Name(entry.went())));
  }
  EXPECT_THAT(told, ElementsAre("stays NO NO", "goes NO YES", "comes YES NO"));
  EXPECT_THAT(BadFields(Try("GetRoster", "body: 'bodies/ahg' period { start_date { year: 2 } }")),
              ElementsAre("period"));
}

TEST_P(CorrectionsTest, StandingsFollowEachOther) {
  const auto update = [&](const std::string& fields) {
    return Try("UpdateMember", absl::StrCat("member { name: 'members/aus' ", fields,
                                            " } update_mask { paths: 'earlier_standings' "
                                            "paths: 'term' paths: 'withdrawal_basis' }"));
  };
  const std::string observer = "earlier_standings { category: OBSERVER term { ";
  EXPECT_OK(update(observer + "end_date { year: 2020 } } } term { start_date { year: 2021 } }"));
  EXPECT_THAT(BadFields(update(observer + "end_date { year: 2020 } } }")),
              ElementsAre("member.term.start_date"));
  EXPECT_THAT(BadFields(update(observer + "} } term { start_date { year: 2021 } }")),
              ElementsAre("member.earlier_standings[0].term.end_date"));
  EXPECT_THAT(BadFields(update(observer + "end_date { year: 2022 } } } "
                                          "term { start_date { year: 2021 } }")),
              ElementsAre("member.earlier_standings[0].term.end_date"));
  EXPECT_THAT(BadFields(update("withdrawal_basis: 'A letter'")),
              ElementsAre("member.withdrawal_basis"));
}

TEST_P(CorrectionsTest, EachSchemeIdentifiesOnce) {
  const auto update = [&](const std::string& identifiers) {
    return Try("UpdateBody", absl::StrCat("body { name: 'bodies/ahg' ", identifiers, " }"));
  };
  EXPECT_OK(
      update("external_identifiers { scheme: 'IATI' value: 'XM-DAC-1' } "
             "external_identifiers { scheme: 'ROR' value: 'x' }"));
  EXPECT_THAT(BadFields(update("external_identifiers { scheme: 'IATI' value: 'a' } "
                               "external_identifiers { scheme: 'IATI' value: 'b' }")),
              ElementsAre("body.external_identifiers[1]"));
  EXPECT_THAT(BadFields(update("external_identifiers { scheme: 'IATI' }")),
              ElementsAre("body.external_identifiers[0].value"));
}

}  // namespace
}  // namespace baliprocess::membership
