#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/delegate.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using resource::ChangeKind;
using resource::ChangeOf;
using resource::ParentOf;
using resource::Scope;
using v1::Delegate;
using v1::Delegation;
using v1::Meeting;

absl::Status CheckOnlyHead(Scope& scope, const Delegate& delegate) {
  if (delegate.role() != Delegate::HEAD) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto others,
      scope.Where<Delegate>("parent = ? AND role = ? AND name <> ?",
                            {ParentOf(delegate.name()), int64_t{Delegate::HEAD}, delegate.name()}));
  if (others.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string name, scope.NameIfSeen(others[0]));
  return RuleBroken("head_taken", absl::StrCat("somebody leads the delegation: ", name), name);
}

absl::Status CheckMember(const Meeting& meeting, const ChangeOf<Delegate>& change) {
  RETURN_IF_ERROR(CheckStillOpen(meeting));
  if (change.kind == ChangeKind::kDelete || change.after.visibility() <= kMostHiddenByMember) {
    return absl::OkStatus();
  }
  return InvalidField(change.FieldPath("visibility"),
                      "is at most MEMBERS, unless the secretariat says otherwise");
}

absl::Status Check(Scope& scope, const ChangeOf<Delegate>& change) {
  const Delegate& after = change.after;
  const std::string delegation_name = ParentOf(after.name());
  if (!scope.caller().Has(api::v1::Access::SECRETARIAT)) {
    ASSIGN_OR_RETURN(const Meeting meeting, scope.Require<Meeting>(ParentOf(delegation_name)));
    RETURN_IF_ERROR(CheckMember(meeting, change));
  }
  if (change.kind == ChangeKind::kDelete) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Delegation delegation, scope.Require<Delegation>(delegation_name));
  if (after.member() != delegation.participant().member()) {
    return InvalidField(change.FieldPath("member"), "must be that of the delegation");
  }
  return CheckOnlyHead(scope, after);
}

}  // namespace

resource::Rules DelegateRules() { return resource::RulesOf<Delegate>(nullptr, Check); }

}  // namespace baliprocess::meetings
