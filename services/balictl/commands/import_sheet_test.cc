// balictl import of sheets, and lists as sheets.

#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/participation.pb.h"
#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/errors.h"
#include "services/balictl/sheets/xlsx_writer.h"
#include "services/balictl/testing/server_fixture.h"
#include "services/balictl/testing/zip_writer.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ImportSheetTest : public ServerFixture {
 protected:
  ImportSheetTest() {
    server_.largest_page = 1000;
    Keep<membership::v1::Member>("members/aus");
    Keep<membership::v1::Member>("members/idn");
    Keep<membership::v1::Body>("bodies/ahg");
    Keep<capacity::v1::Activity>("activities/w");
  }

  template <typename T>
  T& Keep(const std::string& name) {
    auto resource = std::make_unique<T>();
    resource->set_name(name);
    resource->set_etag(absl::StrCat("version of ", name));
    T& kept = *resource;
    server_.resources[name] = std::move(resource);
    return kept;
  }
  template <typename T>
  const T& Stored(const std::string& name) {
    const auto found = server_.resources.find(name);
    static const T none;
    EXPECT_NE(found, server_.resources.end()) << name;
    return found == server_.resources.end() ? none : static_cast<const T&>(*found->second);
  }

  Ran Import(const std::string& contents, const std::string& into,
             std::vector<std::string> flags = {}) {
    data_.Write("list.csv", contents);
    std::vector<std::string> words = {"import", File("list.csv"), "--into", into};
    words.insert(words.end(), flags.begin(), flags.end());
    return Do(words);
  }
  Ran ImportSeats(const std::string& contents, const std::vector<std::string>& flags = {}) {
    return Import(contents, "bodies/ahg/seats", flags);
  }
  Ran ImportPeople(const std::string& contents, std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {"--with", "practitioner", "--id", "w-{No}", "--ignore", "No"});
    return Import(contents, "activities/w/participations", flags);
  }
  size_t Writes() const {
    return static_cast<size_t>(
        std::count_if(server_.calls.begin(), server_.calls.end(), [](const SeenCall& call) {
          return call.method.starts_with("Update") || call.method.starts_with("BatchCreate");
        }));
  }
  size_t Calls(const std::string& method) const {
    return static_cast<size_t>(
        std::count_if(server_.calls.begin(), server_.calls.end(),
                      [&](const SeenCall& call) { return call.method == method; }));
  }
};

TEST_F(ImportSheetTest, RowsBecomeRecords) {
  const Ran ran = ImportSeats(
      "Member;Role;Start date;End date\r\nmembers/aus;Chair;2002;\r\nidn;participant;3 April "
      "2004;2010-02\r\n",
      {"--id", "{member}"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("list.csv: CSV with semicolons\n"));
  EXPECT_EQ(ran.out, "membership/seats.json: 2 created\n");
  const auto& seat = Stored<membership::v1::Seat>("bodies/ahg/seats/idn");
  EXPECT_EQ(seat.member(), "members/idn");
  EXPECT_EQ(seat.role(), membership::v1::Seat::PARTICIPANT);
  EXPECT_EQ(seat.term().start_date().day(), 3);
  EXPECT_EQ(seat.term().end_date().month(), 2);
  EXPECT_EQ(Stored<membership::v1::Seat>("bodies/ahg/seats/aus").role(),
            membership::v1::Seat::CHAIR);
}

TEST_F(ImportSheetTest, ASecondTimeNothingIsWritten) {
  const std::string sheet = "id,member,role\na,aus,chair\nb,idn,participant\n";
  EXPECT_EQ(ImportSeats(sheet).code, 0);
  server_.calls.clear();
  const Ran again = ImportSeats(sheet);
  EXPECT_EQ(again.out, "membership/seats.json: 2 unchanged\n");
  EXPECT_EQ(Writes(), 0U);
}

TEST_F(ImportSheetTest, TheFieldsOfItsColumnsAloneAreChanged) {
  auto& seat = Keep<membership::v1::Seat>("bodies/ahg/seats/a");
  seat.set_member("members/aus");
  seat.set_role(membership::v1::Seat::CHAIR);
  seat.mutable_term()->mutable_start_date()->set_year(2002);
  seat.mutable_term()->mutable_end_date()->set_year(2010);
  const membership::v1::Seat seat_before = seat;
  const Ran ran = ImportSeats("id,role,start date,end date\na,chair,2003,\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto& request =
      static_cast<const membership::v1::UpdateSeatRequest&>(*server_.requests["UpdateSeat"]);
  EXPECT_EQ(request.update_mask().ShortDebugString(), "paths: \"term.start_date\"");
  Keep<membership::v1::Seat>("bodies/ahg/seats/a") = seat_before;
  const Ran cleared = ImportSeats("id,role,start date,end date\na,chair,2002,\n", {"--clear"});
  EXPECT_EQ(cleared.code, 0) << cleared.err;
  const auto& clearing =
      static_cast<const membership::v1::UpdateSeatRequest&>(*server_.requests["UpdateSeat"]);
  EXPECT_THAT(clearing.update_mask().ShortDebugString(), HasSubstr("term.end_date"));
}

TEST_F(ImportSheetTest, EveryBadCellIsToldBeforeAnythingIsSent) {
  const Ran ran = ImportSeats(
      "id,Member,Role,Start date\na,aus,Chef,May\nB,aus,chair,2002\n\nc,members/AUS,chair,\n"
      "c2,aus,chair,2002,extra\na3,aus,chair,31 Feb 2003\n");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr("row 2, Role (column C): must be one of"),
                    HasSubstr("row 2, Start date (column D): must be a date such as"),
                    HasSubstr("row 3: the id 'B' must be"), HasSubstr("row 5, Member (column B):"),
                    HasSubstr("row 6, column E: has a value below no heading"),
                    HasSubstr("row 7, Start date (column D): must be a date such as"),
                    HasSubstr("nothing was sent: 6 things are wrong")));
  EXPECT_TRUE(server_.calls.empty());
}

TEST_F(ImportSheetTest, TheSameNameTwiceIsTold) {
  const Ran ran = ImportSeats("id,member,role\na,aus,chair\nb,aus,chair\na,idn,chair\n");
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err,
              HasSubstr("list.csv row 4: bodies/ahg/seats/a: is there already, at list.csv "
                        "row 2: bodies/ahg/seats/a\n"));
}

TEST_F(ImportSheetTest, WhatTheServerRefusesIsToldBeforeAnythingIsWritten) {
  const Ran ran = ImportSeats("id,member,role\na,aus,chair\nb,members/xyz,chair\n");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("list.csv row 3: bodies/ahg/seats/b: FAILED_PRECONDITION"),
                             HasSubstr("nothing was written: 1 of 2 records")));
  EXPECT_FALSE(server_.resources.contains("bodies/ahg/seats/a"));
}

TEST_F(ImportSheetTest, DatesAreAskedAboutRatherThanGuessed) {
  const std::string sheet = "id,member,role,start date\na,aus,chair,2002\nb,idn,chair,03/04/2003\n";
  const Ran refused = ImportSeats(sheet);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("row 3, start date (column D): 03/04/2003"),
                                 HasSubstr("Say --date_order dmy or --date_order mdy")));
  EXPECT_TRUE(server_.calls.empty());
  EXPECT_EQ(ImportSeats(sheet, {"--date_order", "mdy"}).code, 0);
  EXPECT_EQ(Stored<membership::v1::Seat>("bodies/ahg/seats/b").term().start_date().month(), 3);
  EXPECT_THAT(ImportSeats("id,start date\na,31/12/2003\n", {"--date_order", "mdy"}).err,
              HasSubstr("row 2, start date (column B): isn't a date in the order"));
}

TEST_F(ImportSheetTest, OnATerminalTheAnswerIsRead) {
  data_.Write("list.csv", "id,member,role,start date\nb,idn,chair,03/04/2003\n");
  std::istringstream in("dmy\n");
  std::ostringstream out;
  std::ostringstream err;
  Io io{in,
        out,
        err,
        [](const std::string&) { return std::optional<std::string>(); },
        0,
        /*terminal=*/true,
        nullptr};
  const int code = balictl::Run(TheProgram(),
                                {"import", File("list.csv"), "--into", "bodies/ahg/seats",
                                 "--plaintext", "--server", server_.address(), "--token", "secret"},
                                io);
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_THAT(err.str(), HasSubstr("In which order are the dates"));
  EXPECT_EQ(Stored<membership::v1::Seat>("bodies/ahg/seats/b").term().start_date().month(), 4);
}

TEST_F(ImportSheetTest, APersonAndTheirPartAreMadeOfOneRow) {
  const Ran ran = ImportPeople(
      "No,Full name,Member,Agency,Birth date,Attendance\n"
      "1,Siti Nurbaya,idn,Police,1980-02,attended\n2,\"O'Hara, Jane\",aus,Customs,,registered\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "capacity/participations.json: 2 created\ncapacity/practitioners.json: 2 created\n");
  EXPECT_EQ(Stored<capacity::v1::Practitioner>("practitioners/w-1").agency(), "Police");
  const auto& part = Stored<capacity::v1::Participation>("activities/w/participations/w-2");
  EXPECT_EQ(part.practitioner(), "practitioners/w-2");
  EXPECT_EQ(part.attendance(), capacity::v1::Participation::REGISTERED);
}

class ManyPeopleTest : public ImportSheetTest {
 protected:
  static constexpr int kPeople = 450;
  ManyPeopleTest() : sheet_("No,Full name,Member\n") {
    for (int i = 0; i < kPeople; ++i) absl::StrAppend(&sheet_, i, ",Person ", i, ",aus\n");
  }
  std::string sheet_;
};

TEST_F(ManyPeopleTest, AreCheckedAndCreatedInBatches) {
  const Ran ran = ImportPeople(sheet_);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("capacity/practitioners.json: 450 created\n"));
  EXPECT_EQ(Calls("BatchCreatePractitioners"), 6U);   // on trial, too
  EXPECT_EQ(Calls("BatchCreateParticipations"), 3U);  // whose practitioners a trial doesn't make
  EXPECT_LT(server_.calls.size(), 20U);
  EXPECT_EQ(server_.resources.size(), 4U + 2 * kPeople);
}

TEST_F(ManyPeopleTest, ANeedThatIsNotThereIsToldBeforeAnythingIsWritten) {
  server_.resources.erase("activities/w");
  const Ran ran = ImportPeople(sheet_);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr("RESOURCE_NOT_FOUND"), HasSubstr("activities/w"),
                    HasSubstr("nothing was written: 450 of 900"), HasSubstr("and 350 more")));
  EXPECT_EQ(server_.resources.size(), 3U);
}

TEST_F(ManyPeopleTest, InterruptedAndRepeatedNothingIsMissingOrThereTwice) {
  int written = 0;
  server_.before = [&](const SeenCall& call) -> absl::Status {
    const bool last = call.method == "BatchCreateParticipations" && ++written == 2;
    return last ? Error(api::v1::Error::ACCESS_DENIED, "no more") : absl::OkStatus();
  };
  const Ran broken = ImportPeople(sheet_);
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.err, HasSubstr("The same command goes on from here."));
  EXPECT_THAT(broken.out, HasSubstr("capacity/participations.json: 200 created\n"));
  server_.before = nullptr;
  const Ran again = ImportPeople(sheet_);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("capacity/participations.json: 250 created, 200 unchanged\n"));
  EXPECT_THAT(again.out, HasSubstr("capacity/practitioners.json: 450 unchanged\n"));
  EXPECT_EQ(server_.resources.size(), 4U + 2 * kPeople);
}

// Whether the names are those of the same persons the server alone can tell: of each once, however
// often the sheet is read, as long as nobody has changed the person since.
TEST_F(ManyPeopleTest, WhoIsThereIsAskedAboutOnce) {
  ASSERT_EQ(ImportPeople(sheet_).code, 0);
  server_.calls.clear();
  const Ran again = ImportPeople(sheet_);
  EXPECT_THAT(again.out, HasSubstr("capacity/practitioners.json: 450 unchanged\n"));
  EXPECT_EQ(Calls("UpdatePractitioner"), 450U);
  EXPECT_LT(server_.calls.size(), 460U);
  server_.calls.clear();
  server_.before = [&](const SeenCall& call) -> absl::Status {
    if (call.method == "UpdatePractitioner" && Calls("UpdatePractitioner") == 450) {
      Keep<capacity::v1::Practitioner>("practitioners/w-7").set_member("members/idn");
    }
    return absl::OkStatus();
  };
  const Ran changed = ImportPeople(sheet_);
  EXPECT_THAT(changed.out, HasSubstr("capacity/practitioners.json: 1 updated, 449 unchanged\n"));
  EXPECT_EQ(Stored<capacity::v1::Practitioner>("practitioners/w-7").member(), "members/aus");
}

TEST_F(ManyPeopleTest, WhoIsRefusedIsToldWithTheRow) {
  ASSERT_EQ(ImportPeople(sheet_).code, 0);
  int asked = 0;
  server_.before = [&](const SeenCall& call) -> absl::Status {
    // The third one, when it is asked about beside others, and by itself.
    const bool third = call.method == "UpdatePractitioner" && (++asked == 3 || asked > 200);
    return third ? Error(api::v1::Error::RULE_BROKEN, "no") : absl::OkStatus();
  };
  const Ran refused = ImportPeople(sheet_);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("list.csv row "), HasSubstr("RULE_BROKEN"),
                                 HasSubstr("nothing was written")));
}

TEST_F(ImportSheetTest, ATrialShowsWhatWouldChange) {
  auto& seat = Keep<membership::v1::Seat>("bodies/ahg/seats/a");
  seat.set_member("members/aus");
  seat.set_role(membership::v1::Seat::CHAIR);
  const Ran ran = ImportSeats("id,member,role\na,aus,participant\nb,idn,chair\n", {"--dry_run"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("list.csv row 2: bodies/ahg/seats/a\n"), HasSubstr("role"),
                             HasSubstr("membership/seats.json: 1 created, 1 updated (dry run)\n")));
  EXPECT_FALSE(server_.resources.contains("bodies/ahg/seats/b"));
}

TEST_F(ImportSheetTest, WhatSomebodyChangedSinceIsNotOverwritten) {
  auto& seat = Keep<membership::v1::Seat>("bodies/ahg/seats/a");
  seat.set_member("members/aus");
  seat.set_role(membership::v1::Seat::CHAIR);
  const std::string sheet =
      absl::StrCat("name,role,etag\nbodies/ahg/seats/a,participant,", "old\n");
  const Ran ran = ImportSeats(sheet);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("ETAG_MISMATCH"), HasSubstr("nothing was written")));
  // A row that says what is there already isn't in anybody's way.
  EXPECT_EQ(ImportSeats("name,role,etag\nbodies/ahg/seats/a,chair,old\n").code, 0);
}

TEST_F(ImportSheetTest, AListComesBackAsItWas) {
  for (const char* id : {"a", "b"}) {
    auto& seat = Keep<membership::v1::Seat>(absl::StrCat("bodies/ahg/seats/", id));
    seat.set_member("members/aus");
    seat.set_role(membership::v1::Seat::CHAIR);
    seat.mutable_term()->mutable_start_date()->set_year(2002);
    auto& citation = *seat.add_citations();
    citation.set_title("A \"list\", of; seats");
    *seat.add_citations() = citation;
  }
  for (const char* form : {"csv", "xlsx"}) {
    const Ran listed = Do({"list", "bodies/ahg/seats", "--output", form});
    ASSERT_EQ(listed.code, 0) << listed.err;
    server_.calls.clear();
    const Ran ran = Import(listed.out, "bodies/-/seats");
    EXPECT_EQ(ran.out, "membership/seats.json: 2 unchanged\n") << form << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("left aside, as the server sets them: uid"));
    EXPECT_EQ(Writes(), 0U);
  }
}

TEST_F(ImportSheetTest, SheetsOfWorkbooksAreRead) {
  const auto parts = WorkbookParts(
      "<row r='2'><c t='inlineStr'><is><t>A list of seats</t></is></c></row><row r='4'>"
      "<c t='inlineStr'><is><t>id</t></is></c><c t='inlineStr'><is><t>Member</t></is></c>"
      "<c t='inlineStr'><is><t>Role</t></is></c><c t='inlineStr'><is><t>Start date</t></is></c>"
      "</row><row r='5'><c t='inlineStr'><is><t>a</t></is></c><c t='inlineStr'><is><t>aus</t></is>"
      "</c><c t='inlineStr'><is><t>chair</t></is></c><c s='1'><v>45019</v></c></row>");
  const Ran ran = ImportSeats(MakeZip(parts), {"--heading_row", "4"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Stored<membership::v1::Seat>("bodies/ahg/seats/a").term().start_date().day(), 3);
  EXPECT_THAT(ImportSeats(MakeZip(parts), {"--heading_row", "3"}).err,
              HasSubstr("the row 3 is empty"));
}

TEST_F(ImportSheetTest, WhatIsMissingIsSaid) {
  EXPECT_THAT(ImportSeats("member,role\naus,chair\n").err, HasSubstr("say how ids are made"));
  EXPECT_THAT(ImportSeats("").err, HasSubstr("the sheet is empty"));
  EXPECT_THAT(Import("id,member\na,aus\n", "bodies/-/seats").err,
              HasSubstr("the name 'a' must be of the form bodies/{body}/seats/{seat}"));
  EXPECT_THAT(ImportSeats("name,member\nbodies/rso/seats/a,aus\n").err,
              HasSubstr("the name 'bodies/rso/seats/a' isn't of bodies/ahg/seats"));
  EXPECT_THAT(Import("member\naus\n", "bodies/-/seats", {"--id", "{member}"}).err,
              HasSubstr("--id needs one parent"));
  EXPECT_THAT(Do({"import", File("list.csv")}).err, HasSubstr("say what its rows are"));
  EXPECT_THAT(Do({"import", data_.path(), "--into", "members"}).err, HasSubstr("is a directory"));
  EXPECT_THAT(Do({"import", File("none.csv"), "--into", "members"}).err,
              HasSubstr("can't be opened"));
  EXPECT_THAT(ImportSeats("a", {"--merge"}).err, HasSubstr("--merge is for directories"));
  EXPECT_THAT(ImportSeats("id\na\n", {"--sheet", "x"}).err, HasSubstr("has no sheets with names"));
  EXPECT_TRUE(server_.calls.empty());
}

}  // namespace
}  // namespace baliprocess::balictl
