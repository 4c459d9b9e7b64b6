#include <utility>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/base/status_macros.h"
#include "services/capacity/identity/hash_index.h"
#include "services/capacity/identity/identity.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/identity/name_form.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {
namespace {

using google::protobuf::Message;
using resource::ChangeOf;
using resource::Scope;
using v1::Practitioner;

void ValidateName(std::string_view name, const std::string& path, Violations& violations) {
  if (IsNameTooLong(name)) {
    violations.Add(path, absl::StrCat("must have at most ", kMostOfName,
                                      " characters when ligatures are written out, and at most ",
                                      kMostBeyondLatin, " of other scripts than Latin"));
  } else if (IsZawgyi(name)) {
    violations.Add(path,
                   "must be in Unicode: it looks like Myanmar in the Zawgyi encoding; convert the "
                   "list that it is from");
  }
}

void Validate(const Message& resource, std::string_view prefix, Violations& violations) {
  const auto& practitioner = static_cast<const Practitioner&>(resource);
  const std::string path(prefix);
  ValidateRestricted(practitioner.visibility(), prefix, violations);
  ValidateName(practitioner.identity().full_name(), path + ".identity.full_name", violations);
  const bool identified = practitioner.has_identity() || !practitioner.identity_hashes().empty();
  if (practitioner.has_erase_time() && identified) {
    violations.Add(path + ".erase_time", "must be absent where the person is identified");
  }
}

// What a merged practitioner keeps as it is.
std::string Content(Practitioner practitioner) {
  practitioner.clear_merged_into();
  practitioner.clear_merge_time();
  practitioner.clear_survivor();
  practitioner.clear_delete_time();
  practitioner.clear_update_time();
  practitioner.clear_etag();
  return practitioner.SerializeAsString();
}

// Who stands for a merged practitioner may have changed before it is here, or here again.
absl::Status SetSurvivor(Scope& scope, Practitioner& practitioner) {
  practitioner.clear_survivor();
  if (practitioner.merged_into().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Practitioner into,
                   scope.Require<Practitioner>(practitioner.merged_into()));
  practitioner.set_survivor(PersonOf(into));
  return absl::OkStatus();
}

// Makes an identity into its hashes.
absl::Status Identify(Scope& scope, const std::vector<std::string>& configured_keys,
                      const ChangeOf<Practitioner>& change) {
  Practitioner& after = change.after;
  if (!after.has_identity()) return absl::OkStatus();
  std::vector<std::string> keys = configured_keys;
  if (keys.empty()) {
    ASSIGN_OR_RETURN(keys.emplace_back(), StoredIdentityKey(scope));
  }
  const auto hashes = HashesOf(after.identity(), after.member(), keys);
  if (hashes.empty())
    return InvalidField(change.FieldPath("identity.full_name"), "must have letters");
  after.mutable_identity_hashes()->Assign(hashes.begin(), hashes.end());
  after.clear_identity();
  return absl::OkStatus();
}

// Identities are compared by their hashes: a list that is imported again changes nobody.
absl::Status Check(Scope& scope, const std::vector<std::string>& configured_keys,
                   const ChangeOf<Practitioner>& change) {
  if (change.kind == resource::ChangeKind::kDelete) return absl::OkStatus();
  RETURN_IF_ERROR(Identify(scope, configured_keys, change));
  Practitioner& after = change.after;
  const Practitioner* const before = change.replaced();
  if (before == nullptr) return SetSurvivor(scope, after);
  if (!before->merged_into().empty() && Content(*before) != Content(after)) {
    return WrongState(after.name(), "MERGED",
                      absl::StrCat("change ", before->survivor(), ", or unmerge it first"));
  }
  return absl::OkStatus();
}

}  // namespace

resource::Rules PractitionerRules(std::vector<std::string> identity_keys) {
  resource::Rules rules;
  rules.validate = Validate;
  rules.derive = [](storage::Transaction& tx, const Message& resource) {
    return KeepHashes(tx, static_cast<const Practitioner&>(resource));
  };
  rules.check = resource::CheckOf<Practitioner>(
      [keys = std::move(identity_keys)](Scope& scope, const ChangeOf<Practitioner>& change) {
        return Check(scope, keys, change);
      });
  return rules;
}

std::string PersonOf(const Practitioner& practitioner) {
  return practitioner.survivor().empty() ? practitioner.name() : practitioner.survivor();
}

}  // namespace baliprocess::capacity
