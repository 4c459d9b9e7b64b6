#include <string>

#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/liaison.pb.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

absl::Status Check(resource::Scope& scope, const v1::Liaison*, v1::Liaison& liaison) {
  ASSIGN_OR_RETURN(const v1::Body body, scope.Require<v1::Body>(liaison.name().substr(
                                            0, liaison.name().find("/liaisons/"))));
  return CheckWithinLife(body, liaison.term(), liaison.name());
}

}  // namespace

resource::Rules LiaisonRules() { return resource::RulesOf<v1::Liaison>(nullptr, Check); }

}  // namespace baliprocess::membership
