// Figures: what was reported beside what the records yield, and what the public is told.

#include "absl/strings/str_cat.h"

#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Count;
using v1::ReportedFigure;

class FiguresTest : public CapacityTest {
 protected:
  void AddActivity(const std::string& id, const std::string& kind, const std::string& fields) {
    Add("Activity", "activity", id,
        absl::StrCat("body: 'bodies/rso' display_name: 'x' kind: ", kind, " ", fields));
  }
  void AddFigure(const std::string& id, const std::string& measure, int value,
                 const std::string& year = "2023") {
    Add("ReportedFigure", "reported_figure", id,
        absl::StrCat("body: 'bodies/rso' measure: ", measure, " value: ", value,
                     " citations { title: 'A statement' } period { ", PeriodText(year, year),
                     " }"));
  }
  // So many practitioners of a member attend a workshop.
  void Attend(const std::string& activity, const std::string& member, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(activity, "-", member, "-", i);
      AddPractitioner(id, "members/" + member, absl::StrCat("agency: 'Agency of ", member, "'"));
      EXPECT_OK(TryAttend(activity, id));
    }
  }
  std::vector<std::string> Records(const std::string& measure, const std::string& more = "",
                                   const auth::Caller& caller = Secretariat()) {
    const auto found = CallAs<v1::ListFigureRecordsResponse>(
        caller, "ListFigureRecords",
        absl::StrCat("body: 'bodies/rso' period { ", PeriodText("2023", "2023"),
                     " } measure: ", measure, " ", more));
    EXPECT_OK(found);
    std::vector<std::string> names;
    if (!found.ok()) return names;
    for (const auto& record : found->records()) {
      names.push_back(record.name());
    }
    return names;
  }
  absl::StatusOr<v1::PractitionerCounts> Counts(const auth::Caller& caller,
                                                const std::string& group_by,
                                                std::string_view start = "2023",
                                                std::string_view end = "2023") {
    return CallAs<v1::PractitionerCounts>(
        caller, "CountPractitioners",
        absl::StrCat("period { ", PeriodText(start, end), " } group_by: ", group_by));
  }
};
INSTANTIATE_ON_ENGINES(FiguresTest);

// A number in a few words: `3`, `~15`, `<5`, `5+`, `-`.
std::string Text(const Count& count) {
  switch (count.disclosure()) {
    case Count::EXACT:
      return absl::StrCat(count.value());
    case Count::ROUNDED:
      return absl::StrCat("~", count.value());
    case Count::FEWER_THAN_FIVE:
      return "<5";
    case Count::FIVE_OR_MORE:
      return "5+";
    default:
      return "-";
  }
}

std::string Text(const v1::PractitionerCounts::Numbers& numbers) {
  return absl::StrCat(Text(numbers.practitioners()), " ", Text(numbers.attendances()), " ",
                      Text(numbers.member_states()));
}

// `members/aus: 6 6 1`.
std::vector<std::string> Texts(const v1::PractitionerCounts& counts) {
  std::vector<std::string> texts;
  for (const auto& group : counts.groups()) {
    texts.push_back(absl::StrCat(group.key(), ": ", Text(group.numbers())));
  }
  return texts;
}

TEST_P(FiguresTest, ReportedAndComputedStandSideBySide) {
  AddFigure("dialogues", "DIALOGUES", 17);
  AddFigure("dialogues-elsewhere", "DIALOGUES", 16);
  AddFigure("next", "DIALOGUES", 99, "2024");
  AddActivity("d", "DIALOGUE", "state: COMPLETED start_date { year: 2023 month: 4 }");
  AddActivity("planned", "DIALOGUE", "start_date { year: 2023 month: 4 }");
  AddActivity("later", "DIALOGUE", "state: COMPLETED start_date { year: 2024 }");
  AddActivity("roundtable", "ROUNDTABLE", "state: COMPLETED start_date { year: 2023 }");
  Add("Activity", "activity", "of-ahg",
      "body: 'bodies/ahg' display_name: 'x' kind: DIALOGUE state: COMPLETED "
      "start_date { year: 2023 }");
  const auto entry = Figure(ReportedFigure::DIALOGUES, "2023", "2023-12-31");
  ASSERT_THAT(entry.reported(), SizeIs(2));
  EXPECT_EQ(entry.reported(0).reported_figure().value(), 17);
  EXPECT_EQ(entry.reported(0).reported_figure().citations(0).title(), "A statement");
  EXPECT_EQ(entry.reported(0).difference(), 16);
  EXPECT_EQ(entry.reported(1).difference(), 15);
  EXPECT_EQ(entry.computed().value(), 1);
  EXPECT_THAT(Records("DIALOGUES"), ElementsAre("activities/d"));
}

TEST_P(FiguresTest, PartialDatesLeaveFiguresUndecided) {
  AddActivity("year", "DIALOGUE", "state: COMPLETED start_date { year: 2023 }");
  AddActivity("month", "DIALOGUE", "state: COMPLETED start_date { year: 2023 month: 2 }");
  AddActivity("never", "DIALOGUE", "state: COMPLETED");
  const auto half = Figure(ReportedFigure::DIALOGUES, "2023-01", "2023-06");
  EXPECT_EQ(half.computed().value(), 1);
  EXPECT_EQ(half.undecided().value(), 2);
  const auto whole = Figure(ReportedFigure::DIALOGUES, "2023", "2023");
  EXPECT_EQ(whole.computed().value(), 2);
  EXPECT_EQ(whole.undecided().value(), 1);
  EXPECT_THAT(Records("DIALOGUES", "undecided: true"), ElementsAre("activities/never"));
}

TEST_P(FiguresTest, PeriodsHaveTwoEndsInOrder) {
  EXPECT_THAT(
      BadFields(Try("GetFigures", "body: 'bodies/rso' period { start_date { year: 2023 } }")),
      ElementsAre("period.end_date"));
  EXPECT_THAT(BadFields(Try("GetFigures", "body: 'bodies/rso' period { end_date { year: 2023 } }")),
              ElementsAre("period.start_date"));
  EXPECT_THAT(BadFields(TryFigures("2024", "2023", Secretariat()).status()),
              ElementsAre("period.end_date"));
  EXPECT_THAT(BadFields(TryFigures("2023-01", "2023-06", Anyone()).status()),
              ElementsAre("period"));
  EXPECT_OK(TryFigures("2023", "2023", Anyone()));
  EXPECT_THAT(Try("GetFigures",
                  absl::StrCat("body: 'bodies/none' period { ", PeriodText("2023", "2023"), " }")),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(FiguresTest, OnlyTraineesWhoCameToWhatTookPlaceWereTrained) {
  AddWorkshop("w", "2023-05");
  AddActivity("c", "TRAINING", "state: CANCELLED start_date { year: 2023 }");
  AddActivity("d", "DIALOGUE", "state: COMPLETED start_date { year: 2023 }");
  for (const char* id : {"came", "absent", "taught", "elsewhere"}) AddPractitioner(id);
  AddPractitioner("of-iom", "members/iom");
  ASSERT_OK(TryAttend("w", "came"));
  ASSERT_OK(TryAttend("w", "of-iom"));
  ASSERT_OK(TryAttend("w", "absent", "attendance: ABSENT"));
  ASSERT_OK(TryAttend("w", "taught", "role: FACILITATOR"));
  ASSERT_OK(TryAttend("c", "elsewhere"));
  ASSERT_OK(TryAttend("d", "elsewhere"));
  EXPECT_EQ(Computed(ReportedFigure::PRACTITIONERS_TRAINED, "2023"), 2);
  EXPECT_EQ(Computed(ReportedFigure::MEMBER_STATES_REACHED, "2023"), 1);
  EXPECT_THAT(Records("PRACTITIONERS_TRAINED"), ElementsAre("activities/w/participations/came",
                                                            "activities/w/participations/of-iom"));
  EXPECT_THAT(Records("MEMBER_STATES_REACHED"), ElementsAre("activities/w/participations/came"));
  // Records are for those who may see them.
  EXPECT_THAT(Records("PRACTITIONERS_TRAINED", "", Observer()), IsEmpty());
  EXPECT_THAT(Records("WORKSHOPS_AND_TRAININGS", "", Anyone()), ElementsAre("activities/w"));
}

TEST_P(FiguresTest, RecordsComeByPage) {
  for (const char* id : {"a", "b", "c"}) {
    AddActivity(id, "DIALOGUE", "state: COMPLETED start_date { year: 2023 month: 2 }");
  }
  const std::string request = absl::StrCat(
      "body: 'bodies/rso' measure: DIALOGUES page_size: 2 "
      "period { ",
      PeriodText("2023", "2023"), " } ");
  const auto first = Call<v1::ListFigureRecordsResponse>("ListFigureRecords", request);
  ASSERT_OK(first);
  ASSERT_THAT(first->records(), SizeIs(2));
  EXPECT_EQ(first->records(0).counts_as(), "activities/a");
  EXPECT_EQ(FormatDate(first->records(0).date()), "2023-02");
  const auto second = Call<v1::ListFigureRecordsResponse>(
      "ListFigureRecords", absl::StrCat(request, "page_token: '", first->next_page_token(), "'"));
  ASSERT_OK(second);
  ASSERT_THAT(second->records(), SizeIs(1));
  EXPECT_EQ(second->records(0).name(), "activities/c");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_P(FiguresTest, GroupsNeedNotAddUp) {
  Add("Strategy", "strategy", "s", "body: 'bodies/rso' display_name: 'x'");
  for (const char* id : {"one", "two", "three"}) {
    Add("StrategyArea", "strategy_area", id, "display_name: 'x'", "strategies/s");
  }
  AddActivity("w", "TRAINING",
              "state: COMPLETED start_date { year: 2023 } "
              "areas: ['strategies/s/areas/one', 'strategies/s/areas/two']");
  AddWorkshop("v", "2023-06");
  AddPractitioner("a", "members/aus", "agency: 'Police'");
  AddPractitioner("b", "members/iom");
  for (const char* activity : {"w", "v"}) ASSERT_OK(TryAttend(activity, "a"));
  ASSERT_OK(TryAttend("w", "b"));
  // Of one agency, whatever blanks are around its name.
  ASSERT_OK(Try("UpdateParticipation",
                "participation { name: 'activities/v/participations/a' "
                "agency: 'Police\\302\\240' }"));
  const auto by_area = Counts(Observer(), "AREA");
  ASSERT_OK(by_area);
  EXPECT_EQ(Text(by_area->total()), "2 3 1");
  EXPECT_THAT(by_area->note(), ::testing::HasSubstr("need not add up"));
  EXPECT_THAT(Texts(*by_area), ElementsAre(": 1 1 1", "strategies/s/areas/one: 2 2 1",
                                           "strategies/s/areas/two: 2 2 1"));
  EXPECT_THAT(Texts(*Counts(Observer(), "MEMBER")),
              ElementsAre("members/aus: 1 2 1", "members/iom: 1 1 0"));
  EXPECT_THAT(Texts(*Counts(Observer(), "ACTIVITY_KIND")),
              ElementsAre("TRAINING: 2 2 1", "WORKSHOP: 1 1 1"));
  EXPECT_THAT(Texts(*Counts(Observer(), "AGENCY")), ElementsAre(": 1 1 0", "Police: 1 2 1"));
  EXPECT_THAT(Counts(Observer(), "GROUP_BY_UNSPECIFIED")->groups(), IsEmpty());
}

TEST_P(FiguresTest, ThePublicIsToldNoSmallNumbers) {
  AddWorkshop("w", "2023-05");
  Attend("w", "aus", 12);
  Attend("w", "idn", 8);
  EXPECT_THAT(Texts(*Counts(Anyone(), "MEMBER")),
              ElementsAre("members/aus: ~10 ~10 <5", "members/idn: ~10 ~10 <5"));
  Attend("w", "nzl", 3);
  // So that 23 less 12 and 8 doesn't say how few the last are, the first are told as many alone.
  const auto told = Counts(Anyone(), "MEMBER");
  ASSERT_OK(told);
  EXPECT_EQ(Text(told->total()), "~25 ~25 <5");
  EXPECT_THAT(Texts(*told),
              ElementsAre("members/aus: 5+ - -", "members/idn: 5+ - -", "members/nzl: <5 - -"));
  EXPECT_THAT(Texts(*Counts(Anyone(), "AREA")), ElementsAre(": 5+ - -"));
  EXPECT_THAT(Texts(*Counts(Observer(), "MEMBER")),
              ElementsAre("members/aus: 12 12 1", "members/idn: 8 8 1", "members/nzl: 3 3 1"));
  EXPECT_THAT(BadFields(Counts(Anyone(), "MEMBER", "2023-01", "2023-11").status()),
              ElementsAre("period"));
  EXPECT_THAT(BadFields(Counts(Anyone(), "MEMBER", "2022", "2023").status()),
              ElementsAre("period"));
}

TEST_P(FiguresTest, AFewAreNotTheDifferenceOfTwoGroupings) {
  AddWorkshop("w", "2023-05");
  Attend("w", "aus", 12);
  Attend("w", "idn", 12);
  for (const char* id : {"x", "y", "z"}) {
    AddPractitioner(id, "members/aus", "agency: 'A small agency'");
    ASSERT_OK(TryAttend("w", id));
  }
  // 15 of the member less 12 of its large agency would be the small one.
  EXPECT_THAT(Texts(*Counts(Anyone(), "MEMBER")),
              ElementsAre("members/aus: 5+ - -", "members/idn: 5+ - -"));
  EXPECT_THAT(
      Texts(*Counts(Anyone(), "AGENCY")),
      ElementsAre("A small agency: <5 - -", "Agency of aus: 5+ - -", "Agency of idn: 5+ - -"));
}

TEST_P(FiguresTest, TheTotalIsWithheldWhereItWouldTell) {
  AddWorkshop("w", "2023-05");
  Attend("w", "aus", 5);
  Attend("w", "nzl", 1);
  for (const char* group_by :
       {"MEMBER", "AREA", "ACTIVITY_KIND", "AGENCY", "GROUP_BY_UNSPECIFIED"}) {
    const auto told = Counts(Anyone(), group_by);
    ASSERT_OK(told);
    EXPECT_EQ(Text(told->total()), "- - -") << group_by;
    for (const auto& group : told->groups()) {
      EXPECT_NE(group.numbers().practitioners().disclosure(), Count::EXACT) << group_by;
    }
  }
  const auto figures = TryFigures("2023", "2023", Anyone());
  ASSERT_OK(figures);
  EXPECT_EQ(Text(figures->entries(2).computed()), "-");
  EXPECT_EQ(Computed(ReportedFigure::PRACTITIONERS_TRAINED, "2023"), 6);
}

TEST_P(FiguresTest, FiguresTellThePublicNoMoreThanCounts) {
  AddWorkshop("w", "2023-05");
  AddFigure("f", "PRACTITIONERS_TRAINED", 348);
  Attend("w", "aus", 12);
  // Two more at a workshop of another body: 14 in all would tell.
  Add("Activity", "activity", "v",
      "body: 'bodies/ahg' kind: WORKSHOP state: COMPLETED display_name: 'x' "
      "start_date { year: 2023 }");
  Attend("v", "aus", 2);
  const auto figures = TryFigures("2023", "2023", Anyone());
  ASSERT_OK(figures);
  const auto& trained = figures->entries(2);
  ASSERT_EQ(trained.measure(), ReportedFigure::PRACTITIONERS_TRAINED);
  EXPECT_EQ(Text(trained.computed()), "5+");
  EXPECT_EQ(trained.reported(0).reported_figure().value(), 348);
  EXPECT_FALSE(trained.reported(0).has_difference());
  EXPECT_EQ(Text(figures->entries(3).computed()), "<5");
}

TEST_P(FiguresTest, WhatACallerMayNotSeeIsNotCounted) {
  AddActivity("open", "DIALOGUE", "state: COMPLETED start_date { year: 2023 }");
  AddActivity("hidden", "DIALOGUE",
              "state: COMPLETED start_date { year: 2023 } visibility: RESTRICTED");
  EXPECT_EQ(TryFigures("2023", "2023", Observer())->entries(0).computed().value(), 1);
  EXPECT_EQ(Computed(ReportedFigure::DIALOGUES, "2023"), 2);
  EXPECT_THAT(Records("DIALOGUES", "", Observer()), ElementsAre("activities/open"));
}

TEST_P(FiguresTest, ProgressIsToldOfEveryArea) {
  Add("Strategy", "strategy", "s", "body: 'bodies/rso' display_name: 'x'");
  for (const char* id : {"second", "first"}) {
    Add("StrategyArea", "strategy_area", id,
        absl::StrCat("display_name: '", id, "' position: ", id[0] == 'f' ? 1 : 2), "strategies/s");
  }
  const std::string area = "areas: 'strategies/s/areas/first' ";
  AddWorkshop("w", "2023", area);
  AddWorkshop("gone", "2023", area);
  ASSERT_OK(Try("DeleteActivity", "name: 'activities/gone'"));
  AddWorkshop("hidden", "2023", absl::StrCat(area, "visibility: RESTRICTED"));
  AddActivity("planned", "DIALOGUE", area);
  Add("Publication", "publication", "p",
      absl::StrCat("body: 'bodies/rso' kind: REPORT display_name: 'x' publish_date { year: 2023 } ",
                   area));
  Add("WorkPlan", "work_plan", "wp", "body: 'bodies/rso' display_name: 'x'");
  for (const char* state : {"COMPLETED", "IN_PROGRESS", "DROPPED"}) {
    Add("WorkPlanItem", "work_plan_item", absl::StrCat("item-", absl::string_view(state).size()),
        absl::StrCat("display_name: 'x' state: ", state, " ", area), "workPlans/wp");
  }
  const auto progress =
      CallAs<v1::StrategyProgress>(Anyone(), "GetStrategyProgress", "strategy: 'strategies/s'");
  ASSERT_OK(progress);
  ASSERT_THAT(progress->entries(), SizeIs(2));
  const auto& first = progress->entries(0);
  EXPECT_EQ(first.display_name(), "first");
  EXPECT_EQ(first.completed_activities(), 1);
  EXPECT_EQ(first.planned_activities(), 1);
  EXPECT_EQ(first.publications(), 1);
  EXPECT_EQ(first.work_plan_items(), 2);
  EXPECT_EQ(first.completed_work_plan_items(), 1);
  EXPECT_EQ(progress->entries(1).area(), "strategies/s/areas/second");
  EXPECT_EQ(progress->entries(1).completed_activities(), 0);
}

}  // namespace
}  // namespace baliprocess::capacity
