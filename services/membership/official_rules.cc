#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/official.pb.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using v1::Official;

void Validate(const Official& official, std::string_view path, Violations& violations) {
  if (official.display_name().empty() && !official.has_erase_time()) {
    violations.Add(std::string(path) + ".display_name", "is required");
  }
}

absl::Status Check(resource::Scope&, const Official* before, Official& after) {
  if (before == nullptr || !before->has_erase_time()) return absl::OkStatus();
  return Error(api::v1::WRONG_STATE,
               absl::StrCat(after.name(), " has been erased and doesn't change any more"),
               {{"resource", after.name()}, {"state", "erased"}});
}

}  // namespace

resource::Rules OfficialRules() { return resource::RulesOf<Official>(Validate, Check); }

}  // namespace baliprocess::membership
