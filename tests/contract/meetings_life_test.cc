// Meetings and their agendas: dates, numbers, life, order.

#include "absl/strings/str_cat.h"

#include "common/base/date.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kMay[] =
    "start_date { year: 2024 month: 5 day: 2 } end_date { year: 2024 month: 5 day: 3 }";

class MeetingLifeTest : public MeetingsTest {
 protected:
  absl::Status Do(const std::string& method, const std::string& more = "") {
    return Try(method, absl::StrCat("name: 'meetings/a' ", more));
  }
  std::string StateOf(const std::string& id) {
    return v1::Meeting::State_Name(GetMeeting(id).state());
  }
  std::vector<std::string> Fields(const std::string& fields) {
    return BadFields(TryAddMeeting("bad", fields).status());
  }
};
INSTANTIATE_ON_ENGINES(MeetingLifeTest);

TEST_P(MeetingLifeTest, PartialDatesStayAsTheyAre) {
  AddMeeting("mc", "start_date { year: 2023 month: 2 }");
  EXPECT_EQ(FormatDate(GetMeeting("mc").start_date()), "2023-02");
  AddMeeting("none");
  EXPECT_FALSE(GetMeeting("none").has_start_date());
}

TEST_P(MeetingLifeTest, DatesAndTimesFitTogether) {
  EXPECT_THAT(Fields("end_date { year: 2024 }"), ElementsAre("meeting.end_date"));
  EXPECT_THAT(Fields("start_date { year: 2024 month: 5 } end_date { year: 2024 month: 4 }"),
              ElementsAre("meeting.end_date"));
  EXPECT_OK(TryAddMeeting("same", "start_date { year: 2024 month: 5 } end_date { year: 2024 }"));
  EXPECT_THAT(Fields("start_date { year: 2024 month: 5 } start_time { hours: 9 }"),
              ElementsAre("meeting.start_time", "meeting.time_zone"));
  const std::string day = "start_date { year: 2024 month: 5 day: 2 } time_zone: 'Asia/Jakarta' ";
  EXPECT_THAT(Fields(day + "end_time { hours: 9 }"), ElementsAre("meeting.end_time"));
  EXPECT_THAT(Fields(day + "start_time { hours: 9 } end_time { hours: 9 }"),
              ElementsAre("meeting.end_time"));
  EXPECT_THAT(Fields(day + "start_time { hours: 24 }"), ElementsAre("meeting.start_time"));
  EXPECT_OK(TryAddMeeting("timed", day + "start_time { hours: 9 } end_time { hours: 17 }"));
}

TEST_P(MeetingLifeTest, AnOrdinalIsUniqueInItsBody) {
  AddMeeting("a", "ordinal: 17");
  EXPECT_EQ(RuleOf(TryAddMeeting("b", "ordinal: 17").status()), "ordinal_taken");
  EXPECT_OK(TryAddMeeting("b", "ordinal: 18 other_numberings { ordinal: 17 note: 'a press kit' }"));
  EXPECT_EQ(RuleOf(Try("UpdateMeeting", "meeting { name: 'meetings/b' ordinal: 17 }")),
            "ordinal_taken");
  EXPECT_OK(TryAddMeeting("c", "ordinal: 0"));
  EXPECT_OK(TryAddMeeting("d", "ordinal: 0"));
  EXPECT_OK(
      Try("CreateMeeting", R"(meeting { body: 'bodies/rso' display_name: 'x' ordinal: 17 })"));
}

TEST_P(MeetingLifeTest, ItsStateChangesByMethodsAlone) {
  AddMeeting("a", kMay);
  EXPECT_EQ(StateOf("a"), "PLANNED");
  ASSERT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/a' state: CONVENED }"));
  EXPECT_EQ(StateOf("a"), "PLANNED");
  ASSERT_OK(
      Try("CreateMeeting",
          "meeting_id: 'b' meeting { body: 'bodies/ahg' display_name: 'B' state: CONVENED }"));
  EXPECT_EQ(StateOf("b"), "PLANNED");
  const absl::Status early = Do("ConcludeMeeting");
  EXPECT_THAT(early, HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_EQ(MetadataOf(early, "state"), "PLANNED");
  ASSERT_OK(Do("PostponeMeeting", "reason: 'a storm'"));
  EXPECT_EQ(GetMeeting("a").state_reason(), "a storm");
  EXPECT_EQ(MetadataOf(Do("ConveneMeeting"), "state"), "POSTPONED");
  ASSERT_OK(Do("RescheduleMeeting", "start_date { year: 2024 month: 6 }"));
  EXPECT_EQ(FormatDate(GetMeeting("a").start_date()), "2024-06");
  EXPECT_FALSE(GetMeeting("a").has_end_date());
  EXPECT_THAT(GetMeeting("a").state_reason(), IsEmpty());
  EXPECT_THAT(Do("RescheduleMeeting"), HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK(Do("ConveneMeeting"));
  EXPECT_EQ(MetadataOf(Do("CancelMeeting"), "state"), "CONVENED");
  ASSERT_OK(Do("ConcludeMeeting"));
  for (const char* method : {"ConveneMeeting", "ConcludeMeeting", "PostponeMeeting",
                             "CancelMeeting", "RescheduleMeeting"}) {
    EXPECT_EQ(MetadataOf(Do(method), "state"), "CONCLUDED") << method;
  }
}

TEST_P(MeetingLifeTest, ThePastIsRecordedAsItWas) {
  AddMeeting("past", "state: CANCELLED state_reason: 'a storm' sequence: 3");
  EXPECT_EQ(StateOf("past"), "CANCELLED");
  EXPECT_EQ(GetMeeting("past").state_reason(), "a storm");
  EXPECT_EQ(GetMeeting("past").sequence(), 3);
  // Recorded once, it changes by methods.
  const std::string again = "meeting { name: 'meetings/past' state: PLANNED } as_recorded: true";
  EXPECT_THAT(BadFields(Try("UpdateMeeting", again)), ElementsAre("meeting.state"));
  EXPECT_OK(
      Try("UpdateMeeting", "meeting { name: 'meetings/past' state: CANCELLED } as_recorded: true"));
}

// What was exported before others changed the meeting is imported again.
TEST_P(MeetingLifeTest, TheSequenceGoesOnFromTheOneThatWasBrought) {
  AddMeeting("a", absl::StrCat(kMay, " sequence: 3"));
  ASSERT_OK(Try("UpdateMeeting",
                "meeting { name: 'meetings/a' summary: 'New' sequence: 3 } "
                "as_recorded: true"));
  EXPECT_EQ(GetMeeting("a").sequence(), 4);
  EXPECT_OK(Try("UpdateMeeting",
                "meeting { name: 'meetings/a' summary: 'New' sequence: 3 } "
                "as_recorded: true"));
  EXPECT_EQ(GetMeeting("a").sequence(), 4);
  EXPECT_THAT(Changes("kind = UPDATED"), SizeIs(1));
}

TEST_P(MeetingLifeTest, TheSequenceRisesWithWhatACalendarShows) {
  AddMeeting("a", kMay);
  EXPECT_EQ(GetMeeting("a").sequence(), 0);
  ASSERT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/a' ordinal: 3 }"));
  EXPECT_EQ(GetMeeting("a").sequence(), 0);
  ASSERT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/a' venue { city: 'Bali' } }"));
  EXPECT_EQ(GetMeeting("a").sequence(), 1);
  ASSERT_OK(Do("CancelMeeting"));
  EXPECT_EQ(GetMeeting("a").sequence(), 2);
}

TEST_P(MeetingLifeTest, ReferencesAreAskedOfMembership) {
  const absl::Status status =
      Try("CreateMeeting", "meeting { body: 'bodies/none' display_name: 'x' }");
  EXPECT_THAT(status, HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_EQ(MetadataOf(status, "resource"), "bodies/none");
  EXPECT_EQ(MetadataOf(status, "field"), "meeting.body");
  const absl::Status chair =
      TryAddMeeting("a", "chairs { official: 'officials/bell' } chairs { official: 'officials/x' }")
          .status();
  EXPECT_EQ(MetadataOf(chair, "field"), "meeting.chairs[1].official");
  EXPECT_OK(
      TryAddMeeting("a", "chairs { official: 'officials/bell' on_behalf_of: 'members/aus' }"));
  EXPECT_THAT(Fields("chairs { }"), ElementsAre("meeting.chairs[0]"));
}

TEST_P(MeetingLifeTest, WithoutMembershipNothingIsWrittenAndReadsGoOn) {
  AddMeeting("a", kMay);
  membership_down_ = true;
  EXPECT_THAT(TryAddMeeting("b", ""), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(Try("GetMeeting", "name: 'meetings/b'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_THAT(Changes("resource = \"meetings/b\""), IsEmpty());
  EXPECT_EQ(GetMeeting("a").display_name(), "Meeting a");
  // What asks for nothing new goes on, too.
  EXPECT_OK(Try("UpdateMeeting", "meeting { name: 'meetings/a' ordinal: 1 }"));
  membership_down_ = false;
  EXPECT_OK(TryAddMeeting("b", ""));
}

class AgendaTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("a");
    AddMeeting("b");
  }
  absl::Status Add(const std::string& id, const std::string& fields = "",
                   const std::string& meeting = "a") {
    return Try("CreateAgendaItem",
               absl::StrCat("parent: 'meetings/", meeting, "' agenda_item_id: '", id,
                            "' agenda_item { display_name: '", id, "' ", fields, " }"));
  }
  // The agenda as `1 opening`, `2.1 part`.
  std::vector<std::string> Agenda() {
    const auto agenda = Call<v1::Agenda>("GetAgenda", "meeting: 'meetings/a'");
    EXPECT_OK(agenda);
    std::vector<std::string> lines;
    for (const auto& entry : agenda->entries()) {
      lines.push_back(absl::StrCat(entry.number(), " ", entry.agenda_item().display_name()));
    }
    return lines;
  }
  static std::string Item(const std::string& id) {
    return absl::StrCat("'meetings/a/agendaItems/", id, "'");
  }
};
INSTANTIATE_ON_ENGINES(AgendaTest);

TEST_P(AgendaTest, IsOrderedNestedAndReordered) {
  for (const char* id : {"opening", "reports", "closing"}) ASSERT_OK(Add(id));
  const std::string parent = "parent_item: " + Item("reports");
  ASSERT_OK(Add("rso", parent));
  ASSERT_OK(Add("groups", parent));
  EXPECT_THAT(Agenda(),
              ElementsAre("1 opening", "2 reports", "2.1 rso", "2.2 groups", "3 closing"));
  const auto order = [](std::initializer_list<const char*> ids, const std::string& parent_item) {
    std::string request = absl::StrCat("parent: 'meetings/a' ", parent_item);
    for (const char* id : ids) absl::StrAppend(&request, " agenda_items: ", Item(id));
    return request;
  };
  ASSERT_OK(Try("ReorderAgenda", order({"closing", "opening", "reports"}, "")));
  ASSERT_OK(Try("ReorderAgenda", order({"groups", "rso"}, parent)));
  const size_t changes = Changes().size();
  ASSERT_OK(Try("ReorderAgenda", order({"groups", "rso"}, parent)));
  EXPECT_THAT(Changes(), SizeIs(changes));  // it is in that order already
  EXPECT_THAT(Agenda(),
              ElementsAre("1 closing", "2 opening", "3 reports", "3.1 groups", "3.2 rso"));
  for (const auto& ids : {std::initializer_list<const char*>{"closing", "opening"},
                          {"closing", "opening", "rso"},
                          {"closing", "opening", "opening"}}) {
    EXPECT_THAT(BadFields(Try("ReorderAgenda", order(ids, ""))), ElementsAre("agenda_items"));
  }
}

// As an import gives them, in the order of their names.
TEST_P(AgendaTest, PlacesMayBeGivenOnCreation) {
  ASSERT_OK(Add("closing", "position: 2"));
  ASSERT_OK(Add("opening", "position: 1"));
  ASSERT_OK(Add("afterwards"));
  ASSERT_OK(Add("part", "position: 1 parent_item: " + Item("opening")));
  EXPECT_THAT(Agenda(), ElementsAre("1 opening", "1.1 part", "2 closing", "3 afterwards"));
  EXPECT_EQ(RuleOf(Add("x", "position: 2")), "position_taken");
  EXPECT_THAT(BadFields(Add("x", "position: -1")), ElementsAre("agenda_item.position"));
  EXPECT_THAT(
      BadFields(Try("UpdateAgendaItem",
                    absl::StrCat("agenda_item { name: ", Item("closing"), " position: 5 }"))),
      ElementsAre("agenda_item.position"));
}

TEST_P(AgendaTest, ItemsStayInTheirMeetingAndOutOfThemselves) {
  ASSERT_OK(Add("one"));
  ASSERT_OK(Add("two", "parent_item: " + Item("one")));
  EXPECT_THAT(BadFields(Add("x", "parent_item: " + Item("one"), "b")),
              ElementsAre("agenda_item.parent_item"));
  EXPECT_EQ(RuleOf(Try("UpdateAgendaItem", absl::StrCat("agenda_item { name: ", Item("one"),
                                                        " parent_item: ", Item("two"), " }"))),
            "agenda_cycle");
  EXPECT_THAT(BadFields(Add("x", "presenters { }")),
              ElementsAre("agenda_item.presenters[0].presenter"));
  EXPECT_OK(Add("x",
                "presenters { presenter { body: 'bodies/rso' } } "
                "presenters { presenter { display_name: 'A guest' } }"));
  EXPECT_THAT(BadFields(Add("y", "strategy_areas: 'areas/x'")),
              ElementsAre("agenda_item.strategy_areas[0]"));
  EXPECT_OK(Add("y",
                "strategy_areas: 'strategies/adelaide' "
                "strategy_areas: 'strategies/adelaide/areas/border-management'"));
}

TEST_P(AgendaTest, OpenActionItemsAppearOnTheNextMeeting) {
  const auto add = [&](const char* id, const char* fields) {
    return Try("CreateActionItem",
               absl::StrCat("action_item_id: '", id, "' action_item { body: 'bodies/ahg' ",
                            "display_name: '", id, "' ", fields, " } as_recorded: true"));
  };
  ASSERT_OK(add("open", "meeting: 'meetings/b' lead_body: 'bodies/rso'"));
  ASSERT_OK(add("done", "state: COMPLETED"));
  ASSERT_OK(add("own", "meeting: 'meetings/a'"));
  ASSERT_OK(Try("CreateActionItem", R"(action_item { body: 'bodies/rso' display_name: 'other' })"));
  const auto open = [&] {
    std::vector<std::string> names;
    const auto agenda = Call<v1::Agenda>("GetAgenda", "meeting: 'meetings/a'");
    EXPECT_OK(agenda);
    for (const auto& item : agenda->open_action_items()) names.push_back(item.name());
    return names;
  };
  EXPECT_THAT(open(), ElementsAre("actionItems/open"));
  ASSERT_OK(Try("CompleteActionItem", "name: 'actionItems/open' note: 'all said'"));
  EXPECT_THAT(open(), IsEmpty());
  ASSERT_OK(Try("ReopenActionItem", "name: 'actionItems/open'"));
  EXPECT_THAT(open(), SizeIs(1));
  ASSERT_OK(Try("ConveneMeeting", "name: 'meetings/a'"));
  ASSERT_OK(Try("ConcludeMeeting", "name: 'meetings/a'"));
  EXPECT_THAT(open(), IsEmpty());
}

TEST_P(AgendaTest, ActionItemsAreReportedOnByTheirLead) {
  ASSERT_OK(Try("CreateActionItem", R"(action_item_id: 'i' action_item { body: 'bodies/ahg'
      display_name: 'x' lead_member: 'members/aus' due_date { year: 2024 month: 12 } })"));
  const std::string note = "name: 'actionItems/i' text: 'half done'";
  EXPECT_THAT(TryAs(MemberOf("members/idn"), "AddProgressNote", note),
              HasReason(api::v1::Error::ACCESS_DENIED));
  ASSERT_OK_AND_ASSIGN(const auto item,
                       CallAs<v1::ActionItem>(MemberOf("members/aus"), "AddProgressNote", note));
  ASSERT_THAT(item.progress_notes(), SizeIs(1));
  EXPECT_EQ(item.progress_notes(0).member(), "members/aus");
  EXPECT_TRUE(item.progress_notes(0).has_note_time());
  EXPECT_THAT(Try("ReopenActionItem", "name: 'actionItems/i'"),
              HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK_AND_ASSIGN(const auto dropped,
                       Call<v1::ActionItem>("DropActionItem", "name: 'actionItems/i'"));
  EXPECT_EQ(FormatDate(dropped.close_date()), "2024-05-02");
  EXPECT_EQ(MetadataOf(Try("AddProgressNote", note), "state"), "DROPPED");
  EXPECT_THAT(BadFields(Try("CreateActionItem", R"(action_item { body: 'bodies/ahg'
                            display_name: 'x' close_date { year: 2024 } }
                            as_recorded: true)")),
              ElementsAre("action_item.close_date"));
}

TEST_P(AgendaTest, StatementsHaveOneSpeakerAndAnItemOfTheirMeeting) {
  ASSERT_OK(Add("one"));
  const auto state = [&](const std::string& fields, const char* meeting = "a") {
    return Try("CreateStatement", absl::StrCat("parent: 'meetings/", meeting,
                                               "' statement { topic: 'x' ", fields, " }"));
  };
  EXPECT_OK(
      state("speaker { official: 'officials/bell' } on_behalf_of { member: 'members/aus' } "
            "agenda_item: " +
            Item("one")));
  EXPECT_THAT(BadFields(state("")), ElementsAre("statement.speaker"));
  EXPECT_THAT(BadFields(state("speaker { body: 'bodies/rso' }")), ElementsAre("statement.speaker"));
  EXPECT_THAT(BadFields(state("speaker { display_name: 'x' } on_behalf_of { "
                              "official: 'officials/bell' }")),
              ElementsAre("statement.on_behalf_of"));
  EXPECT_THAT(BadFields(state("speaker { display_name: 'x' } agenda_item: " + Item("one"), "b")),
              ElementsAre("statement.agenda_item"));
}

TEST_P(AgendaTest, AnItemOfAnotherMeetingIsNamedWithAllElseThatIsWrong) {
  ASSERT_OK(Add("one"));
  EXPECT_THAT(BadFields(Try("CreateStatement",
                            absl::StrCat("parent: 'meetings/b' statement { topic: 'x' speaker { "
                                         "display_name: 'x' } agenda_item: ",
                                         Item("one"), " }"))),
              ElementsAre("statement.agenda_item"));
  EXPECT_THAT(BadFields(Add("x", "strategy_areas: 'areas/x' parent_item: " + Item("one"), "b")),
              ElementsAre("agenda_item.parent_item", "agenda_item.strategy_areas[0]"));
  const std::string document =
      absl::StrCat("document { kind: MINUTES display_name: 'x' agenda_item: ", Item("one"), " }");
  EXPECT_OK(Try("CreateDocument", "parent: 'meetings/a' " + document));
  EXPECT_THAT(BadFields(Try("CreateDocument", "parent: 'meetings/b' " + document)),
              ElementsAre("document.agenda_item"));
}

}  // namespace
}  // namespace baliprocess::meetings
