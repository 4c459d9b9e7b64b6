// Who may call: tokens and roles, judged before anything is sent to a service.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_ADMISSION_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_ADMISSION_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/access.h"
#include "common/auth/token.h"
#include "common/base/clock.h"
#include "services/gateway/calls/callers.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// Of one event loop, which alone uses it. Remembers the callers behind `authorization` headers for
// a few seconds, at most until they expire, so that calls don't meet in the verifier's cache, which
// all loops share, and a key that was withdrawn is noticed.
class Admission {
 public:
  // The arguments must outlive it.
  Admission(auth::TokenVerifier& verifier, Callers& callers, const Rates& rates, const Clock& clock)
      : verifier_(verifier),
        callers_(callers),
        rates_(rates),
        clock_(clock),
        anonymous_{.caller = {}, .load = nullptr, .rate = &rates.anonymous} {}

  struct Admitted {
    auth::Caller caller;
    std::shared_ptr<Load> load;  // of the caller; null: it is anonymous
    const RateLimit* rate;       // that its roles have
  };

  // The caller, when it may call the method. Valid until the next call of Admit.
  absl::StatusOr<const Admitted*> Admit(const auth::MethodAccess& access,
                                        std::string_view authorization);

  // The caller, if it has been admitted with these words a few seconds ago; null otherwise. Nothing
  // is verified. Valid until the next call of Admit.
  const Admitted* Known(std::string_view authorization) const;

  // Whether the last call of Admit had a signature checked.
  bool checked_signature() const { return checked_signature_; }

 private:
  struct Remembered {
    Admitted admitted;
    absl::Time until;
  };
  struct Hash {
    using is_transparent = void;
    // Of the end: that is the signature. Only tokens that were verified are held.
    size_t operator()(std::string_view text) const {
      constexpr size_t kHashed = 32;
      return std::hash<std::string_view>()(
          text.substr(text.size() - std::min(kHashed, text.size())));
    }
  };

  absl::StatusOr<const Admitted*> Authenticate(std::string_view authorization);

  auth::TokenVerifier& verifier_;
  Callers& callers_;
  const Rates& rates_;
  const Clock& clock_;
  const Admitted anonymous_;
  bool checked_signature_ = false;
  std::unordered_map<std::string, Remembered, Hash, std::equal_to<>> remembered_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_ADMISSION_H_
