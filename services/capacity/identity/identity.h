// Keyed hashes of what identifies a person: enough to find the same person again, and worthless to
// whoever has no key.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IDENTITY_IDENTITY_H_
#define BALIPROCESS_SERVICES_CAPACITY_IDENTITY_IDENTITY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::capacity {

// The keys of --identity_key_file, the newest first; none without that flag. An error when a file
// can't be read or is too short, or when there are more than two.
absl::StatusOr<std::vector<std::string>> ConfiguredIdentityKeys();

// The key that the store keeps, made when there is none.
absl::StatusOr<std::string> StoredIdentityKey(resource::Scope& scope);

// The hashes of `identity`, of a person sent by `member` (base64url of HMAC-SHA-256): of the name
// with the member, of the name with the year of birth, of the email address, as far as they are
// given; none when the name has no letter or digit. As identities are forgotten, no hash can be
// made later. Persons who share one may be the same.
//
// Those of the name come twice: of its second form (name_form.h), which begin with `2.`, and of its
// first, by which persons are found who were entered while there was no second one. While a key is
// replaced there are those of both keys: a person is found by the old one, and by the new one once
// everybody has been entered again.
std::vector<std::string> HashesOf(const v1::Practitioner::Identity& identity,
                                  std::string_view member, const std::vector<std::string>& keys);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IDENTITY_IDENTITY_H_
