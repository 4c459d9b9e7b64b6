// Who calls.

#ifndef BALIPROCESS_COMMON_AUTH_CALLER_H_
#define BALIPROCESS_COMMON_AUTH_CALLER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "baliprocess/api/v1/access.pb.h"
#include "baliprocess/api/v1/visibility.pb.h"

namespace baliprocess::auth {

// The verified identity behind a call. Without a token: no subject, role PUBLIC alone.
struct Caller {
  // The token's `sub`; empty without a token. Recorded as the actor of changes.
  std::string subject;

  // The roles, PUBLIC always among them, as bits `1 << api::v1::Access::Role`.
  uint32_t roles = 1u << api::v1::Access::PUBLIC;

  // The caller's own member, `members/{member}`; empty when it speaks for none.
  std::string member;

  // When the identity lapses (the token's `exp`, and the clock skew); infinite future without a
  // token.
  absl::Time expires = absl::InfiniteFuture();

  bool Has(api::v1::Access::Role role) const { return (roles >> role) & 1u; }
  bool anonymous() const { return subject.empty(); }

  // The highest visibility that the caller may read.
  api::v1::Visibility::Level clearance() const {
    if (Has(api::v1::Access::SECRETARIAT)) return api::v1::Visibility::RESTRICTED;
    const bool reader = Has(api::v1::Access::OBSERVER) || Has(api::v1::Access::MEMBER) ||
                        Has(api::v1::Access::OPERATOR);
    return reader ? api::v1::Visibility::MEMBERS : api::v1::Visibility::PUBLIC;
  }
};

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_CALLER_H_
