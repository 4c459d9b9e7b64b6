#include <initializer_list>
#include <string>

#include "baliprocess/meetings/v1/delegation.pb.h"
#include "common/base/status_macros.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Delegation;

template <typename Request>
absl::Status Change(Scope& scope, const Request& request,
                    std::initializer_list<Delegation::Credentials> from, Delegation::Credentials to,
                    std::string_view what, Delegation& delegation) {
  RETURN_IF_ERROR(scope.GetForChange(request, delegation));
  RETURN_IF_ERROR(ExpectState(delegation.name(), delegation.credentials(), from, what));
  delegation.set_credentials(to);
  delegation.set_credentials_note(request.note());
  return scope.Update(delegation);
}

}  // namespace

absl::Status SubmitCredentials(Scope& scope, const v1::SubmitCredentialsRequest& request,
                               Delegation& reply) {
  return Change(scope, request, {Delegation::NOT_SUBMITTED, Delegation::RETURNED},
                Delegation::SUBMITTED, "its credentials are in", reply);
}

absl::Status AcceptCredentials(Scope& scope, const v1::AcceptCredentialsRequest& request,
                               Delegation& reply) {
  return Change(scope, request, {Delegation::SUBMITTED}, Delegation::ACCEPTED,
                "there are no credentials to accept", reply);
}

absl::Status ReturnCredentials(Scope& scope, const v1::ReturnCredentialsRequest& request,
                               Delegation& reply) {
  return Change(scope, request, {Delegation::SUBMITTED, Delegation::ACCEPTED}, Delegation::RETURNED,
                "there are no credentials to return", reply);
}

}  // namespace baliprocess::meetings
