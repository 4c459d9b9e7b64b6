// Callers known by the certificates of their connections: programs that have no token.
//
// What services trust is a token, and they verify it themselves. So the gateway makes one for such
// a caller, signed with a key of its own, and handles the call as if it had come with that.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_IDENTITIES_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_IDENTITIES_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/auth/signer.h"
#include "common/base/clock.h"
#include "services/gateway/settings/options.h"

namespace baliprocess::gateway {

// Safe for many threads.
class Identities {
 public:
  // Reads the files. An error names what is wrong in which.
  static absl::StatusOr<std::unique_ptr<Identities>> Open(const IdentityFiles& files,
                                                          const Clock& clock);

  // Reads the list anew: callers are those that stand there now.
  absl::Status Reload();

  // The value of `authorization` for who shows a certificate with these URIs among its alternative
  // names: the first that is known counts. Empty when none is.
  std::string AuthorizationOf(const std::vector<std::string>& uris);

  // A token as they are made, of nobody.
  std::string Specimen() const;

 private:
  struct Caller {
    auth::TokenClaims claims;
    std::string authorization;  // signed last
    absl::Time renew;           // when it is to be made anew
  };
  using Callers = std::map<std::string, Caller, std::less<>>;  // by URI

  Identities(IdentityFiles files, auth::TokenSigner signer, const Clock& clock)
      : files_(std::move(files)), signer_(std::move(signer)), clock_(clock) {}
  absl::StatusOr<Callers> Read() const;
  std::string Sign(Caller& caller) const;

  const IdentityFiles files_;
  const auth::TokenSigner signer_;
  const Clock& clock_;
  std::mutex mutex_;
  Callers callers_;  // guarded by mutex_
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_IDENTITIES_H_
