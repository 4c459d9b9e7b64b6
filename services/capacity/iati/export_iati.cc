#include "services/capacity/iati/export_iati.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "services/capacity/iati/iati_activities.h"
#include "services/capacity/iati/iati_file.h"
#include "services/capacity/iati/iati_record.h"

namespace baliprocess::capacity {
namespace {

constexpr char kXmlType[] = "application/xml";

bool IsCapital(unsigned char c) { return absl::ascii_isupper(c); }
bool IsCapitalOrDigit(unsigned char c) { return absl::ascii_isupper(c) || absl::ascii_isdigit(c); }

// A registration agency is a country or `X` and a letter, a hyphen, and its register there; numbers
// are of its own making.
bool IsOrganisationIdentifier(std::string_view identifier) {
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(identifier), absl::MaxSplits('-', 2));
  return parts.size() == 3 && parts[0].size() == 2 && !parts[1].empty() &&
         std::all_of(parts[0].begin(), parts[0].end(), IsCapital) &&
         std::all_of(parts[1].begin(), parts[1].end(), IsCapitalOrDigit) &&
         iati::IsIdentifier(parts[2]);
}

}  // namespace

absl::Status ExportIati(Scope& scope, const v1::ExportIatiRequest& request, v1::IatiExport& reply) {
  if (!IsOrganisationIdentifier(request.organisation_identifier())) {
    return InvalidField("organisation_identifier",
                        "must be a registration agency, a hyphen and the number there, such as "
                        "XM-DAC-47125, without spaces and without any of / & | ?");
  }
  ASSIGN_OR_RETURN(const iati::Record record, iati::ReadRecord(scope, request));
  const auto activities = iati::ActivitiesOf(record, *reply.mutable_omissions());
  google::api::HttpBody& organisation = *reply.mutable_organisation_file();
  organisation.set_content_type(kXmlType);
  ASSIGN_OR_RETURN(
      *organisation.mutable_data(),
      iati::WriteOrganisationFile(record.reporter, iati::DocumentsOf(record), record.now));
  // IATI knows no activity file without an activity.
  if (activities.empty()) return absl::OkStatus();
  google::api::HttpBody& activity = *reply.mutable_activity_file();
  activity.set_content_type(kXmlType);
  ASSIGN_OR_RETURN(
      *activity.mutable_data(),
      iati::WriteActivityFile(record.reporter, record.contact, activities, record.now));
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
