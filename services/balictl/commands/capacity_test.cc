// The reports of capacity-building: balictl figures and balictl iati.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/capacity/v1/iati.pb.h"
#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using capacity::v1::Count;
using capacity::v1::Figures;
using capacity::v1::IatiExport;
using capacity::v1::ReportedFigure;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CapacityReportTest : public ServerFixture {
 protected:
  static void Set(Count::Disclosure disclosure, int64_t value, Count& count) {
    count.set_disclosure(disclosure);
    count.set_value(value);
  }
  static void Report(int64_t value, const std::string& source, Figures::Entry& entry) {
    auto& figure = *entry.add_reported()->mutable_reported_figure();
    figure.set_value(value);
    figure.add_citations()->set_title(source);
  }
  Figures::Entry& AddEntry(ReportedFigure::Measure measure) {
    Figures::Entry& entry = *figures_.add_entries();
    entry.set_measure(measure);
    return entry;
  }
  void SetUp() override {
    figures_.set_body("bodies/rso");
    figures_.mutable_period()->mutable_start_date()->set_year(2023);
    figures_.mutable_period()->mutable_end_date()->set_year(2023);
    Figures::Entry& dialogues = AddEntry(ReportedFigure::DIALOGUES);
    Report(17, "A statement", dialogues);
    Report(15, "Another", dialogues);
    dialogues.mutable_reported(0)->set_difference(2);
    dialogues.mutable_reported(1)->set_difference(0);
    Set(Count::EXACT, 15, *dialogues.mutable_computed());
    Set(Count::EXACT, 1, *dialogues.mutable_undecided());
    Figures::Entry& trained = AddEntry(ReportedFigure::PRACTITIONERS_TRAINED);
    Report(348, "A statement", trained);
    Set(Count::FEWER_THAN_FIVE, 0, *trained.mutable_computed());
    Set(Count::WITHHELD, 0, *trained.mutable_undecided());
    Figures::Entry& publications = AddEntry(ReportedFigure::PUBLICATIONS);
    Set(Count::EXACT, 3, *publications.mutable_computed());
    Set(Count::EXACT, 0, *publications.mutable_undecided());
    server_.Reply("GetFigures", figures_);
  }

  Figures figures_;
};

TEST_F(CapacityReportTest, FiguresAreReportedAndComputed) {
  const Ran ran = Do({"figures", "rso", "--period", "2023"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "bodies/rso, 2023\n\n"
            "MEASURE                REPORTED  COMPUTED      DIFFERENCE  UNDECIDED  SOURCE\n"
            "DIALOGUES              17        15            +2          1          A statement\n"
            "DIALOGUES              15        15            0           1          Another\n"
            "PRACTITIONERS_TRAINED  348       fewer than 5              withheld   A statement\n"
            "PUBLICATIONS                     3                         0\n");
  EXPECT_THAT(Do({"figures", "bodies/rso", "--output", "json"}).out,
              HasSubstr("\"measure\": \"DIALOGUES\""));
}

TEST_F(CapacityReportTest, PeriodsAreOneDateOrTwo) {
  const auto period = [this] {
    const auto& request = server_.requests.at("GetFigures");
    return static_cast<const capacity::v1::GetFiguresRequest&>(*request).period();
  };
  Do({"figures", "rso", "--period", "2022-07/2023-06"});
  EXPECT_EQ(period().start_date().month(), 7);
  EXPECT_EQ(period().end_date().year(), 2023);
  Do({"figures", "rso", "--period", "2023-02"});
  EXPECT_EQ(period().start_date().month(), 2);
  EXPECT_EQ(period().end_date().month(), 2);
  const auto this_year = absl::ToCivilYear(absl::Now(), absl::UTCTimeZone()).year();
  Do({"figures", "rso"});
  EXPECT_EQ(period().start_date().year(), this_year - 1);
  EXPECT_EQ(period().end_date().year(), this_year - 1);
  for (const char* wrong : {"last", "2023/2024/2025", "2023/", "2023-13"}) {
    EXPECT_EQ(Do({"figures", "rso", "--period", wrong}).code, 2) << wrong;
  }
}

class IatiCommandTest : public ServerFixture {
 protected:
  void SetUp() override {
    exported_.mutable_organisation_file()->set_data("<iati-organisations/>");
    exported_.mutable_activity_file()->set_data("<iati-activities/>");
    for (const auto& [resource, reason] :
         {std::pair("commitments/nzl", IatiExport::NO_AMOUNT),
          std::pair("commitments/aus", IatiExport::NO_DATE),
          std::pair("activities/website", IatiExport::NO_ACTIVITY_DATE),
          std::pair("commitments/late", IatiExport::IN_FUTURE),
          std::pair("activities/there", IatiExport::UNKNOWN_COUNTRY),
          std::pair("activities/long", IatiExport::BUDGET_PERIOD)}) {
      auto& omission = *exported_.add_omissions();
      omission.set_resource(resource);
      omission.set_reason(reason);
    }
    server_.Reply("ExportIati", exported_);
  }
  Ran Export(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"iati",         "rso",          "--org_id",
                                      "XM-DAC-47125", "--output_dir", File("iati")};
    words.insert(words.end(), more.begin(), more.end());
    return Do(words);
  }

  IatiExport exported_;
};

TEST_F(IatiCommandTest, WritesBothFilesAndNamesWhatIsLeftOut) {
  const Ran ran = Export({"--contact_email", "x@example.org", "--contact_phone", "+628123456789",
                          "--contact_uri", "https://example.org"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            absl::StrCat(File("iati/organisation.xml"), "\n", File("iati/activities.xml"), "\n"));
  EXPECT_EQ(ran.err,
            "left out commitments/nzl: its amount isn't known; its funder is named\n"
            "left out commitments/aus: its date isn't known to the day\n"
            "left out activities/website: its first day isn't known\n"
            "left out commitments/late: it lies ahead; a disbursement is planned in the file\n"
            "left out activities/there: IATI doesn't know its country; its region is named\n"
            "left out activities/long: a budget of it is for more than a year\n");
  EXPECT_EQ(data_.Read("iati/organisation.xml"), exported_.organisation_file().data());
  EXPECT_EQ(data_.Read("iati/activities.xml"), exported_.activity_file().data());
  const auto& request =
      static_cast<const capacity::v1::ExportIatiRequest&>(*server_.requests.at("ExportIati"));
  EXPECT_EQ(request.body(), "bodies/rso");
  EXPECT_EQ(request.organisation_identifier(), "XM-DAC-47125");
  EXPECT_EQ(request.contact_email(), "x@example.org");
  EXPECT_EQ(request.contact_phone(), "+628123456789");
  EXPECT_EQ(request.contact_uri(), "https://example.org");
}

TEST_F(IatiCommandTest, ReplacesFilesOnlyWhenToldTo) {
  data_.Write("iati/activities.xml", "mine");
  const Ran ran = Export();
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("activities.xml"), HasSubstr("--force")));
  EXPECT_EQ(data_.Read("iati/activities.xml"), "mine");
  EXPECT_EQ(data_.Read("iati/organisation.xml"), "");
  EXPECT_THAT(server_.calls, IsEmpty());
  EXPECT_EQ(Export({"--force"}).code, 0);
  EXPECT_EQ(data_.Read("iati/activities.xml"), exported_.activity_file().data());
}

TEST_F(IatiCommandTest, WithoutActivitiesThereIsOneFile) {
  exported_.clear_activity_file();
  server_.Reply("ExportIati", exported_);
  EXPECT_EQ(Export().out, File("iati/organisation.xml") + "\n");
  EXPECT_EQ(data_.Read("iati/activities.xml"), "");
}

TEST_F(IatiCommandTest, NeedsAnIdentifier) {
  const Ran ran = Do({"iati", "rso"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--org_id"));
}

}  // namespace
}  // namespace baliprocess::balictl
