// balictl composition: who belonged to a body at a date.

#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/term.pb.h"
#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

namespace membership = membership::v1;
using common::v1::Truth;

absl::StatusOr<membership::GetCompositionRequest> Request(const Arguments& arguments) {
  membership::GetCompositionRequest request;
  const std::string& body = arguments.positional[0];
  request.set_body(absl::StartsWith(body, "bodies/") ? body : absl::StrCat("bodies/", body));
  if (const std::string text = arguments.Text("as_of"); !text.empty()) {
    const auto date = ParseDate(text);
    if (!date) return UsageError("--as_of must be a date such as 2024-05-02, 2024-05 or 2024");
    *request.mutable_as_of() = *date;
  }
  return request;
}

std::string MembershipText(membership::Composition::Membership membership) {
  switch (membership) {
    case membership::Composition::IS_MEMBER:
      return "MEMBER";
    case membership::Composition::NOT_MEMBER:
      return "NOT_MEMBER";
    default:
      return "UNKNOWN";
  }
}

// `chair`, `chair?` when that isn't certain, `observer` likewise.
std::string RoleText(const membership::Composition::Entry& entry) {
  if (entry.chair() == Truth::YES) return "chair";
  if (entry.chair() == Truth::UNKNOWN) return "chair?";
  if (entry.observer() == Truth::YES) return "observer";
  if (entry.observer() == Truth::UNKNOWN) return "observer?";
  return entry.membership() == membership::Composition::NOT_MEMBER ? "" : "participant";
}

std::string PostText(const membership::Composition::Officer& officer) {
  const std::string post = officer.title().empty()
                               ? membership::Appointment::Post_Name(officer.post())
                               : officer.title();
  return officer.in_post() == Truth::UNKNOWN ? post + "?" : post;
}

std::string Heading(const membership::Body& body, const membership::Composition& composition) {
  std::string text = absl::StrCat(body.display_name(), " (", body.name(), ") as of ",
                                  FormatDate(composition.as_of()));
  if (composition.in_existence() == Truth::NO) absl::StrAppend(&text, ": it didn't exist");
  if (composition.in_existence() == Truth::UNKNOWN) {
    absl::StrAppend(&text, ": whether it existed isn't known");
  }
  return text + "\n";
}

void Print(const membership::Body& body, const membership::Composition& composition, Io& io) {
  io.out << Heading(body, composition);
  std::vector<Row> members = {{"MEMBER", "NAME", "MEMBERSHIP", "ROLE"}};
  for (const auto& entry : composition.entries()) {
    members.push_back({entry.member(), entry.display_name(), MembershipText(entry.membership()),
                       RoleText(entry)});
  }
  io.out << "\n" << FormatTable(std::move(members), io.width);
  if (composition.entries().empty()) io.out << "No seats are on record.\n";
  std::vector<Row> officers = {{"OFFICIAL", "NAME", "POST", "ON BEHALF OF"}};
  for (const auto& officer : composition.officers()) {
    officers.push_back(
        {officer.official(), officer.display_name(), PostText(officer), officer.on_behalf_of()});
  }
  if (officers.size() > 1) io.out << "\n" << FormatTable(std::move(officers), io.width);
}

absl::Status Composition(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto request, Request(arguments));
  const std::string output = arguments.Text("output");
  if (output != "table" && output != "json") return UsageError("--output must be table or json");
  ASSIGN_OR_RETURN(const auto get_composition, FindMethod("membership/GetComposition"));
  ASSIGN_OR_RETURN(const auto get_body, FindMethod("membership/GetBody"));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  membership::Composition composition;
  RETURN_IF_ERROR(connection->Call(*get_composition, request, composition));
  if (output == "json") {
    ASSIGN_OR_RETURN(const std::string json, ToJson(composition));
    io.out << json;
    return absl::OkStatus();
  }
  membership::GetBodyRequest body_request;
  body_request.set_name(request.body());
  membership::Body body;
  RETURN_IF_ERROR(connection->Call(*get_body, body_request, body));
  Print(body, composition, io);
  return absl::OkStatus();
}

}  // namespace

Command CompositionCommand() {
  return {.name = "composition",
          .arguments = "BODY",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Show who belonged to a body at a date",
          .description =
              "Shows the members of a body at a date: MEMBER, NOT_MEMBER, or UNKNOWN when it "
              "depends\non days that the record doesn't tell; what they were in it, and the "
              "officials in post\nthat the caller may see. A question mark: not certain.\n\n"
              "Example:\n  balictl composition ahg --as_of 2024-05-02",
          .flags = WithConnection({{"as_of", "DATE", "",
                                    "The day, or the month or year: 2024-05-02, 2024-05, 2024.\n"
                                    "Without it, today."},
                                   {"output", "table|json", "table", "How to print it."}}),
          .run = Composition};
}

}  // namespace baliprocess::balictl
