#include <string>

#include "baliprocess/membership/v1/official.pb.h"
#include "common/resource/contract/clearing.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using resource::ChangeKind;
using resource::ChangeOf;
using v1::Official;

void Validate(const Official& official, std::string_view path, Violations& violations) {
  if (official.display_name().empty() && !official.has_erase_time()) {
    violations.Add(std::string(path) + ".display_name", "is required");
  }
}

// A record may be restored as erased, but only if it is.
absl::Status CheckRestored(const ChangeOf<Official>& change) {
  Official erased = change.after;
  if (!erased.has_erase_time() || !resource::ErasePersonal(erased)) return absl::OkStatus();
  return InvalidField(change.FieldPath("erase_time"),
                      "must be absent where personal fields are set");
}

absl::Status Check(resource::Scope&, const ChangeOf<Official>& change) {
  switch (change.kind) {
    case ChangeKind::kCreate:
      return CheckRestored(change);
    case ChangeKind::kDelete:
      return absl::OkStatus();
    case ChangeKind::kUpdate:
    case ChangeKind::kUndelete:
      break;
  }
  if (!change.before->has_erase_time()) return absl::OkStatus();
  return WrongState(change.after.name(), "erased", "it doesn't change any more");
}

}  // namespace

resource::Rules OfficialRules() { return resource::RulesOf<Official>(Validate, Check); }

}  // namespace baliprocess::membership
