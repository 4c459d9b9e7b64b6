#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/regions.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using v1::Member;

void Validate(const Member& member, std::string_view path, Violations& violations) {
  const std::string prefix(path);
  if (member.kind() == Member::ORGANISATION) {
    if (!member.region_code().empty()) {
      violations.Add(prefix + ".region_code", "must be empty for an organisation");
    }
    return;
  }
  const std::string id = member.name().substr(member.name().rfind('/') + 1);
  // An id in capitals isn't valid and is refused before.
  const std::string_view region = RegionOfAlpha3(absl::AsciiStrToUpper(id));
  if (region.empty()) {
    violations.Add(prefix + ".name",
                   "must end in the ISO 3166-1 alpha-3 code of the state, in lower case, such as "
                   "members/aus");
  } else if (member.region_code() != region) {
    violations.Add(prefix + ".region_code",
                   absl::StrCat("must be ", std::string(region), ", the region code of ", id));
  }
}

}  // namespace

resource::Rules MemberRules() { return resource::RulesOf<Member>(Validate, nullptr); }

}  // namespace baliprocess::membership
