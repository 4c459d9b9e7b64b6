#include <string>

#include "baliprocess/membership/v1/official.pb.h"
#include "common/resource/contract/clearing.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using v1::Official;

void Validate(const Official& official, std::string_view path, Violations& violations) {
  if (official.display_name().empty() && !official.has_erase_time()) {
    violations.Add(std::string(path) + ".display_name", "is required");
  }
}

// A record may be restored as erased, but only if it is.
absl::Status CheckRestored(const Official& official) {
  Official erased = official;
  if (!official.has_erase_time() || !resource::ErasePersonal(erased)) return absl::OkStatus();
  return InvalidField("official.erase_time", "must be absent where personal fields are set");
}

absl::Status Check(resource::Scope&, const Official* before, Official& after) {
  if (before == nullptr) return CheckRestored(after);
  if (!before->has_erase_time()) return absl::OkStatus();
  return WrongState(after.name(), "erased", "it doesn't change any more");
}

}  // namespace

resource::Rules OfficialRules() { return resource::RulesOf<Official>(Validate, Check); }

}  // namespace baliprocess::membership
