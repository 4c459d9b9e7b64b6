// The commands against a server.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using common::v1::Change;
using common::v1::WatchChangesResponse;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kMembers[] = R"([
  {"name": "members/aus", "kind": "STATE", "category": "FULL_MEMBER", "displayName": "Australia",
   "regionCode": "AU"},
  {"name": "members/iom", "kind": "ORGANISATION", "category": "FULL_MEMBER",
   "displayName": "International Organization for Migration", "shortName": "IOM"}
])";
// The child comes before its parent, which it names.
constexpr char kBodies[] = R"([
  {"name": "bodies/ahg", "kind": "AD_HOC_GROUP", "displayName": "Ad Hoc Group",
   "parentBody": "bodies/root"},
  {"name": "bodies/root", "kind": "FORUM", "displayName": "Forum"}
])";
constexpr char kSeats[] = R"([
  {"name": "bodies/ahg/seats/aus", "member": "members/aus", "role": "PARTICIPANT",
   "term": {"startDate": {"year": 2024, "month": 5}}}
])";

class ServerTest : public ServerFixture {
 protected:
  void WriteData() {
    data_.Write("membership/members.json", kMembers);
    data_.Write("membership/bodies.json", kBodies);
    data_.Write("membership/seats.json", kSeats);
  }
  Ran Import(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"import", data_.path()});
    return Do(flags);
  }
  size_t Updates() const {
    return std::count_if(server_.calls.begin(), server_.calls.end(),
                         [](const SeenCall& call) { return call.method.starts_with("Update"); });
  }
};

TEST_F(ServerTest, ImportCreatesInAnOrderThatWorks) {
  WriteData();
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "membership/bodies.json: 2 created\nmembership/members.json: 2 created\n"
            "membership/seats.json: 1 created\n");
  EXPECT_THAT(server_.resources, SizeIs(5));
  EXPECT_THAT(server_.calls, Contains(Field(&SeenCall::authorization, "Bearer secret")));
}

TEST_F(ServerTest, ImportingAgainChangesNothing) {
  WriteData();
  Import();
  const size_t updates = Updates();
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("membership/bodies.json: 2 unchanged\n"));
  EXPECT_EQ(Updates(), updates);
}

TEST_F(ServerTest, ImportUpdatesWhatDiffers) {
  WriteData();
  Import();
  data_.Write("membership/members.json",
              R"([{"name": "members/iom", "kind": "ORGANISATION", "category": "OBSERVER",
                   "displayName": "IOM"}])");
  const Ran ran = Import();
  EXPECT_THAT(ran.out, HasSubstr("membership/members.json: 1 updated\n"));
  EXPECT_THAT(Do({"get", "members/iom"}).out, Not(HasSubstr("shortName")));
}

TEST_F(ServerTest, DryRunWritesNothing) {
  WriteData();
  const Ran ran = Import({"--dry_run"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership/seats.json: 1 created (dry run)\n"));
  EXPECT_THAT(server_.resources, IsEmpty());
}

TEST_F(ServerTest, ImportRepeatsWithTheSameRequestId) {
  data_.Write("membership/members.json", kMembers);
  int failures = 2;
  server_.before = [&](const SeenCall& call) -> absl::Status {
    if (call.method != "UpdateMember" || failures-- <= 0) return absl::OkStatus();
    return failures == 1 ? absl::UnavailableError("away")
                         : Error(api::v1::Error::CONFLICT, "someone else was faster");
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  std::vector<std::string> ids;
  for (const SeenCall& call : server_.calls) {
    if (call.method == "UpdateMember") ids.push_back(call.request_id);
  }
  ASSERT_THAT(ids, SizeIs(4));
  EXPECT_TRUE(IsUuid(ids[0]));
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_NE(ids[0], ids[3]);
}

TEST_F(ServerTest, ImportWaitsAsLongAsItIsToldTo) {
  data_.Write("membership/members.json", kMembers);
  bool told = false;
  const absl::Time start = absl::Now();
  server_.before = [&](const SeenCall& call) -> absl::Status {
    if (call.method != "UpdateMember" || std::exchange(told, true)) return absl::OkStatus();
    return WithRetryAfter(Error(api::v1::Error::RATE_LIMITED, "wait"), absl::Milliseconds(700));
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(told);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(700));
}

TEST_F(ServerTest, ImportChecksEverythingBeforeItSends) {
  data_.Write("membership/members.json", R"([
    {"name": "members/aus", "kind": "STATE", "category": "FULL_MEMBER", "displayName": "A",
     "regionCode": "Australia"},
    {"name": "members/aus", "kind": "STATE", "category": "FULL_MEMBER", "displayName": "A"},
    {"name": "bodies/ahg", "kind": "STATE", "category": "FULL_MEMBER", "displayName": "A"},
    {"name": "members/nzl", "comment": "x"},
    {"kind": "STATE"},
    7
  ])");
  data_.Write("membership/seats.json", "[\n{]");
  data_.Write("membership/planets.json", "[]");
  data_.Write("README.md", "left aside");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(server_.calls, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr("membership/members.json:2: element 1: members/aus: "));
  EXPECT_THAT(ran.err, HasSubstr("region_code: "));
  EXPECT_THAT(ran.err, HasSubstr("membership/members.json:5: element 3: bodies/ahg: "));
  EXPECT_THAT(ran.err, HasSubstr("membership/members.json:6: element 4"));
  EXPECT_THAT(ran.err, HasSubstr("comment"));
  EXPECT_THAT(ran.err, HasSubstr("membership/members.json:7: element 5"));
  EXPECT_THAT(ran.err, HasSubstr("membership/members.json:8: element 6: isn't a JSON object"));
  EXPECT_THAT(ran.err, HasSubstr("membership/seats.json: line 2"));
  EXPECT_THAT(ran.err, HasSubstr("membership/planets.json: isn't named"));
  EXPECT_THAT(ran.err, Not(HasSubstr("README")));
}

TEST_F(ServerTest, ImportNamesWhatItDoesNotRead) {
  EXPECT_EQ(Import().code, 2);
  EXPECT_THAT(Import().err, HasSubstr("has no records\n"));
  data_.Write("membership/members.json", kMembers);
  data_.Write("capacity/participations.csv", "Name,Country\r\n");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(server_.calls, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr("capacity/participations.csv: isn't read: records are in JSON"));
}

// A byte order mark, CR LF between the lines and within texts.
TEST_F(ServerTest, ImportReadsFilesFromWindows) {
  const auto file = [](const std::string& text) {
    return absl::StrCat("\xef\xbb\xbf[{\"name\": \"bodies/ahg\",\r\n\"kind\": \"TASK_FORCE\", ",
                        "\"displayName\": \" Group\\u00a0 \", \"mandate\": \"", text, "\"}]\r\n");
  };
  data_.Write("membership/bodies.json", file("one\\r\\ntwo"));
  Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  const std::string shown = Do({"get", "bodies/ahg", "--output", "json"}).out;
  EXPECT_THAT(shown, HasSubstr("\"one\\ntwo\""));
  EXPECT_THAT(shown, HasSubstr("\"Group\""));
  data_.Write("membership/bodies.json", file("one\\ntwo"));
  ran = Import();
  EXPECT_THAT(ran.out, HasSubstr("membership/bodies.json: 1 unchanged\n"));
}

TEST_F(ServerTest, ImportRefusesDuplicatesAndCircles) {
  data_.Write("membership/bodies.json", R"([
    {"name": "bodies/a", "kind": "FORUM", "displayName": "A"},
    {"name": "bodies/a", "kind": "FORUM", "displayName": "A"}])");
  EXPECT_THAT(Import().err, HasSubstr("element 2: bodies/a: is there already, at "
                                      "membership/bodies.json:2: element 1"));
  data_.Write("membership/bodies.json", R"([
    {"name": "bodies/a", "kind": "FORUM", "displayName": "A", "parentBody": "bodies/b"},
    {"name": "bodies/b", "kind": "FORUM", "displayName": "B", "parentBody": "bodies/a"}])");
  EXPECT_THAT(Import().err, HasSubstr("in a circle: bodies/a -> bodies/b -> bodies/a"));
  EXPECT_EQ(RunProgram({"import", "/nonexistent"}).code, 2);
  EXPECT_THAT(server_.calls, IsEmpty());
}

TEST_F(ServerTest, ImportGoesOnAfterARefusalAndLeavesOutWhatNeedsIt) {
  WriteData();
  server_.before = [](const SeenCall& call) -> absl::Status {
    if (call.method != "UpdateBody") return absl::OkStatus();
    return InvalidField("body.kind", "must be something else");
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("membership/bodies.json: 2 failed\n"
                                 "membership/members.json: 2 created\n"));
  EXPECT_THAT(ran.err, HasSubstr("membership/bodies.json:4: element 2: bodies/root: "));
  EXPECT_THAT(ran.err, HasSubstr("body.kind: must be something else"));
  EXPECT_THAT(ran.err, HasSubstr("bodies/ahg/seats/aus: left out, because it needs bodies/ahg"));
  EXPECT_THAT(ran.err, HasSubstr("3 of 5 records were not imported"));
}

// A change may be refused until another one is made. What needs the record isn't left out, as the
// record is there.
TEST_F(ServerTest, ImportTriesRefusedRecordsAgainAfterTheOthers) {
  WriteData();
  Import();
  data_.Write(
      "membership/bodies.json",
      R"([{"name": "bodies/ahg", "kind": "AD_HOC_GROUP", "displayName": "Was the Group"}])");
  data_.Write("membership/seats.json",
              R"([{"name": "bodies/ahg/seats/aus", "member": "members/aus", "role": "CHAIR"}])");
  bool seat_changed = false;
  server_.before = [&](const SeenCall& call) -> absl::Status {
    if (call.method == "UpdateSeat") seat_changed = true;
    if (call.method != "UpdateBody" || seat_changed) return absl::OkStatus();
    return RuleBroken("outside_body_life", "not yet");
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  EXPECT_THAT(ran.out, HasSubstr("membership/bodies.json: 1 updated\n"));
  EXPECT_THAT(ran.out, HasSubstr("membership/seats.json: 1 updated\n"));
}

TEST_F(ServerTest, ImportEndsWhenItIsNotAllowed) {
  WriteData();
  server_.before = [](const SeenCall& call) -> absl::Status {
    return call.method.starts_with("Update") ? Error(api::v1::Error::ACCESS_DENIED, "not you")
                                             : absl::OkStatus();
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(Updates(), 1u);
  EXPECT_THAT(ran.err, HasSubstr("reason: ACCESS_DENIED"));
}

TEST_F(ServerTest, ExportComesBackAsItWas) {
  WriteData();
  Import();
  const TemporaryDirectory first;
  const Ran ran = Do({"export", first.path()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership/members.json: 2\n"));
  EXPECT_EQ(first.Read("membership/liaisons.json"), "[]\n");
  EXPECT_EQ(first.Read("membership/seats.json"),
            R"([
  {
    "name": "bodies/ahg/seats/aus",
    "member": "members/aus",
    "role": "PARTICIPANT",
    "term": {
      "startDate": {
        "year": 2024,
        "month": 5
      }
    }
  }
]
)");
  EXPECT_THAT(first.Read("membership/members.json"),
              AllOf(Not(HasSubstr("uid")), Not(HasSubstr("etag"))));
  const size_t updates = Updates();
  EXPECT_EQ(Do({"import", first.path()}).code, 0);
  EXPECT_EQ(Updates(), updates);
}

TEST_F(ServerTest, ExportFollowsPages) {
  std::string members = "[";
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&members, i == 0 ? "" : ",", R"({"name": "members/m)", i,
                    R"(", "kind": "ORGANISATION", "category": "OBSERVER", "displayName": "M"})");
  }
  data_.Write("membership/members.json", members + "]");
  Import();
  const TemporaryDirectory out;
  EXPECT_THAT(Do({"export", out.path()}).out, HasSubstr("membership/members.json: 10\n"));
}

TEST_F(ServerTest, TheRecordOf2024IsSoundAndInTheFormOfAnExport) {
  const std::string record = "deploy/data/bali-process-2024";
  const Ran ran = Do({"import", record});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const TemporaryDirectory out;
  ASSERT_EQ(Do({"export", out.path()}).code, 0);
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(record)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(out.Read(entry.path().lexically_relative(record).string()), text) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 23u);
  // Who takes part as what follows from the seats: they come first.
  std::vector<std::string> updates;
  for (const SeenCall& call : server_.calls) {
    if (call.method.starts_with("Update")) updates.push_back(call.method);
  }
  EXPECT_LE(std::find(updates.rbegin(), updates.rend(), "UpdateSeat").base(),
            std::find(updates.begin(), updates.end(), "UpdateMeeting"));
}

TEST_F(ServerTest, GetAndListShowResources) {
  WriteData();
  Import();
  EXPECT_THAT(Do({"get", "members/aus"}).out, HasSubstr("\"displayName\": \"Australia\""));
  EXPECT_EQ(Do({"get", "bodies/ahg/seats/aus", "--output", "table"}).out,
            "FIELD            VALUE\n"
            "name             bodies/ahg/seats/aus\n"
            "member           members/aus\n"
            "role             PARTICIPANT\n"
            "term.start_date  2024-05\n");
  EXPECT_EQ(Do({"list", "bodies/-/seats"}).out,
            "NAME                  TERM.START_DATE  ROLE         MEMBER\n"
            "bodies/ahg/seats/aus  2024-05          PARTICIPANT  members/aus\n");
  const Ran missing = Do({"get", "members/xyz"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("reason: RESOURCE_NOT_FOUND"));
}

TEST_F(ServerTest, ListTakesAllPagesOrOne) {
  WriteData();
  Import();
  server_.largest_page = 1;
  EXPECT_THAT(Do({"list", "members", "--output", "json"}).out,
              AllOf(HasSubstr("members/aus"), HasSubstr("members/iom")));
  const Ran one = Do({"list", "members", "--noall"});
  EXPECT_THAT(one.out, Not(HasSubstr("members/iom")));
  EXPECT_THAT(one.err, HasSubstr("--page_token members/aus"));
  EXPECT_THAT(Do({"list", "members", "--noall", "--page_token", "members/aus"}).out,
              HasSubstr("members/iom"));
}

TEST_F(ServerTest, CallTakesItsRequestFromAnywhere) {
  WriteData();
  Import();
  const std::string request = R"({"name": "members/aus"})";
  data_.Write("request", request);
  const std::string reply = Do({"call", "GetMember", request}).out;
  EXPECT_THAT(reply, HasSubstr("Australia"));
  EXPECT_EQ(Do({"call", "membership/GetMember", "@" + data_.path() + "/request"}).out, reply);
  EXPECT_EQ(Do({"call", "GetMember", "-"}, request).out, reply);
  EXPECT_THAT(Do({"call", "ListMembers"}).out, HasSubstr("members/iom"));
  EXPECT_EQ(Do({"call", "GetMember", "{nonsense"}).code, 2);
  EXPECT_EQ(Do({"call", "GetMember", R"({"nom": "x"})"}).code, 2);
}

WatchChangesResponse Changes(std::initializer_list<int> numbers) {
  WatchChangesResponse response;
  for (const int number : numbers) {
    Change& change = *response.add_changes();
    change.set_resource(absl::StrCat("members/m", number));
    change.set_kind(Change::CREATED);
    change.set_actor("ann");
    change.mutable_change_time()->set_seconds(1714608000 + number);
    change.set_resume_token(absl::StrCat("after ", number));
    response.set_resume_token(change.resume_token());
  }
  return response;
}

TEST_F(ServerTest, WatchGoesOnWhereItWasInterrupted) {
  WatchChangesResponse stands;
  stands.set_resume_token("start");
  server_.watches = {{{stands}, absl::UnavailableError("draining")},
                     {{stands, Changes({1, 2})}, absl::OkStatus()},
                     {{Changes({3, 4})}, absl::OkStatus()}};
  const Ran ran = Do({"watch", "membership", "--count", "3", "--type", "baliprocess.net/Member"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "2024-05-02T00:00:01.000Z  ann  CREATED  members/m1\n"
            "2024-05-02T00:00:02.000Z  ann  CREATED  members/m2\n"
            "2024-05-02T00:00:03.000Z  ann  CREATED  members/m3\n");
  ASSERT_THAT(server_.watch_requests, SizeIs(3));
  EXPECT_EQ(server_.watch_requests[0].resume_token(), "");
  EXPECT_THAT(server_.watch_requests[0].types(), ElementsAre("baliprocess.net/Member"));
  EXPECT_EQ(server_.watch_requests[1].resume_token(), "start");
  EXPECT_EQ(server_.watch_requests[2].resume_token(), "after 2");
}

TEST_F(ServerTest, WatchEndsWhenHistoryIsGone) {
  server_.watches = {{{Changes({1})}, Error(api::v1::Error::HISTORY_COMPACTED, "too old")}};
  const Ran ran = Do({"watch", "membership", "--resume", "old", "--output", "json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("\"resumeToken\":\"after 1\""));
  EXPECT_THAT(ran.err, AllOf(HasSubstr("--resume 'after 1'"), HasSubstr("HISTORY_COMPACTED")));
  EXPECT_EQ(server_.watch_requests[0].resume_token(), "old");
}

TEST_F(ServerTest, StreamsAreLinesOfJson) {
  server_.watches = {{{Changes({1}), Changes({2})}, absl::OkStatus()}};
  const Ran ran = Do({"call", "membership/WatchChanges", "{}"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2);
}

TEST_F(ServerTest, AServerThatIsNotThereIsACodeOfItsOwn) {
  std::string address;
  {
    const FakeServer gone;
    address = gone.address();
  }
  EXPECT_EQ(RunProgram({"get", "members/aus", "--plaintext", "--server", address}).code, 3);
  EXPECT_EQ(RunProgram({"watch", "membership", "--plaintext", "--server", address}).code, 3);
}

TEST_F(ServerTest, AServerThatHangsIsGivenUp) {
  // Plaintext to a server that speaks TLS, or the other way round, is told as unreachable too.
  EXPECT_EQ(
      RunProgram({"get", "members/aus", "--server", server_.address(), "--timeout", "2s"}).code, 3);
}

}  // namespace
}  // namespace baliprocess::balictl
