// What changes resources by flags, and what tells of the contracts.

#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/common/v1/search.pb.h"
#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/fields.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/verbs.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::ConveneMeetingRequest;
using meetings::v1::Meeting;
using ::testing::HasSubstr;
using ::testing::Not;

class ChangeTest : public ServerFixture {
 protected:
  ChangeTest() {
    data_.Write("membership/bodies.json",
                R"([{"name": "bodies/ahg", "kind": "AD_HOC_GROUP", "displayName": "Ad Hoc"}])");
    data_.Write("meetings/meetings.json",
                R"([{"name": "meetings/m", "body": "bodies/ahg", "displayName": "M"}])");
    EXPECT_EQ(Do({"import", data_.path()}).code, 0);
  }
  template <typename Request>
  const Request& Seen(const std::string& method) {
    return static_cast<const Request&>(*server_.requests.at(method));
  }
};

TEST_F(ChangeTest, CreatesByFlags) {
  membership::v1::Seat reply;
  reply.set_name("bodies/ahg/seats/aus");
  reply.set_member("members/aus");
  server_.Reply("CreateSeat", reply);
  const Ran ran = Do({"create", "bodies/ahg/seats", "aus", "--member", "aus", "--role", "Chair",
                      "--term.start_date", "2024-05", "--dry_run"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "bodies/ahg/seats/aus: create on trial\n  member  + members/aus\n");
  const auto& request = Seen<membership::v1::CreateSeatRequest>("CreateSeat");
  EXPECT_EQ(request.parent(), "bodies/ahg");
  EXPECT_EQ(request.seat_id(), "aus");
  EXPECT_EQ(request.seat().member(), "members/aus");
  EXPECT_EQ(request.seat().role(), membership::v1::Seat::CHAIR);
  EXPECT_EQ(request.seat().term().start_date().month(), 5);
  EXPECT_TRUE(request.validate_only());
  EXPECT_TRUE(IsUuid(request.request_id()));
}

TEST_F(ChangeTest, CreatesByCollectionOrByName) {
  membership::v1::Seat reply;
  reply.set_name("bodies/ahg/seats/aus");
  server_.Reply("CreateSeat", reply);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"create", "bodies/ahg/seats/aus"}, {"seats", "create", "bodies/ahg", "aus"}}) {
    const Ran ran = Do(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    const auto& request = Seen<membership::v1::CreateSeatRequest>("CreateSeat");
    EXPECT_EQ(request.parent(), "bodies/ahg");
    EXPECT_EQ(request.seat_id(), "aus");
  }
}

TEST_F(ChangeTest, UpdatesOnlyWhatIsGiven) {
  const Ran ran = Do({"update", "meetings/m", "--display_name", "N", "--venue.city", ""});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto& request = Seen<meetings::v1::UpdateMeetingRequest>("UpdateMeeting");
  EXPECT_EQ(request.update_mask().paths_size(), 2);
  EXPECT_EQ(request.update_mask().paths(0), "display_name");
  EXPECT_EQ(request.update_mask().paths(1), "venue.city");
  EXPECT_EQ(request.meeting().venue().city(), "");
  EXPECT_THAT(ran.out, HasSubstr("  display_name  - M\n                + N\n"));
}

TEST_F(ChangeTest, TellsWhatIsWrongBeforeItSends) {
  server_.calls.clear();
  for (const auto& [words, error] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"update", "meetings/m"}, "nothing to update"},
           {{"update", "meetings/m", "--start_date", "May"}, "--start_date must be a date"},
           {{"update", "meetings/m", "--start", "2025"},
            "has no flag --start. Did you mean --start_date or --start_time?"},
           {{"update", "meetings/m", "--venue", "Bali"}, "Did you mean --venue.address or "},
           {{"update", "meetings/m", "--start-date", "May"}, "--start_date must be a date"},
           {{"create", "meetings", "SG_20"}, "the id \"SG_20\" must be 1 to 63 lower-case"},
           {{"create", "meetings", "SG_20"}, "Did you mean sg-20?"},
           {{"create", "meetings", "20"}, "the id \"20\" must be 1 to 63 lower-case"},
           {{"create", "bodis"}, "Did you mean bodies?"},
           {{"create", "meetings", "x", "--summary", "@/none"}, "/none"},
           {{"meetings", "conven", "m"}, "Did you mean convene?"},
           {{"meetings"}, "say what to do"},
           {{"meetings", "convene"}, "too few arguments"}}) {
    const Ran ran = Do(words);
    EXPECT_EQ(ran.code, 2) << words[0];
    EXPECT_THAT(ran.err, HasSubstr(error));
  }
  EXPECT_TRUE(server_.calls.empty());
}

TEST_F(ChangeTest, VerbsAreMethods) {
  Meeting reply;
  reply.set_name("meetings/m");
  reply.set_body("bodies/ahg");
  reply.set_display_name("M");
  reply.set_state(Meeting::CONVENED);
  server_.Reply("ConveneMeeting", reply);
  const Ran ran = Do({"meetings", "convene", "m", "--etag", "e"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("meetings/m: convene done\n"));
  EXPECT_THAT(ran.out, HasSubstr("+ convened\n"));
  EXPECT_EQ(Seen<ConveneMeetingRequest>("ConveneMeeting").name(), "meetings/m");
  EXPECT_EQ(Seen<ConveneMeetingRequest>("ConveneMeeting").etag(), "e");
}

TEST_F(ChangeTest, FlagsMayStandBeforeTheName) {
  EXPECT_EQ(Do({"update", "--display_name", "N", "meetings/m"}).code, 0);
  EXPECT_EQ(Do({"meetings", "get", "--output", "yaml", "m"}).out,
            Do({"get", "meetings/m", "--output", "yaml"}).out);
}

TEST_F(ChangeTest, AMergedRecordIsNotEditedAsTheOther) {
  server_.resources["practitioners/gone"] = std::make_unique<capacity::v1::Practitioner>();
  SetText(*server_.resources["practitioners/gone"], "name", "practitioners/stands");
  const Ran ran = Do({"edit", "practitioners/gone"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("was merged into practitioners/stands"));
}

TEST_F(ChangeTest, CommonVerbsStandBehindTheCollectionToo) {
  EXPECT_EQ(Do({"meetings", "get", "m"}).out, Do({"get", "meetings/m"}).out);
  EXPECT_EQ(Do({"meetings", "list"}).out, Do({"list", "meetings"}).out);
  EXPECT_EQ(Do({"Meeting", "get", "m"}).out, Do({"get", "meetings/m"}).out);
}

// The fake server doesn't filter, so that only what is due is there.
TEST_F(ChangeTest, DueTellsTheSoonestFirstAndTheUndatedLast) {
  server_.resources.clear();
  const auto keep = [this](auto resource) {
    server_.resources[resource.name()] = std::make_unique<decltype(resource)>(resource);
  };
  meetings::v1::ActionItem item;
  item.set_display_name("Study");
  item.set_lead_member("members/aus");
  item.set_name("actionItems/any");
  keep(item);
  item.set_name("actionItems/old");
  item.mutable_due_date()->set_year(2024);
  keep(item);
  meetings::v1::Decision decision;
  decision.set_name("decisions/d");
  decision.set_display_name("Lists");
  decision.mutable_silence_end_time()->set_seconds(4102444800);  // 2100
  decision.add_eligible_members("members/aus");
  keep(decision);
  const Ran ran = Do({"due"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "NAME             WHEN                           FOR          WHAT\n"
            "actionItems/old  2024                  OVERDUE  members/aus  to do: Study\n"
            "decisions/d      2100-01-01 00:00:00Z           members/aus  silence ends: Lists\n"
            "actionItems/any  not known                      members/aus  to do: Study\n");
  EXPECT_THAT(Do({"due", "--until", "2099"}).out, Not(HasSubstr("decisions/d")));
  EXPECT_EQ(Do({"due", "--until", "May"}).code, 2);
}

TEST_F(ChangeTest, SearchAsksTheServicesAndTellsTheBestOfEach) {
  common::v1::SearchResponse reply;
  auto& result = *reply.add_results();
  result.set_name("bodies/ahg");
  result.set_type("baliprocess.net/Body");
  result.set_title("Ad Hoc Group");
  result.set_snippet("on smuggling");
  server_.Reply("Search", reply);
  const size_t before = server_.calls.size();
  const Ran ran = Do({"search", "Smuggling", "people", "--type", "bodies", "--limit", "7"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "NAME        TYPE  TITLE         TEXT\n"
            "bodies/ahg  Body  Ad Hoc Group  on smuggling\n");
  EXPECT_EQ(server_.calls.size(), before + 1);  // only the service that has bodies
  const auto& request = static_cast<const common::v1::SearchRequest&>(*server_.requests["Search"]);
  EXPECT_EQ(request.ShortDebugString(),
            "query: \"Smuggling people\" types: \"baliprocess.net/Body\" page_size: 7");
  EXPECT_EQ(Do({"search", "x", "--output", "json"}).code, 0);
  EXPECT_EQ(server_.calls.size(), before + 4);  // all of them
  EXPECT_EQ(Do({"search", "x", "--below", "meetings/m"}).code, 0);
  EXPECT_EQ(server_.calls.size(), before + 5);
  for (const char* limit : {"0", "1001", "x"}) {
    EXPECT_EQ(Do({"search", "x", "--limit", limit}).code, 2) << limit;
  }
  EXPECT_EQ(Do({"search", "x", "--type", "bodiez"}).code, 2);
  server_.Reply("Search", common::v1::SearchResponse());
  EXPECT_THAT(Do({"search", "x"}).err, HasSubstr("nothing is found"));
}

TEST_F(ChangeTest, HistoryTellsFieldByField) {
  common::v1::ListChangesResponse reply;
  auto& change = *reply.add_changes();
  Meeting meeting;
  meeting.set_name("meetings/m");
  meeting.set_display_name("Old");
  change.mutable_before()->PackFrom(meeting);
  meeting.set_display_name("New");
  change.mutable_after()->PackFrom(meeting);
  change.set_kind(common::v1::Change::UPDATED);
  change.set_actor("ann\x1b[2J");
  change.set_method("baliprocess.meetings.v1.MeetingsService.UpdateMeeting");
  change.mutable_change_time()->set_seconds(1714608000);
  server_.Reply("ListChanges", reply);
  EXPECT_EQ(Do({"history", "meetings/m"}).out,
            "2024-05-02 00:00:00Z  updated by ann?[2J (UpdateMeeting)\n"
            "  display_name  - Old\n"
            "                + New\n\n");
  const auto& request = Seen<common::v1::ListChangesRequest>("ListChanges");
  EXPECT_EQ(request.filter(), "resource = \"meetings/m\"");
  EXPECT_TRUE(request.newest_first());
  EXPECT_EQ(Do({"history", "meetings/m", "--limit", "0"}).code, 2);
}

TEST_F(ChangeTest, EditsInAnEditor) {
  const auto edit = [this](const std::string& editor) {
    return RunProgram({"edit", "meetings/m", "--plaintext", "--server", server_.address()},
                      {{"EDITOR", editor}, {"BALI_TOKEN", "secret"}});
  };
  EXPECT_EQ(edit("sed -i s/^display_name:.*/display_name:\\ Edited/").code, 2);  // words by blanks
  data_.Write("editor", "#!/bin/sh\nsed -i 's/^display_name:.*/display_name: Edited/' \"$1\"\n");
  const Ran ran = edit("sh " + File("editor"));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("  display_name  - M\n                + Edited\n"));
  EXPECT_THAT(edit("true").err, HasSubstr("nothing was changed"));
  data_.Write("editor", "#!/bin/sh\ngrep -q formt \"$1\" || echo 'formt: x' >> \"$1\"\n");
  const Ran wrong = edit("sh " + File("editor"));
  EXPECT_EQ(wrong.code, 2);  // saved twice as it was
  EXPECT_THAT(wrong.err, HasSubstr("Did you mean format?"));
  // The text isn't lost.
  const size_t at = wrong.err.find("the text is in ");
  ASSERT_NE(at, std::string::npos) << wrong.err;
  std::string kept = wrong.err.substr(at + 15);
  kept.erase(kept.find('\n'));
  EXPECT_TRUE(std::filesystem::remove(kept));
  std::filesystem::remove(std::filesystem::path(kept).parent_path());
}

// So that fields of a newer contract, and what somebody else wrote in others, stay.
TEST_F(ChangeTest, EditSendsWhatWasChangedAlone) {
  data_.Write("editor",
              "#!/bin/sh\nsed -i -e 's/^display_name:.*/display_name: N/' \"$1\"\n"
              "grep -q '^name:\\|^state:\\|^uid:' \"$1\" && exit 1\nexit 0\n");
  const Ran ran = RunProgram({"edit", "meetings/m", "--plaintext", "--server", server_.address()},
                             {{"EDITOR", "sh " + File("editor")}, {"BALI_TOKEN", "secret"}});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto& mask = Seen<meetings::v1::UpdateMeetingRequest>("UpdateMeeting").update_mask();
  ASSERT_EQ(mask.paths_size(), 1);
  EXPECT_EQ(mask.paths(0), "display_name");
}

// What the server refused isn't sent again by who leaves the editor.
TEST_F(ChangeTest, EditSendsNothingWhenTheUserGivesUp) {
  data_.Write("editor", "#!/bin/sh\nsed -i 's/^display_name:.*/display_name: N/' \"$1\"\n");
  int updates = 0;
  server_.before = [&](const SeenCall& call) -> absl::Status {
    if (call.method != "UpdateMeeting") return absl::OkStatus();
    ++updates;
    return Error(api::v1::Error::ACCESS_DENIED, "no\x1b[2J");
  };
  const Ran ran = RunProgram({"edit", "meetings/m", "--plaintext", "--server", server_.address()},
                             {{"EDITOR", "sh " + File("editor")}, {"BALI_TOKEN", "secret"}});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(updates, 1);
  EXPECT_THAT(ran.err, Not(HasSubstr("\x1b")));
}

// The editor shows what is wrong above its line, and the user mends it.
TEST_F(ChangeTest, WhatIsWrongIsShownInTheEditor) {
  data_.Write("editor",
              "#!/bin/sh\n"
              "if grep -q '^#! start_date must be a date' \"$1\"; then\n"
              "  sed -i 's/^start_date: .*/start_date: 2025-02/' \"$1\"\n"
              "else\n"
              "  echo 'start_date: May' >> \"$1\"\n"
              "fi\n");
  const Ran ran = RunProgram({"edit", "meetings/m", "--plaintext", "--server", server_.address()},
                             {{"EDITOR", "sh " + File("editor")}, {"BALI_TOKEN", "secret"}});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("  start_date  + 2025-02\n"));
}

TEST_F(ChangeTest, WordsAreCompleted) {
  const auto completed = [this](std::vector<std::string> words) {
    words.insert(words.begin(), {"complete", "--plaintext", "--server", server_.address(), "--"});
    return RunProgram(words).out;
  };
  EXPECT_THAT(completed({"desc"}), "describe\n");
  EXPECT_THAT(completed({"meet"}), "meeting\nmeetings\n");
  EXPECT_THAT(completed({"meetings", "conv"}), "convene\n");
  EXPECT_THAT(completed({"get", "bod"}), "bodies/\n");
  EXPECT_THAT(completed({"get", "bodies/"}), "bodies/ahg\n");
  EXPECT_THAT(completed({"search", "x", "--type", "bo"}), "bodies\n");
  EXPECT_THAT(completed({"list", "bodies/ahg/se"}), "bodies/ahg/seats/\n");
  EXPECT_THAT(completed({"create", "meetings", "m", "--form"}), "--format\n");
  EXPECT_THAT(completed({"create", "meetings", "m", "--format", "h"}), "hybrid\n");
  EXPECT_THAT(completed({"nothing", "x"}), "");
  EXPECT_THAT(completed({"get", "--he"}), "");  // of words behind --, none is for `complete` itself
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(RunProgram({"completion", shell}).out, HasSubstr("balictl complete --"));
  }
  EXPECT_EQ(RunProgram({"completion", "dos"}).code, 2);
}

TEST_F(ChangeTest, ExportLeavesOutWhatTheCallerMayNotList) {
  server_.before = [](const SeenCall& call) -> absl::Status {
    if (call.method == "ListMeetings") return Error(api::v1::Error::ACCESS_DENIED, "no");
    if (call.method == "ListParticipations") return Error(api::v1::Error::TOKEN_MISSING, "no");
    return absl::OkStatus();
  };
  const Ran ran = Do({"export", File("out")});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership/bodies.json: 1\n"));
  EXPECT_EQ(ran.err,
            "capacity/participations.json: left out, as the caller may not list them\n"
            "meetings/meetings.json: left out, as the caller may not list them\n");
}

TEST(WhoAmI, TellsWhatTheTokenSays) {
  const TemporaryDirectory directory;
  ASSERT_EQ(RunProgram({"keygen", "--dir", directory.path()}).code, 0);
  const Ran token = RunProgram({"token", "--key", directory.path() + "/signing-key.pem",
                                "--subject", "ann", "--role", "member", "--member", "aus"});
  const Ran ran =
      RunProgram({"whoami"}, {{"BALI_TOKEN", token.out.substr(0, token.out.size() - 1)}});
  EXPECT_THAT(ran.out, HasSubstr("subject  ann\nroles    member\nmember   aus\n"));
  EXPECT_THAT(RunProgram({"whoami"}).out, HasSubstr("you are the public"));
  EXPECT_EQ(RunProgram({"whoami"}, {{"BALI_TOKEN", "x"}}).code, 2);
  directory.Write("empty", "\n");
  EXPECT_THAT(RunProgram({"whoami", "--token_file", directory.path() + "/empty"}).err,
              HasSubstr("is empty"));
  EXPECT_THAT(RunProgram({"token", "--subject", "ann"}).err, HasSubstr("--role is needed"));
  EXPECT_THAT(RunProgram({"token", "--subject", "ann", "--role", "member"}).err,
              HasSubstr("--member is needed"));
}

TEST(Connection, TellsWhatMayHelp) {
  const auto get = [](const std::string& server, const std::string& flag = "") {
    std::vector<std::string> words = {"get", "members/aus", "--server", server};
    if (!flag.empty()) words.push_back(flag);
    return RunProgram(words);
  };
  EXPECT_THAT(get("localhost").err, HasSubstr("has no port"));
  EXPECT_EQ(get("localhost").code, 2);
  EXPECT_THAT(get("http://localhost:1").err, HasSubstr("--plaintext --server localhost:1"));
  EXPECT_THAT(get("https://127.0.0.1:1/").err, HasSubstr("127.0.0.1:1 can't be reached: nothing"));
  EXPECT_EQ(get("127.0.0.1:1").code, 3);
}

TEST(Describe, TellsOfTypesFieldsAndMethods) {
  const std::string type = RunProgram({"describe", "meetings"}).out;
  EXPECT_THAT(type, HasSubstr("A meeting of a body."));
  EXPECT_THAT(type, HasSubstr("  start_date  DATE\n"));
  const std::string field = RunProgram({"describe", "meeting.format"}).out;
  EXPECT_THAT(field, HasSubstr("        hybrid: Some in one place, some from afar.\n"));
  EXPECT_THAT(field, HasSubstr("can be filtered"));
  EXPECT_THAT(RunProgram({"describe", "meeting.venue.city"}).out, HasSubstr("at most"));
  const std::string method = RunProgram({"describe", "BreakSilence"}).out;
  EXPECT_THAT(method, HasSubstr("For: member (of its own), secretariat"));
  EXPECT_THAT(method, HasSubstr("Command: balictl decisions break-silence"));
  EXPECT_EQ(RunProgram({"describe", "meeting."}).code, 2);
  EXPECT_THAT(RunProgram({"describe", "meeting.display_name.x"}).err, HasSubstr("has no fields"));
  EXPECT_THAT(RunProgram({"describe", "meeting.formt"}).err, HasSubstr("Did you mean format?"));
  EXPECT_THAT(RunProgram({"describe", "metings"}).err, HasSubstr("Did you mean meetings"));
  EXPECT_THAT(RunProgram({"methods", "meetings"}).out, HasSubstr("ConveneMeeting"));
  EXPECT_THAT(RunProgram({"methods", "meetings"}).out, Not(HasSubstr("GetMember")));
}

// A flag of a field would hide one of the command, or the other way round.
TEST(Fields, HaveNamesThatNoOtherFlagHas) {
  std::set<std::string> others = {"dry_run", "output", "etag"};
  for (const Flag& flag : WithConnection({})) others.insert(flag.name);
  const auto check = [&others](const google::protobuf::Descriptor& type) {
    for (const FieldPath& field : GivenFields(type)) {
      EXPECT_FALSE(others.contains(TitleOf(field))) << type.name() << " " << TitleOf(field);
    }
  };
  for (const ResourceKind& kind : Resources()) check(*kind.message);
  for (const Verb& verb : Verbs()) check(*verb.method->input_type());
}

// Each verb can be said, and everything that its request needs can be given.
TEST(Verbs, CanBeCalled) {
  for (const Verb& verb : Verbs()) {
    const Ran help = RunProgram({"help", verb.collection, verb.word});
    EXPECT_EQ(help.code, 0) << verb.collection << " " << verb.word << help.err;
    const auto& request = *verb.method->input_type();
    for (int i = 0; i < request.field_count(); ++i) {
      const auto& field = *request.field(i);
      if (!HasBehavior(field, google::api::REQUIRED) || &field == verb.subject) continue;
      const bool made = field.name() == "request_id";
      EXPECT_TRUE(made || help.out.find("--" + field.name()) != std::string::npos)
          << verb.collection << " " << verb.word << " " << field.name();
    }
  }
}

// Every method that isn't a standard one can be called by a verb, or has a command of its own.
TEST(Verbs, AreThereForEveryMethodThatChangesSomething) {
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      bool standard = method.client_streaming();
      for (const char* word : {"Create", "Update", "Delete", "Undelete", "Batch"}) {
        standard |= method.name().starts_with(word);
      }
      const bool changes = method.input_type()->FindFieldByName("request_id") != nullptr;
      EXPECT_TRUE(!changes || standard || VerbOf(method) != nullptr) << method.name();
    }
  }
}

}  // namespace
}  // namespace baliprocess::balictl
