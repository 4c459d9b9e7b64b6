// Where somebody who has found a hole reports it: what /.well-known/security.txt says (RFC 9116).

#ifndef BALIPROCESS_SERVICES_GATEWAY_SETTINGS_SECURITY_CONTACT_H_
#define BALIPROCESS_SERVICES_GATEWAY_SETTINGS_SECURITY_CONTACT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::gateway {

struct SecurityContact {
  std::vector<std::string> contacts;  // URIs, the preferred one first; none: there is no such page
  std::string canonical;              // the URL of the page itself, or empty
};

// INVALID_ARGUMENT unless each contact is a URI of mailto:, https:// or tel:, and `public_url`,
// where clients reach the gateway, is empty or `https://HOST[:PORT]`.
absl::StatusOr<SecurityContact> SecurityContactAt(const std::vector<std::string>& contacts,
                                                  const std::string& public_url);

// As --security_contact and --public_url say.
absl::StatusOr<SecurityContact> SecurityContactFromFlags();

// The page, as of `now`. It says itself that it ends 364 days later: by then the process, and so
// the page, is another one.
std::string SecurityText(const SecurityContact& contact, absl::Time now);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_SETTINGS_SECURITY_CONTACT_H_
