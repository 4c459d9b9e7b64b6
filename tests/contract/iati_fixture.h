// Exports for IATI, judged as they are made.

#ifndef BALIPROCESS_TESTS_CONTRACT_IATI_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_IATI_FIXTURE_H_

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/contract/capacity_fixture.h"
#include "tests/contract/iati_schema.h"

namespace baliprocess::capacity {

using testing::IatiViolations;
using testing::XmlDocument;
using v1::IatiExport;

inline constexpr char kOrganisation[] = "XM-DAC-47125";

// That of the activity whose identifier ends so.
inline std::string In(const std::string& name) {
  return absl::StrCat("//iati-activity[iati-identifier='", kOrganisation, "-", name, "']");
}
inline const std::string kBody = In("bodies-rso");

class IatiTest : public CapacityTest {
 protected:
  absl::StatusOr<IatiExport> TryExport(const std::string& identifier,
                                       const std::string& body = "bodies/rso",
                                       const auth::Caller& caller = Secretariat(),
                                       const std::string& more = "") {
    return CallAs<IatiExport>(
        caller, "ExportIati",
        absl::StrCat("body: '", body, "' organisation_identifier: '", identifier, "' ", more));
  }

  // What isn't according to the standard fails the test.
  IatiExport Export(const auth::Caller& caller = Secretariat(), const std::string& more = "") {
    const auto found = TryExport(kOrganisation, "bodies/rso", caller, more);
    EXPECT_OK(found);
    if (!found.ok()) return {};
    EXPECT_THAT(IatiViolations(XmlDocument(found->organisation_file().data())),
                ::testing::IsEmpty());
    if (!found->activity_file().data().empty()) {
      EXPECT_THAT(IatiViolations(XmlDocument(found->activity_file().data())), ::testing::IsEmpty())
          << found->activity_file().data();
    }
    return *found;
  }

  // `commitments/nzl NO_AMOUNT`
  std::vector<std::string> Omissions(const IatiExport& exported) {
    std::vector<std::string> omissions;
    for (const auto& omission : exported.omissions()) {
      omissions.push_back(
          absl::StrCat(omission.resource(), " ", IatiExport::Reason_Name(omission.reason())));
    }
    return omissions;
  }

  void AddCommitment(const std::string& id, const std::string& fields) {
    Add("Commitment", "commitment", id, absl::StrCat("body: 'bodies/rso' ", fields));
  }
  void AddFigure(const std::string& id, const std::string& measure, int value,
                 const std::string& year, const std::string& source = "A statement") {
    Add("ReportedFigure", "reported_figure", id,
        absl::StrCat("body: 'bodies/rso' measure: ", measure, " value: ", value,
                     " citations { title: '", source, "' } period { ", PeriodText(year, year),
                     " }"));
  }
};

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_TESTS_CONTRACT_IATI_FIXTURE_H_
