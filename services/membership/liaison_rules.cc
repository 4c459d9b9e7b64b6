#include <string>

#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/liaison.pb.h"
#include "common/resource/contract/names.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

absl::Status Check(resource::Scope& scope, const resource::ChangeOf<v1::Liaison>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  const v1::Liaison& liaison = change.after;
  ASSIGN_OR_RETURN(const v1::Body body,
                   scope.Require<v1::Body>(resource::ParentOf(liaison.name())));
  return CheckWithinLife(body, liaison.term(), liaison.name());
}

}  // namespace

resource::Rules LiaisonRules() { return resource::RulesOf<v1::Liaison>(nullptr, Check); }

}  // namespace baliprocess::membership
