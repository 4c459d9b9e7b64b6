// Callers known by the certificates of their connections: programs that have no token.
//
// What services trust is a token, and they verify it themselves. So the gateway makes one for such
// a caller, signed with a key of its own, and handles the call as if it had come with that.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_IDENTITIES_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_IDENTITIES_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/signer.h"
#include "common/auth/token.h"
#include "common/base/clock.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// Safe for many threads.
class Identities {
 public:
  // Knows nobody yet. The arguments but the first must outlive the object.
  Identities(IdentityFiles files, auth::TokenVerifier& verifier, const Clock& clock)
      : files_(std::move(files)), verifier_(verifier), clock_(clock) {}

  // Reads the files: callers are those that stand in the list now, and the key that is there now
  // signs for them. An error names what is wrong in which, also when the verifier doesn't take
  // tokens that the key signs. Nothing has changed then.
  absl::Status Reload();

  // The value of `authorization` for who shows a certificate with these URIs among its alternative
  // names: the first that is known counts. Empty when none is.
  std::string AuthorizationOf(const std::vector<std::string>& uris);

 private:
  struct Caller {
    auth::TokenClaims claims;
    std::string authorization;  // signed last
    absl::Time renew;           // when it is to be made anew
  };
  using Callers = std::map<std::string, Caller, std::less<>>;  // by URI

  absl::StatusOr<Callers> ReadCallers() const;
  absl::StatusOr<auth::TokenSigner> ReadSigner() const;
  std::string Sign(const auth::TokenSigner& signer, auth::TokenClaims claims) const;

  const IdentityFiles files_;
  auth::TokenVerifier& verifier_;
  const Clock& clock_;
  std::mutex mutex_;
  // Guarded by mutex_:
  Callers callers_;
  std::optional<auth::TokenSigner> signer_;  // set, once the files are read
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_IDENTITIES_H_
