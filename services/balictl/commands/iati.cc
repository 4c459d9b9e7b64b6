// balictl iati: a body's files for the International Aid Transparency Initiative.

#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/iati.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using capacity::v1::ExportIatiRequest;
using capacity::v1::IatiExport;

std::string ReasonText(IatiExport::Reason reason) {
  switch (reason) {
    case IatiExport::NO_AMOUNT:
      return "its amount isn't known; its funder is named";
    case IatiExport::NO_DATE:
      return "its date isn't known to the day";
    case IatiExport::NO_ACTIVITY_DATE:
      return "its first day isn't known";
    case IatiExport::IN_FUTURE:
      return "it lies ahead; a disbursement is planned in the file";
    case IatiExport::UNKNOWN_COUNTRY:
      return "IATI doesn't know its country; its region is named";
    case IatiExport::BUDGET_PERIOD:
      return "a budget of it is for more than a year";
    default:  // of a newer server
      return absl::StrCat("for reason ", static_cast<int>(reason));
  }
}

absl::Status RunIati(const Arguments& arguments, Io& io) {
  const std::string& body = arguments.positional[0];
  const std::string directory = arguments.Text("output_dir");
  const bool force = arguments.Is("force");
  ExportIatiRequest request;
  request.set_body(absl::StartsWith(body, "bodies/") ? body : absl::StrCat("bodies/", body));
  request.set_organisation_identifier(arguments.Text("org_id"));
  request.set_contact_email(arguments.Text("contact_email"));
  request.set_contact_phone(arguments.Text("contact_phone"));
  request.set_contact_uri(arguments.Text("contact_uri"));
  if (request.organisation_identifier().empty()) return UsageError("--org_id is required");
  const std::string organisation = directory + "/organisation.xml";
  const std::string activities = directory + "/activities.xml";
  RETURN_IF_ERROR(CheckOutput(organisation, force));
  RETURN_IF_ERROR(CheckOutput(activities, force));
  ASSIGN_OR_RETURN(const auto* method, FindMethod("capacity/ExportIati"));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  IatiExport exported;
  RETURN_IF_ERROR(connection->CallForPieces(*method, request, exported));
  RETURN_IF_ERROR(MakeDirectory(directory));
  RETURN_IF_ERROR(WriteOutput(organisation, exported.organisation_file().data(), force));
  io.out << organisation << "\n";
  if (exported.has_activity_file()) {
    RETURN_IF_ERROR(WriteOutput(activities, exported.activity_file().data(), force));
    io.out << activities << "\n";
  }
  for (const auto& omission : exported.omissions()) {
    io.err << "left out " << omission.resource() << ": " << ReasonText(omission.reason()) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

Command IatiCommand() {
  return {.name = "iati",
          .arguments = "BODY",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Get a body's files for IATI",
          .description =
              "Writes what a body does and what funds it as organisation.xml and activities.xml of "
              "the\nInternational Aid Transparency Initiative (IATI 2.03), and names both. What "
              "can't be in\nthem, or only in part, is named on the standard error. Without any "
              "known day there is\nno activities.xml.\n\n"
              "The files have what the caller may see. What is to be published is best got without "
              "a\ntoken.\n\n"
              "Example:\n  balictl iati rso --org_id XM-DAC-47125 --output_dir iati",
          .flags =
              WithConnection({{"org_id", "ID", "",
                               "The organisation's identifier, as IATI knows it: a registration\n"
                               "agency, a hyphen and its number there."},
                              {"contact_email", "EMAIL", "", "Where to ask, in the file."},
                              {"contact_phone", "NUMBER", "", "Where to ask, such as +6281234567."},
                              {"contact_uri", "URI", "", "The organisation's place on the web."},
                              {"output_dir", "DIR", ".", "Where to write; made if it isn't there."},
                              {"force", "", "", "Replace files that are there."}}),
          .run = RunIati};
}

}  // namespace baliprocess::balictl
