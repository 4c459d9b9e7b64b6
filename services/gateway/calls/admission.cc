#include "services/gateway/calls/admission.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "services/gateway/calls/rates.h"

namespace baliprocess::gateway {
namespace {

constexpr size_t kMaxRemembered = 4096;
constexpr absl::Duration kRememberFor = absl::Seconds(5);

}  // namespace

absl::StatusOr<const Admission::Admitted*> Admission::Admit(const auth::MethodAccess& access,
                                                            std::string_view authorization) {
  checked_signature_ = false;
  ASSIGN_OR_RETURN(const Admitted* admitted, Authenticate(authorization));
  RETURN_IF_ERROR(auth::CheckRoles(access, admitted->caller));
  return admitted;
}

const Admission::Admitted* Admission::Known(std::string_view authorization) const {
  const auto it = remembered_.find(authorization);
  return it != remembered_.end() && clock_.Now() < it->second.until ? &it->second.admitted
                                                                    : nullptr;
}

absl::StatusOr<const Admission::Admitted*> Admission::Authenticate(std::string_view authorization) {
  if (authorization.empty()) return &anonymous_;
  const absl::Time now = clock_.Now();
  auto it = remembered_.find(authorization);
  if (it != remembered_.end() && now < it->second.until) return &it->second.admitted;
  if (it != remembered_.end()) remembered_.erase(it);
  ASSIGN_OR_RETURN(auth::Caller caller,
                   verifier_.VerifyCounting(authorization, checked_signature_));
  // Starting again is simpler than choosing whom to forget, and cheap this seldom.
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  const absl::Time until = std::min(caller.expires, now + kRememberFor);
  std::shared_ptr<Load> load = callers_.LoadOf(caller.subject);
  const RateLimit& rate = RateLimitOf(caller, rates_);
  Admitted admitted{std::move(caller), std::move(load), &rate};
  it = remembered_.emplace(authorization, Remembered{std::move(admitted), until}).first;
  return &it->second.admitted;
}

}  // namespace baliprocess::gateway
