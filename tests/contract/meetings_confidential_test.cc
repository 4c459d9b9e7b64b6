// The Consultation Mechanism: that a confidential meeting takes place may be known, nothing else.

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/api/httpbody.pb.h"

#include "common/base/ids.h"
#include "tests/contract/meetings_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::meetings {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using v1::Decision;
using v1::UploadDocumentRequest;

constexpr char kMay[] =
    "start_date { year: 2024 month: 5 day: 2 } end_date { year: 2024 month: 5 day: 3 }";

// A method, and a request about something.
using Probe = std::tuple<const char*, const char*>;

// One of everything belongs to the meeting `a`, called `hidden`. Only aus is consulted: idn isn't,
// though a delegation and an action item are its own and it could break the silence.
class ConfidentialTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("a", absl::StrCat(kMay, " confidential: true consulted_members: 'members/aus'"));
    const std::string parent = "parent: 'meetings/a' ";
    ASSERT_OK(Try("CreateAgendaItem",
                  parent + "agenda_item_id: 'hidden' agenda_item { display_name: 'Secret' }"));
    ASSERT_OK(Try("CreateDelegation", parent + R"(delegation_id: 'hidden' delegation {
        participant { member: 'members/idn' } attendance: PRESENT visibility: PUBLIC })"));
    ASSERT_OK(Try("CreateDelegate", R"(parent: 'meetings/a/delegations/hidden'
        delegate_id: 'hidden' delegate { person { official: 'officials/bell' }
        member: 'members/idn' visibility: PUBLIC })"));
    ASSERT_OK(Try("CreateStatement", parent + R"(statement_id: 'hidden'
        statement { topic: 'Secret' speaker { display_name: 'x' } visibility: PUBLIC })"));
    ASSERT_OK(Try("CreateDocument", parent + R"(document_id: 'hidden'
        document { display_name: 'Secret' visibility: PUBLIC })"));
    ASSERT_OK(Upload("Secret"));
    ASSERT_OK(Try("CreateDecision", R"(decision_id: 'hidden' decision { body: 'bodies/ahg'
        meeting: 'meetings/a' display_name: 'Secret' text: 'Secret' procedure: SILENCE
        visibility: PUBLIC })"));
    ASSERT_OK(Try("OpenSilence",
                  absl::StrCat("name: 'decisions/hidden' silence_end_time { seconds: ",
                               absl::ToUnixSeconds(clock_.Now() + absl::Hours(24)), " }")));
    ASSERT_OK(Try("CreateActionItem", R"(action_item_id: 'hidden' action_item {
        body: 'bodies/ahg' meeting: 'meetings/a' display_name: 'Secret'
        lead_member: 'members/idn' visibility: PUBLIC })"));
  }

  absl::Status Upload(const std::string& content) {
    ASSIGN_OR_RETURN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
    UploadDocumentRequest whole;
    whole.set_name("meetings/a/documents/hidden");
    whole.set_size_bytes(static_cast<int64_t>(content.size()));
    whole.set_sha256(ToHex(Sha256(content)));
    whole.mutable_content()->set_content_type("text/plain");
    whole.mutable_content()->set_data(content);
    RETURN_IF_ERROR(sink->Take(whole));
    v1::Document reply;
    return sink->Complete(reply);
  }

  void SetConsulted(const std::string& members) {
    ASSERT_OK(Try("UpdateMeeting", absl::StrCat("meeting { name: 'meetings/a' ", members,
                                                " } update_mask { paths: 'consulted_members' }")));
  }

  // Everything that a caller gets to see of the service, as text.
  std::string AllThatIsSeenBy(const auth::Caller& caller) {
    std::string seen;
    for (const auto& [method, request] :
         std::vector<Probe>{{"ListMeetings", ""},
                            {"BatchGetMeetings", "names: 'meetings/a'"},
                            {"ListAgendaItems", "parent: 'meetings/-'"},
                            {"ListDelegations", "parent: 'meetings/a'"},
                            {"ListDelegates", "parent: 'meetings/-/delegations/-'"},
                            {"ListStatements", "parent: 'meetings/-'"},
                            {"ListDocuments", "parent: 'meetings/-'"},
                            {"ListDecisions", "filter: 'display_name = Secret'"},
                            {"ListActionItems", ""},
                            {"GetDecision", "name: 'decisions/hidden'"},
                            {"GetDelegation", "name: 'meetings/a/delegations/hidden'"},
                            {"GetAgenda", "meeting: 'meetings/a'"},
                            {"GetAttendanceGap", "meeting: 'meetings/a'"},
                            {"ExportCalendar", ""}}) {
      const auto reply = tested().CallText(caller, method, request);
      absl::StrAppend(
          &seen, reply.ok() ? (*reply)->ShortDebugString() : std::string(reply.status().message()),
          "\n");
    }
    return seen;
  }

  static std::vector<auth::Caller> Outside() {
    return {Anyone(), Observer(), Operator(), MemberOf("members/idn"), MemberOf("members/%")};
  }
  static std::vector<auth::Caller> Inside() { return {Secretariat(), MemberOf("members/aus")}; }

  // What a caller is told of a name of the hidden, and of one that nothing has.
  void ExpectAsIfMissing(const auth::Caller& caller, const std::string& what,
                         const std::function<absl::Status(const std::string& id)>& ask) {
    const absl::Status told = ask("hidden");
    EXPECT_THAT(told, HasReason(api::v1::Error::RESOURCE_NOT_FOUND))
        << what << ", " << caller.subject;
    // Names of one length, or the bytes of the details would differ.
    EXPECT_EQ(told.ToString(),
              absl::StrReplaceAll(ask("absent").ToString(), {{"absent", "hidden"}}))
        << what << ", " << caller.subject;
  }
  void ExpectAsIfMissing(const auth::Caller& caller, const Probe& probe) {
    const auto& [method, request] = probe;
    ExpectAsIfMissing(caller, absl::StrCat(method, " ", request), [&](const std::string& id) {
      return TryAs(caller, method, absl::StrReplaceAll(request, {{"ID", id}}));
    });
  }

  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Download(const auth::Caller& caller,
                                                              const std::string& id) {
    v1::DownloadDocumentRequest request;
    request.set_name(absl::StrCat("meetings/a/documents/", id));
    return service_->Stream(caller, "DownloadDocument", request);
  }
  static absl::Status Pull(rpc::StreamSource& source) {
    google::api::HttpBody body;
    return source.Pull(body).status();
  }
};
INSTANTIATE_ON_ENGINES(ConfidentialTest);

TEST_P(ConfidentialTest, OnlyTheCircleSeesWhatBelongsToIt) {
  for (const auth::Caller& outside : Outside()) {
    const std::string seen = AllThatIsSeenBy(outside);
    EXPECT_THAT(seen, AllOf(HasSubstr("meetings/a"), Not(HasSubstr("Secret")),
                            Not(HasSubstr("bell")), Not(HasSubstr("consulted"))));
  }
  for (const auth::Caller& inside : Inside()) {
    EXPECT_THAT(AllThatIsSeenBy(inside), AllOf(HasSubstr("Secret"), HasSubstr("bell")));
  }
}

TEST_P(ConfidentialTest, WhatIsHiddenReadsAsIfMissing) {
  const std::vector<Probe> probes = {
      {"GetAgendaItem", "name: 'meetings/a/agendaItems/ID'"},
      {"GetDelegation", "name: 'meetings/a/delegations/ID'"},
      {"GetStatement", "name: 'meetings/a/statements/ID'"},
      {"GetDocument", "name: 'meetings/a/documents/ID'"},
      {"GetDecision", "name: 'decisions/ID'"},
      {"GetActionItem", "name: 'actionItems/ID'"},
      {"BatchGetAgendaItems", "names: 'meetings/a/agendaItems/ID'"},
      {"BatchGetDelegations", "parent: 'meetings/-' names: 'meetings/a/delegations/ID'"},
      {"BatchGetStatements", "names: 'meetings/a/statements/ID'"},
      {"BatchGetDocuments", "parent: 'meetings/a' names: 'meetings/a/documents/ID'"},
      {"BatchGetDecisions", "names: 'decisions/ID'"},
      {"BatchGetActionItems", "names: 'actionItems/ID'"}};
  for (const auto& probe : probes) {
    for (const auth::Caller& outside : Outside()) ExpectAsIfMissing(outside, probe);
    for (const auth::Caller& inside : Inside()) {
      const auto& [method, request] = probe;
      EXPECT_OK(TryAs(inside, method, absl::StrReplaceAll(request, {{"ID", "hidden"}}))) << method;
    }
  }
}

TEST_P(ConfidentialTest, ListsCantBeProbed) {
  const std::vector<Probe> lists = {{"ListAgendaItems", "parent: 'meetings/-' "},
                                    {"ListAgendaItems", "parent: 'meetings/a' "},
                                    {"ListDelegations", "parent: 'meetings/-' "},
                                    {"ListDelegations", "parent: 'meetings/a' "},
                                    {"ListStatements", "parent: 'meetings/-' "},
                                    {"ListStatements", "parent: 'meetings/a' "},
                                    {"ListDocuments", "parent: 'meetings/-' "},
                                    {"ListDocuments", "parent: 'meetings/a' "},
                                    {"ListDecisions", ""},
                                    {"ListActionItems", ""}};
  const char* const queries[] = {"",
                                 "filter: 'name:*'",
                                 "filter: 'visibility = PUBLIC OR visibility != PUBLIC'",
                                 "filter: 'NOT name = \"x\" AND create_time > \"2000-01-01\"'",
                                 "order_by: 'update_time desc' page_size: 1",
                                 "order_by: 'visibility' show_deleted: true"};
  for (const auto& [method, request] : lists) {
    for (const char* query : queries) {
      const std::string whole = absl::StrCat(request, query);
      for (const auth::Caller& outside : Outside()) {
        const auto reply = tested().CallText(outside, method, whole);
        ASSERT_OK(reply.status());
        EXPECT_EQ((*reply)->ShortDebugString(), "") << method << " " << whole;
      }
      const auto reply = tested().CallText(MemberOf("members/aus"), method, whole);
      ASSERT_OK(reply.status());
      EXPECT_THAT((*reply)->ShortDebugString(), HasSubstr("hidden")) << method << " " << whole;
    }
  }
}

TEST_P(ConfidentialTest, NotEvenDeletedIsItSeen) {
  ASSERT_OK(Try("DeleteStatement", "name: 'meetings/a/statements/hidden'"));
  for (const auth::Caller& outside : Outside()) {
    const auto reply =
        tested().CallText(outside, "ListStatements", "parent: 'meetings/-' show_deleted: true");
    ASSERT_OK(reply.status());
    EXPECT_EQ((*reply)->ShortDebugString(), "");
    ExpectAsIfMissing(outside, {"GetStatement", "name: 'meetings/a/statements/ID'"});
  }
}

TEST_P(ConfidentialTest, WhoIsConsultedIsToldToNobody) {
  for (const char* query : {"filter: 'consulted_members:\"members/aus\"'",
                            "filter: 'NOT consulted_members:*'", "order_by: 'consulted_members'"}) {
    for (const auth::Caller& caller :
         {Anyone(), Observer(), Operator(), MemberOf("members/idn"), MemberOf("members/aus")}) {
      EXPECT_THAT(BadFields(TryAs(caller, "ListMeetings", query)), SizeIs(1)) << query;
    }
  }
  EXPECT_THAT(
      BadFields(TryAs(Anyone(), "ExportCalendar", "filter: 'consulted_members:\"members/aus\"'")),
      ElementsAre("filter"));
}

TEST_P(ConfidentialTest, AMemberOutsideFindsNothingToChange) {
  const auth::Caller idn = MemberOf("members/idn");
  const std::vector<Probe> probes = {
      {"UpdateDelegation", R"(delegation { name: 'meetings/a/delegations/ID'
                              participant { member: 'members/idn' } attendance: APOLOGIES })"},
      {"UpdateDelegation", R"(delegation { name: 'meetings/a/delegations/ID'
                              participant { member: 'members/idn' } etag: 'old' })"},
      {"UpdateDelegation", R"(delegation { name: 'meetings/a/delegations/ID'
                              participant { member: 'members/idn' } } update_mask { paths: 'attendance' })"},
      {"DeleteDelegation", "name: 'meetings/a/delegations/ID'"},
      {"DeleteDelegation", "name: 'meetings/a/delegations/ID' etag: 'old'"},
      {"DeleteDelegation", "name: 'meetings/a/delegations/ID' allow_missing: true"},
      {"UndeleteDelegation", "name: 'meetings/a/delegations/ID'"},
      {"UndeleteDelegation", "name: 'meetings/a/delegations/ID' etag: 'old'"},
      {"SubmitCredentials", "name: 'meetings/a/delegations/ID' note: 'x'"},
      {"SubmitCredentials", "name: 'meetings/a/delegations/ID' etag: 'old'"},
      {"BreakSilence", "name: 'decisions/ID' member: 'members/idn' kind: OBJECTION"},
      {"AssociateReservation", "name: 'decisions/ID' member: 'members/idn' text: 'x'"},
      {"AddProgressNote", "name: 'actionItems/ID' text: 'x'"},
      {"AddProgressNote", "name: 'actionItems/ID' text: 'x' etag: 'old'"}};
  const size_t changes = Changes().size();
  for (const Probe& probe : probes) ExpectAsIfMissing(idn, probe);
  EXPECT_THAT(Changes(), SizeIs(changes));
  // Once it is consulted, they are its own.
  SetConsulted("consulted_members: 'members/idn'");
  EXPECT_OK(TryAs(idn, "SubmitCredentials", "name: 'meetings/a/delegations/hidden'"));
  EXPECT_OK(TryAs(idn, "AddProgressNote", "name: 'actionItems/hidden' text: 'x'"));
  EXPECT_OK(
      TryAs(idn, "BreakSilence", "name: 'decisions/hidden' member: 'members/idn' kind: OBJECTION"));
}

TEST_P(ConfidentialTest, ANameThatIsTakenIsNotTold) {
  const auth::Caller idn = MemberOf("members/idn");
  ASSERT_OK(Try("CreateDelegation",
                "parent: 'meetings/a' delegation_id: 'idn-hidden' delegation { "
                "participant { body: 'bodies/rso' } }"));
  // Neither the name nor the participant, who has a delegation there.
  for (const char* request : {"parent: 'meetings/a' delegation_id: 'ID' delegation { participant { "
                              "member: 'members/idn' } }",
                              "parent: 'meetings/a' delegation_id: 'ID' delegation { participant { "
                              "member: 'members/idn' } } "
                              "validate_only: true"}) {
    const auto ask = [&](const char* id) {
      return TryAs(idn, "CreateDelegation", absl::StrReplaceAll(request, {{"ID", id}})).ToString();
    };
    EXPECT_THAT(ask("idn-hidden"), AllOf(HasSubstr("NOT_FOUND"), Not(HasSubstr("hidden"))));
    EXPECT_EQ(ask("idn-hidden"), ask("idn-absent"));
  }
  const auto missing = [&](const char* id) {
    return TryAs(idn, "UpdateDelegation",
                 absl::StrCat("allow_missing: true delegation { name: 'meetings/a/delegations/", id,
                              "' participant { member: 'members/idn' } }"))
        .ToString();
  };
  EXPECT_THAT(missing("idn-hidden"), AllOf(HasSubstr("NOT_FOUND"), Not(HasSubstr("hidden"))));
  EXPECT_EQ(missing("idn-hidden"), missing("idn-absent"));
}

TEST_P(ConfidentialTest, ReportsLeaveItOut) {
  AddMeeting("open", "start_date { year: 2025 }");
  ASSERT_OK(Try("CreateMeeting",
                absl::StrCat("meeting_id: 'c' meeting { body: 'bodies/rso' display_name: 'x' ",
                             kMay, " chairs { official: 'officials/bell' } }")));
  const std::vector<Probe> reports = {
      // The official of a delegation there is a chair elsewhere at the same time.
      {"ListConflicts", "period { start_date { year: 2024 } end_date { year: 2024 } }"},
      // An open action item is carried to the next meeting.
      {"GetAgenda", "meeting: 'meetings/open'"},
      {"GetAgenda", "meeting: 'meetings/a'"}};
  const std::string marks[] = {"bell", "Secret", "Secret"};
  for (size_t i = 0; i < reports.size(); ++i) {
    const auto& [method, request] = reports[i];
    for (const auth::Caller& caller : Outside()) {
      const auto reply = tested().CallText(caller, method, request);
      if (!reply.ok()) {
        EXPECT_THAT(reply.status(), ::testing::AnyOf(HasReason(api::v1::Error::ACCESS_DENIED),
                                                     HasReason(api::v1::Error::TOKEN_MISSING)));
        continue;
      }
      EXPECT_THAT((*reply)->ShortDebugString(), Not(HasSubstr(marks[i]))) << method;
    }
    for (const auth::Caller& caller : Inside()) {
      const auto reply = tested().CallText(caller, method, request);
      ASSERT_OK(reply.status());
      EXPECT_THAT((*reply)->ShortDebugString(), HasSubstr(marks[i])) << method;
    }
  }
  for (const auth::Caller& outside : Outside()) {
    const auto gap =
        CallAs<v1::AttendanceGap>(outside, "GetAttendanceGap", "meeting: 'meetings/a'");
    ASSERT_OK(gap);
    EXPECT_EQ(gap->present_count(), 0);
    EXPECT_THAT(gap->missing(), IsEmpty());
  }
}

TEST_P(ConfidentialTest, ContentIsForTheCircle) {
  for (const auth::Caller& outside : Outside()) {
    ExpectAsIfMissing(outside, "DownloadDocument", [&](const std::string& id) -> absl::Status {
      ASSIGN_OR_RETURN(const auto source, Download(outside, id));
      return Pull(*source);
    });
  }
  ASSERT_OK_AND_ASSIGN(const auto source, Download(MemberOf("members/aus"), "hidden"));
  ASSERT_OK(Pull(*source));
  // A download under way ends when the circle changes.
  SetConsulted("");
  EXPECT_THAT(Pull(*source), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(ConfidentialTest, NorIsItInAWatch) {
  ASSERT_OK(TryAs(MemberOf("members/aus"), "BreakSilence",
                  "name: 'decisions/hidden' member: 'members/aus' kind: OBJECTION"));
  ASSERT_OK(Try("DeleteStatement", "name: 'meetings/a/statements/hidden'"));
  ASSERT_OK(Try("UpdateDocument",
                "document { name: 'meetings/a/documents/hidden' visibility: RESTRICTED }"));
  SetConsulted("consulted_members: ['members/aus', 'members/nzl']");
  AddMeeting("last");
  common::v1::WatchChangesRequest request;
  request.set_from_start(true);
  for (const auth::Caller& outside : {Observer(), Operator(), MemberOf("members/idn")}) {
    testing::WatchReader watch(*service_, outside, request);
    for (const auto& change : watch.ReadThrough("meetings/last")) {
      EXPECT_EQ(change.type(), "baliprocess.net/Meeting") << change.resource();
      v1::Meeting meeting;
      ASSERT_TRUE(change.after().UnpackTo(&meeting));
      EXPECT_THAT(meeting.consulted_members(), IsEmpty());
    }
  }
  testing::WatchReader inside(*service_, MemberOf("members/aus"), request);
  EXPECT_THAT(inside.ReadThrough("decisions/hidden"), Not(IsEmpty()));
}

TEST_P(ConfidentialTest, AWatchUnderWaySeesNoMoreWhenTheCircleChanges) {
  testing::WatchReader watch(*service_, MemberOf("members/aus"));
  ASSERT_OK(Try("UpdateDecision", "decision { name: 'decisions/hidden' kind: RESOLUTION }"));
  EXPECT_THAT(watch.ReadThrough("decisions/hidden"), SizeIs(1));
  SetConsulted("");
  ASSERT_OK(Try("UpdateDecision", "decision { name: 'decisions/hidden' kind: PROPOSAL }"));
  AddMeeting("last");
  for (const auto& change : watch.ReadThrough("meetings/last")) {
    EXPECT_EQ(change.type(), "baliprocess.net/Meeting") << change.resource();
  }
}

TEST_P(ConfidentialTest, TheOperatorAuditsWithoutReading) {
  int hidden = 0;
  for (const auto& change : Changes("", Operator())) {
    if (change.type() == "baliprocess.net/Meeting") continue;
    ++hidden;
    EXPECT_FALSE(change.has_before()) << change.resource();
    EXPECT_FALSE(change.has_after()) << change.resource();
    EXPECT_EQ(change.actor(), "secretary");
  }
  EXPECT_EQ(hidden, 9);
}

TEST_P(ConfidentialTest, ItsOwnRecordSaysNoMore) {
  AddMeeting("open");
  EXPECT_THAT(BadFields(Try("UpdateMeeting",
                            "meeting { name: 'meetings/a' summary: 'x' venue { city: 'x' } "
                            "review_period { start_date { year: 2023 } } "
                            "review_since: 'meetings/open' }")),
              ElementsAre("meeting.summary", "meeting.venue", "meeting.review_period",
                          "meeting.review_since"));
  for (const char* method : {"PostponeMeeting", "CancelMeeting"}) {
    EXPECT_THAT(BadFields(Try(method, "name: 'meetings/a' reason: 'a raid'")),
                ElementsAre("reason"));
    EXPECT_OK(Try(method, "name: 'meetings/a'"));
  }
  EXPECT_THAT(
      BadFields(Try("UpdateMeeting", "meeting { name: 'meetings/open' confidential: true }")),
      ElementsAre("meeting.confidential"));
  EXPECT_THAT(BadFields(TryAddMeeting("b", "consulted_members: 'members/aus'").status()),
              ElementsAre("meeting.consulted_members"));
}

}  // namespace
}  // namespace baliprocess::meetings
