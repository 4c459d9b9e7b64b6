// Practitioners: found again, merged and unmerged without losing a record; participations and
// secondments, which are of persons.

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "services/capacity/identity/identity.h"
#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Practitioner;
using v1::ReportedFigure;

class PractitionersTest : public CapacityTest {
 protected:
  Practitioner Get(const std::string& id) {
    const auto found =
        Call<Practitioner>("GetPractitioner", absl::StrCat("name: 'practitioners/", id, "'"));
    EXPECT_OK(found);
    return found.value_or(Practitioner());
  }
  // One that is brought from an export.
  void AddRecorded(const std::string& id, const std::string& fields) {
    EXPECT_OK(Try("CreatePractitioner",
                  absl::StrCat("practitioner_id: '", id, "' practitioner { member: 'members/aus' ",
                               fields, " } as_recorded: true")));
  }
  // The groups of names that may be the same person.
  std::vector<std::vector<std::string>> Duplicates(const std::string& request = "") {
    const auto found =
        Call<v1::FindDuplicatePractitionersResponse>("FindDuplicatePractitioners", request);
    EXPECT_OK(found);
    std::vector<std::vector<std::string>> groups;
    if (!found.ok()) return groups;
    for (const auto& group : found->groups()) {
      groups.emplace_back();
      for (const auto& one : group.practitioners()) groups.back().push_back(one.name());
    }
    return groups;
  }
  absl::Status TrySecond(const std::string& id, const std::string& practitioner,
                         const std::string& start, const std::string& end,
                         const std::string& more = "") {
    return TryAdd("Secondment", "secondment", id,
                  absl::StrCat("programme: 'programmes/s' host_body: 'bodies/rso' practitioner: "
                               "'practitioners/",
                               practitioner, "' term { ", PeriodText(start, end), " } ", more));
  }
  int64_t Trained() { return Computed(ReportedFigure::PRACTITIONERS_TRAINED, "2023"); }
};
INSTANTIATE_ON_ENGINES(PractitionersTest);

constexpr char kAn[] =
    "identity { full_name: 'Tr\xe1\xba\xa7n V\xc4\x83n An' "
    "birth_date { year: 1980 month: 2 day: 3 } email: 'an@example.org' }";

TEST_P(PractitionersTest, WhatIdentifiesAPersonIsHashedAndForgotten) {
  AddPractitioner("a", "members/aus", kAn);
  const Practitioner kept = Get("a");
  EXPECT_FALSE(kept.has_identity());
  // Of two forms of the name, with the member and with the year, and of the address.
  EXPECT_THAT(kept.identity_hashes(), SizeIs(5));
  for (const auto& change : Changes()) {
    EXPECT_FALSE(absl::StrContains(change.SerializeAsString(), "an@example"));
    EXPECT_FALSE(absl::StrContains(change.SerializeAsString(), "1980"));
  }
  EXPECT_THAT(BadFields(TryAdd("Practitioner", "practitioner", "b",
                               "member: 'members/aus' identity { full_name: '--' }")),
              ElementsAre("practitioner.identity.full_name"));
}

TEST_P(PractitionersTest, ANameThatIsTooLongWrittenOutIsRefused) {
  std::string name;
  for (int i = 0; i < 290; ++i) name += "\xef\xb7\xba";
  EXPECT_THAT(
      BadFields(TryAdd("Practitioner", "practitioner", "a",
                       absl::StrCat("member: 'members/aus' identity { full_name: '", name, "' }"))),
      ElementsAre("practitioner.identity.full_name"));
}

// What it would be in Unicode is told by no hash of it.
TEST_P(PractitionersTest, ANameInZawgyiIsRefused) {
  const absl::Status status =
      TryAdd("Practitioner", "practitioner", "a",
             "member: 'members/aus' identity { full_name: '\u1031\u1000\u103a\u102c\u1039' }");
  EXPECT_THAT(BadFields(status), ElementsAre("practitioner.identity.full_name"));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("Zawgyi"));
  AddPractitioner("a", "members/aus", "identity { full_name: '\u1000\u103b\u1031\u102c\u103a' }");
}

// As an export from before has them, with the key of a file that both services have.
TEST_P(PractitionersTest, HashesOfTheFirstFormAreFoundAndRenewed) {
  AddPractitioner("new", "members/aus", kAn);
  std::vector<std::string> first_form;
  const Practitioner entered = Get("new");
  for (const std::string& hash : entered.identity_hashes()) {
    if (!absl::StartsWith(hash, "2.")) first_form.push_back(hash);
  }
  ASSERT_THAT(first_form, SizeIs(3));
  AddRecorded("old", absl::StrCat("identity_hashes: '", first_form[0], "' identity_hashes: '",
                                  first_form[1], "'"));
  EXPECT_THAT(Duplicates(), ElementsAre(ElementsAre("practitioners/new", "practitioners/old")));
  ASSERT_OK(Try("UpdatePractitioner",
                absl::StrCat("practitioner { name: 'practitioners/old' ", kAn, " }")));
  const Practitioner renewed = Get("old");
  EXPECT_THAT(renewed.identity_hashes(), ::testing::ElementsAreArray(entered.identity_hashes()));
}

// By the second form alone: the first has them apart.
TEST_P(PractitionersTest, ANameInAnotherOrderOfMarksIsFound) {
  AddPractitioner("a", "members/aus", "identity { full_name: '\u179f\u17bb\u1781\u200b\u179f' }");
  AddPractitioner("b", "members/aus", "identity { full_name: '\u179f\u17bb\u1781\u179f' }");
  EXPECT_THAT(Duplicates(), ElementsAre(ElementsAre("practitioners/a", "practitioners/b")));
}

TEST(IdentityTest, HashesAreOfTheKey) {
  Practitioner::Identity identity;
  identity.set_full_name("Somebody");
  EXPECT_EQ(HashesOf(identity, "members/aus", {"key"}), HashesOf(identity, "members/aus", {"key"}));
  EXPECT_NE(HashesOf(identity, "members/aus", {"key"}),
            HashesOf(identity, "members/aus", {"other"}));
}

// Whoever has its hash can try out what it was made of.
TEST_P(PractitionersTest, ARepeatedRequestIsKnownWithoutWhatIdentifies) {
  const std::string request =
      "request_id: '01234567-89ab-4def-8123-456789abcdef' practitioner_id: 'a' ";
  const auto first = Call<Practitioner>(
      "CreatePractitioner",
      request + "practitioner { member: 'members/aus' identity { full_name: 'One' } }");
  ASSERT_OK(first);
  const auto again = Call<Practitioner>(
      "CreatePractitioner",
      request + "practitioner { member: 'members/aus' identity { full_name: 'Two' } }");
  ASSERT_OK(again);
  EXPECT_EQ(again->etag(), first->etag());
  EXPECT_THAT(Try("CreatePractitioner", request + "practitioner { member: 'members/idn' }"),
              HasReason(api::v1::Error::REQUEST_ID_REUSED));
}

TEST_P(PractitionersTest, RecordsOfPersonsStayRestricted) {
  EXPECT_THAT(BadFields(TryAdd("Practitioner", "practitioner", "a",
                               "member: 'members/aus' visibility: MEMBERS")),
              ElementsAre("practitioner.visibility"));
  AddWorkshop("w", "2023");
  AddPractitioner("a");
  EXPECT_THAT(BadFields(TryAttend("w", "a", "visibility: PUBLIC")),
              ElementsAre("participation.visibility"));
  Add("Programme", "programme", "s", "body: 'bodies/rso' display_name: 'Secondments'");
  EXPECT_THAT(BadFields(TrySecond("x", "a", "2024-01-01", "2024-03-31", "visibility: PUBLIC")),
              ElementsAre("secondment.visibility"));
}

TEST_P(PractitionersTest, TheSamePersonEnteredTwiceIsFound) {
  AddPractitioner("a", "members/aus", kAn);
  AddPractitioner("b", "members/idn",
                  "identity { full_name: 'AN  tran-van' "
                  "birth_date { year: 1980 month: 2 day: 3 } }");
  AddPractitioner("c", "members/nzl", "identity { full_name: 'Somebody' email: 'AN@example.org' }");
  AddPractitioner("d", "members/nzl", "identity { full_name: 'Somebody Else' }");
  AddPractitioner("e", "members/nzl", "identity { full_name: 'ELSE Somebody' }");
  AddPractitioner("f", "members/aus", "identity { full_name: 'Somebody Else' }");
  AddPractitioner("g", "members/aus");
  EXPECT_THAT(Duplicates(),
              ElementsAre(ElementsAre("practitioners/a", "practitioners/b", "practitioners/c"),
                          ElementsAre("practitioners/d", "practitioners/e")));
  EXPECT_THAT(Duplicates("practitioner: 'practitioners/e'"),
              ElementsAre(ElementsAre("practitioners/d", "practitioners/e")));
  EXPECT_THAT(Duplicates("practitioner: 'practitioners/f'"), IsEmpty());
  // By page.
  const auto page =
      Call<v1::FindDuplicatePractitionersResponse>("FindDuplicatePractitioners", "page_size: 1");
  ASSERT_OK(page);
  EXPECT_THAT(page->groups(), SizeIs(1));
  EXPECT_THAT(Duplicates(absl::StrCat("page_token: '", page->next_page_token(), "'")),
              ElementsAre(ElementsAre("practitioners/d", "practitioners/e")));
  EXPECT_THAT(Try("FindDuplicatePractitioners",
                  absl::StrCat("practitioner: 'practitioners/a' page_token: '",
                               page->next_page_token(), "'")),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  // What was merged still tells who its person is.
  ASSERT_OK(Merge("a", "d"));
  EXPECT_THAT(Duplicates(), ElementsAre(ElementsAre("practitioners/b", "practitioners/c",
                                                    "practitioners/d", "practitioners/e")));
}

TEST_P(PractitionersTest, MergedNamesLeadOnAndCountsFollow) {
  AddWorkshop("w", "2023-03-01");
  for (const char* id : {"a", "b", "c"}) AddPractitioner(id);
  for (const char* id : {"a", "b", "c"}) ASSERT_OK(TryAttend("w", id));
  AddWorkshop("without-b", "2022-06-01");
  for (const char* id : {"a", "c"}) ASSERT_OK(TryAttend("without-b", id));
  EXPECT_EQ(Trained(), 3);
  ASSERT_OK(Merge("a", "b"));
  EXPECT_EQ(Get("a").name(), "practitioners/b");
  EXPECT_EQ(Trained(), 2);
  ASSERT_OK(Merge("b", "c"));
  EXPECT_EQ(Get("a").name(), "practitioners/c");
  EXPECT_EQ(Trained(), 1);
  // A merge in the middle of a chain is taken back with what was merged before it.
  ASSERT_OK(Unmerge("b"));
  EXPECT_EQ(Get("a").name(), "practitioners/b");
  EXPECT_EQ(Trained(), 2);
  EXPECT_EQ(Computed(ReportedFigure::PRACTITIONERS_TRAINED, "2022"), 2);  // a counts as b, not as c
  ASSERT_OK(Unmerge("a"));
  EXPECT_EQ(Get("a").name(), "practitioners/a");
  EXPECT_EQ(Trained(), 3);
}

TEST_P(PractitionersTest, MergesNeverLeadBack) {
  for (const char* id : {"a", "b", "c"}) AddPractitioner(id);
  EXPECT_THAT(BadFields(Merge("a", "a")), ElementsAre("into"));
  ASSERT_OK(Merge("a", "b"));
  EXPECT_EQ(MetadataOf(Merge("b", "a"), "state"), "MERGED");
  EXPECT_EQ(MetadataOf(Merge("a", "c"), "state"), "MERGED");
  EXPECT_EQ(MetadataOf(Unmerge("b"), "state"), "STANDING");
  EXPECT_THAT(Merge("c", "none"), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_EQ(
      MetadataOf(Try("UpdatePractitioner", "practitioner { name: 'practitioners/a' agency: 'x' }"),
                 "state"),
      "MERGED");
  EXPECT_THAT(Try("DeletePractitioner", "name: 'practitioners/b'"),
              HasReason(api::v1::Error::STILL_REFERENCED));
}

TEST_P(PractitionersTest, WhoComesBackFollowsTheMergesSince) {
  for (const char* id : {"a", "b", "c"}) AddPractitioner(id);
  ASSERT_OK(Merge("a", "b"));
  ASSERT_OK(Try("DeletePractitioner", "name: 'practitioners/a'"));
  ASSERT_OK(Merge("b", "c"));
  EXPECT_EQ(Get("a").name(), "practitioners/c");
  ASSERT_OK(Try("UndeletePractitioner", "name: 'practitioners/a'"));
  EXPECT_EQ(Get("a").name(), "practitioners/c");
  // As an export is read back.
  AddRecorded("d", "merged_into: 'practitioners/a'");
  EXPECT_EQ(Get("d").name(), "practitioners/c");
}

TEST_P(PractitionersTest, ErasureLeavesTheRecordAndItsCounts) {
  AddWorkshop("w", "2023");
  AddPractitioner("a", "members/aus", kAn);
  ASSERT_OK(TryAttend("w", "a"));
  const std::string hash = Get("a").identity_hashes(0);
  ASSERT_OK(Try("ErasePractitioner", "name: 'practitioners/a'"));
  EXPECT_THAT(Get("a").identity_hashes(), IsEmpty());
  EXPECT_EQ(Trained(), 1);
  for (const auto& change : Changes()) {
    EXPECT_FALSE(absl::StrContains(change.SerializeAsString(), hash));
  }
  EXPECT_EQ(MetadataOf(Try("ErasePractitioner", "name: 'practitioners/a'"), "state"), "erased");
  EXPECT_THAT(BadFields(Try("UpdatePractitioner",
                            absl::StrCat("practitioner { name: 'practitioners/a' ", kAn, " }"))),
              ElementsAre("practitioner.erase_time"));
}

TEST_P(PractitionersTest, ErasureReachesAllRecordsOfAPerson) {
  AddPractitioner("a", "members/aus", kAn);
  AddPractitioner("b", "members/idn", kAn);
  AddPractitioner("other", "members/idn", "identity { full_name: 'Somebody' }");
  ASSERT_OK(Merge("a", "b"));
  ASSERT_OK(Try("DeletePractitioner", "name: 'practitioners/a'"));
  ASSERT_OK(Try("ErasePractitioner", "name: 'practitioners/b'"));
  ASSERT_OK(Try("UndeletePractitioner", "name: 'practitioners/a'"));
  const auto all = Call<v1::ListPractitionersResponse>("ListPractitioners", "");
  ASSERT_OK(all);
  ASSERT_THAT(all->practitioners(), SizeIs(3));
  EXPECT_THAT(all->practitioners(0).identity_hashes(), IsEmpty());
  EXPECT_TRUE(all->practitioners(0).has_erase_time());
  EXPECT_THAT(all->practitioners(1).identity_hashes(), IsEmpty());
  EXPECT_THAT(all->practitioners(2).identity_hashes(), SizeIs(2));
}

// Merges don't change what is deleted: it names who stood for it then.
TEST_P(PractitionersTest, ErasureReachesWhatWasDeletedBeforeItsPersonWasMerged) {
  AddPractitioner("a", "members/aus", kAn);
  const std::string hash = Get("a").identity_hashes(0);
  for (const char* id : {"b", "c"}) AddPractitioner(id, "members/idn", kAn);
  ASSERT_OK(Merge("a", "b"));
  ASSERT_OK(Try("DeletePractitioner", "name: 'practitioners/a'"));
  ASSERT_OK(Merge("b", "c"));
  ASSERT_OK(Try("ErasePractitioner", "name: 'practitioners/c'"));
  for (const auto& change : Changes()) {
    EXPECT_FALSE(absl::StrContains(change.SerializeAsString(), hash));
  }
  ASSERT_OK(Try("UndeletePractitioner", "name: 'practitioners/a'"));
  const auto all = Call<v1::ListPractitionersResponse>("ListPractitioners", "");
  ASSERT_OK(all);
  ASSERT_THAT(all->practitioners(), SizeIs(3));
  for (const Practitioner& one : all->practitioners()) {
    EXPECT_THAT(one.identity_hashes(), IsEmpty()) << one.name();
    EXPECT_TRUE(one.has_erase_time()) << one.name();
  }
}

TEST_P(PractitionersTest, ParticipationsKeepWhoSentThePerson) {
  AddWorkshop("w", "2023");
  AddPractitioner("a", "members/aus", "agency: 'Border Force'");
  ASSERT_OK(TryAttend("w", "a"));
  ASSERT_OK(Try("UpdatePractitioner",
                "practitioner { name: 'practitioners/a' member: 'members/iom' agency: 'IOM' }"));
  const auto kept =
      Call<v1::Participation>("GetParticipation", "name: 'activities/w/participations/a'");
  ASSERT_OK(kept);
  EXPECT_EQ(kept->member(), "members/aus");
  EXPECT_EQ(kept->agency(), "Border Force");
  EXPECT_EQ(kept->role(), v1::Participation::TRAINEE);
  EXPECT_EQ(kept->attendance(), v1::Participation::ATTENDED);
  EXPECT_TRUE(kept->from_state());
  AddWorkshop("v", "2023");
  ASSERT_OK(TryAttend("v", "a"));
  EXPECT_EQ(Computed(ReportedFigure::MEMBER_STATES_REACHED, "2023"), 1);
  ASSERT_OK(Try("UpdateParticipation",
                "participation { name: 'activities/v/participations/a' "
                "member: 'members/idn' }"));
  EXPECT_EQ(Computed(ReportedFigure::MEMBER_STATES_REACHED, "2023"), 2);
}

TEST_P(PractitionersTest, APractitionerTakesPartOnce) {
  AddWorkshop("w", "2023");
  AddPractitioner("a");
  AddPractitioner("b");
  ASSERT_OK(TryAttend("w", "a"));
  EXPECT_EQ(RuleOf(TryAdd("Participation", "participation", "again",
                          "practitioner: 'practitioners/a'", "activities/w")),
            "takes_part_already");
}

// As an import finds them: merged already, and a list with both.
TEST_P(PractitionersTest, BothListingsOfAMergedPersonAreTakenAndCountOnce) {
  AddWorkshop("w", "2023");
  AddPractitioner("a");
  AddPractitioner("b");
  AddRecorded("c", "merged_into: 'practitioners/a'");
  ASSERT_OK(Merge("b", "a"));
  for (const char* practitioner : {"b", "a", "c"}) ASSERT_OK(TryAttend("w", practitioner));
  EXPECT_EQ(Trained(), 1);
  const auto counts = Call<v1::PractitionerCounts>(
      "CountPractitioners", absl::StrCat("period { ", PeriodText("2023", "2023"), " }"));
  ASSERT_OK(counts);
  EXPECT_EQ(counts->total().attendances().value(), 1);
}

TEST_P(PractitionersTest, AWorkshopListIsTakenWholeOrNotAtAll) {
  AddWorkshop("w", "2023");
  std::string people;
  std::string list = "parent: 'activities/w' ";
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&people, "requests { practitioner_id: 'p", i,
                    "' practitioner { member: 'members/", i % 2 == 0 ? "aus" : "idn", "' } } ");
    absl::StrAppend(&list, "requests { participation { practitioner: 'practitioners/p", i,
                    "' } } ");
  }
  ASSERT_OK(Try("BatchCreatePractitioners", people));
  const std::string bad =
      "requests { participation { practitioner: 'practitioners/none' } } "
      "requests { participation { practitioner: 'practitioners/p7' } } "
      "requests { participation { practitioner: 'practitioners/p7' "
      "member: 'members/none' } }";
  EXPECT_THAT(BadFields(Try("BatchCreateParticipations", absl::StrCat(list, bad))),
              ElementsAre("requests[500]", "requests[501]", "requests[502]"));
  EXPECT_EQ(Trained(), 0);
  ASSERT_OK(Try("BatchCreateParticipations", list));
  EXPECT_EQ(Trained(), 500);
}

TEST_P(PractitionersTest, SecondmentsLastThreeToSixMonthsOneAtATime) {
  Add("Programme", "programme", "s", "body: 'bodies/rso' display_name: 'Secondments'");
  for (const char* id : {"a", "b"}) AddPractitioner(id);
  EXPECT_THAT(BadFields(TrySecond("x", "a", "2024-01-01", "2024-02-29")),
              ElementsAre("secondment.term"));
  EXPECT_THAT(BadFields(TrySecond("x", "a", "2024-01-01", "2024-12-31")),
              ElementsAre("secondment.term"));
  EXPECT_OK(TrySecond("long", "b", "2022-01-01", "2022-12-31", "length_reason: 'Agreed'"));
  ASSERT_OK(TrySecond("x", "a", "2024-01-01", "2024-03-31"));
  EXPECT_EQ(RuleOf(TrySecond("y", "a", "2024-03-31", "2024-08-31")), "secondment_overlap");
  ASSERT_OK(TrySecond("y", "a", "2024-04-01", "2024-08-31"));
  EXPECT_EQ(
      RuleOf(Try("UpdateSecondment", absl::StrCat("secondment { name: 'secondments/y' term { ",
                                                  PeriodText("2024-03-01", "2024-08-31"), " } }"))),
      "secondment_overlap");
  EXPECT_THAT(BadFields(TryAdd("Secondment", "secondment", "z",
                               "programme: 'programmes/s' host_body: 'bodies/rso' "
                               "practitioner: 'practitioners/a' term { }")),
              ElementsAre("secondment.term.start_date"));
  // Nobody is at two places at once: then they aren't the same person, or one is a mistake.
  ASSERT_OK(TrySecond("other", "b", "2024-03-01", "2024-06-30"));
  EXPECT_EQ(RuleOf(Merge("b", "a")), "secondment_overlap");
  ASSERT_OK(Try("DeleteSecondment", "name: 'secondments/other'"));
  ASSERT_OK(Merge("b", "a"));
  EXPECT_EQ(RuleOf(Try("UndeleteSecondment", "name: 'secondments/other'")), "secondment_overlap");
}

}  // namespace
}  // namespace baliprocess::capacity
