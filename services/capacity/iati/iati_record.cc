#include "services/capacity/iati/iati_record.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "baliprocess/membership/v1/external_forum.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/date.h"
#include "common/base/party.h"
#include "common/base/status_macros.h"

namespace baliprocess::capacity::iati {
namespace {

using resource::Scope;

constexpr char kIatiScheme[] = "IATI";

// IATI forbids some characters, and who reads identifiers splits them at spaces.
bool MayBeInIdentifier(unsigned char c) {
  return absl::ascii_isgraph(c) && std::string_view("/&|?").find(c) == std::string_view::npos;
}

// What an organisation is called in the files of all publishers; empty where it isn't on record, or
// isn't what IATI takes for an identifier.
template <typename Resource>
std::string IatiIdentifierOf(const Resource& resource) {
  for (const common::v1::ExternalIdentifier& identifier : resource.external_identifiers()) {
    if (identifier.scheme() != kIatiScheme) continue;
    return IsIdentifier(identifier.value()) ? identifier.value() : "";
  }
  return "";
}

Organisation OrganisationOf(const membership::v1::Member& member) {
  return {IatiIdentifierOf(member),
          member.kind() == membership::v1::Member::STATE ? kGovernment : kMultilateral,
          member.display_name()};
}

Organisation OrganisationOf(const membership::v1::Body& body) {
  return {IatiIdentifierOf(body), kMultilateral, body.display_name()};
}

Organisation OrganisationOf(const membership::v1::ExternalForum& forum) {
  return {IatiIdentifierOf(forum), "", forum.display_name()};
}

template <typename T>
absl::StatusOr<Organisation> AskFor(Scope& scope, const std::string& name) {
  const auto found = scope.GetOfPeer<T>(name);
  if (found.ok()) return OrganisationOf(*found);
  // Deleted since, or kept from the caller: what the record itself says remains.
  if (ReasonOf(found.status()) == api::v1::Error::RESOURCE_NOT_FOUND)
    return Organisation{"", "", name};
  return found.status();
}

absl::StatusOr<Organisation> AskForParty(Scope& scope, const std::string& name) {
  if (absl::StartsWith(name, "members/")) return AskFor<membership::v1::Member>(scope, name);
  if (absl::StartsWith(name, "bodies/")) return AskFor<membership::v1::Body>(scope, name);
  return AskFor<membership::v1::ExternalForum>(scope, name);
}

std::set<std::string> PartyNames(const Record& record) {
  std::set<std::string> names;
  for (const v1::Commitment& commitment : record.commitments) {
    names.insert(ResourceOf(commitment.funder()));
    for (const auto& purpose : commitment.purposes()) names.insert(purpose.body());
  }
  for (const v1::Activity& activity : record.activities) {
    for (const auto& partner : activity.partners()) {
      names.insert(ResourceOf(partner.party()));
    }
  }
  names.erase("");
  return names;
}

// Asks for everything at once, and ends with the first error only then.
absl::Status AskMembership(Scope& scope, const std::string& body, Record& record) {
  auto reported = scope.GetOfPeer<membership::v1::Body>(body);
  absl::Status status = reported.status();
  for (const std::string& name : PartyNames(record)) {
    auto party = AskForParty(scope, name);
    status.Update(party.status());
    if (party.ok()) record.parties[name] = *std::move(party);
  }
  RETURN_IF_ERROR(status);
  record.body = *std::move(reported);
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadOfBody(Scope& scope, const std::string& body, std::vector<T>& resources) {
  ASSIGN_OR_RETURN(resources, scope.VisibleWhere<T>("body = ?", {body}));
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadAll(Scope& scope, std::map<std::string, T>& resources) {
  ASSIGN_OR_RETURN(auto found, scope.VisibleWhere<T>("", {}));
  for (T& resource : found) resources.emplace(resource.name(), std::move(resource));
  return absl::OkStatus();
}

// Those of commitments that the caller sees, too.
absl::Status ReadDisbursements(Scope& scope, Record& record) {
  for (const v1::Commitment& commitment : record.commitments) {
    ASSIGN_OR_RETURN(auto disbursements,
                     scope.VisibleWhere<v1::Disbursement>("parent = ?", {commitment.name()}));
    for (auto& disbursement : disbursements) {
      record.disbursements.push_back(std::move(disbursement));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsIdentifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), MayBeInIdentifier);
}

absl::StatusOr<Record> ReadRecord(Scope& scope, const v1::ExportIatiRequest& request) {
  Record record;
  record.now = scope.now();
  RETURN_IF_ERROR(ReadOfBody(scope, request.body(), record.programmes));
  RETURN_IF_ERROR(ReadOfBody(scope, request.body(), record.activities));
  RETURN_IF_ERROR(ReadOfBody(scope, request.body(), record.publications));
  RETURN_IF_ERROR(ReadOfBody(scope, request.body(), record.commitments));
  RETURN_IF_ERROR(ReadOfBody(scope, request.body(), record.figures));
  RETURN_IF_ERROR(ReadOfBody(scope, request.body(), record.work_plans));
  RETURN_IF_ERROR(ReadAll(scope, record.strategies));
  RETURN_IF_ERROR(ReadAll(scope, record.areas));
  RETURN_IF_ERROR(ReadDisbursements(scope, record));
  RETURN_IF_ERROR(AskMembership(scope, request.body(), record));
  record.reporter = OrganisationOf(record.body);
  record.reporter.identifier = request.organisation_identifier();
  record.contact = {request.contact_phone(), request.contact_email(), request.contact_uri()};
  return record;
}

Organisation PartyOf(const Record& record, const common::v1::Party& party) {
  const auto found = record.parties.find(ResourceOf(party));
  return found == record.parties.end() ? Organisation{"", "", party.display_name()} : found->second;
}

std::string IdentifierOf(const Record& record, const std::string& name) {
  return absl::StrCat(record.reporter.identifier, "-", absl::StrReplaceAll(name, {{"/", "-"}}));
}

int32_t TodayOf(const Record& record) { return DaysOf(baliprocess::DayOf(record.now)).first; }

std::optional<std::string> DayOf(const google::type::Date& date) {
  if (date.day() == 0) return std::nullopt;
  return FormatDate(date);
}

}  // namespace baliprocess::capacity::iati
