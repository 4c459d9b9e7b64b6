#include "services/meetings/calendar_links.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/meeting.pb.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/names.h"

namespace baliprocess::meetings {
namespace {

using resource::Scope;
using v1::CalendarLink;

constexpr size_t kSecretBytes = 32;

// How far a member may hide its own link: it has to find it to delete it.
constexpr api::v1::Visibility::Level kMostHiddenByMember = api::v1::Visibility::MEMBERS;

absl::Status CheckRoom(Scope& scope, const std::string& member) {
  ASSIGN_OR_RETURN(const auto links, scope.Where<CalendarLink>("member = ?", {member}));
  if (links.size() < kMostLinks) return absl::OkStatus();
  return RuleBroken("too_many_links",
                    absl::StrCat(member.empty() ? "the secretariat" : member, " has ", kMostLinks,
                                 " calendar links, the most there may be: delete one first"),
                    member);
}

}  // namespace

absl::StatusOr<resource::Condition> CompileLinkFilter(const Scope& scope,
                                                      const CalendarLink& link) {
  const resource::ResourceType& type = *scope.registry().Find(v1::Meeting::descriptor());
  return resource::CompileFilter(link.filter(), type.columns, api::v1::Visibility::MEMBERS);
}

absl::Status CreateCalendarLink(Scope& scope, const v1::CreateCalendarLinkRequest& request,
                                CalendarLink& reply) {
  reply = request.calendar_link();
  resource::ClearServerFields(reply);
  if (reply.visibility() > kMostHiddenByMember &&
      !scope.caller().Has(api::v1::Access::SECRETARIAT)) {
    return InvalidField("calendar_link.visibility",
                        "is at most MEMBERS, unless the secretariat says otherwise");
  }
  const absl::Status filter = CompileLinkFilter(scope, reply).status();
  if (!filter.ok()) {
    return InvalidField("calendar_link.filter",
                        absl::StrCat("must be a filter of meetings: ", filter.message()));
  }
  RETURN_IF_ERROR(CheckRoom(scope, reply.member()));
  const std::string secret = absl::WebSafeBase64Escape(RandomBytes(kSecretBytes));
  const resource::ResourceType& type = *scope.registry().Find(CalendarLink::descriptor());
  reply.set_name(type.pattern.Make("", resource::NewId()));
  reply.set_creator(scope.caller().subject);
  reply.set_secret_sha256(ToHex(Sha256(secret)));
  RETURN_IF_ERROR(scope.Create(reply, "calendar_link"));
  // Only now: the secret isn't stored.
  if (!request.validate_only()) reply.set_secret(secret);
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
