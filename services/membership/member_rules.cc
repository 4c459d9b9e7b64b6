#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/date.h"
#include "common/base/regions.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {
namespace {

using v1::Member;

// What a member was follows one upon the other, up to what it is.
void ValidateStandings(const Member& member, const std::string& prefix, Violations& violations) {
  for (int i = 0; i < member.earlier_standings_size(); ++i) {
    const bool last = i + 1 == member.earlier_standings_size();
    const common::v1::Term& term = member.earlier_standings(i).term();
    const common::v1::Term& next = last ? member.term() : member.earlier_standings(i + 1).term();
    const std::string path = absl::StrCat(prefix, ".earlier_standings[", i, "].term");
    if (!term.has_end_date()) {
      violations.Add(path + ".end_date", "is required: something else came after it");
    } else if (!next.has_start_date()) {
      violations.Add(last ? prefix + ".term.start_date" : path,
                     "needs the start_date of what came after it");
    } else if (Before(DaysOf(term.end_date()), DaysOf(next.start_date())) == Truth::kFalse) {
      violations.Add(path + ".end_date", "must be before what came after it starts");
    }
  }
  if (!member.withdrawal_basis().empty() && !member.term().has_end_date()) {
    violations.Add(prefix + ".withdrawal_basis", "must be empty unless the term has an end");
  }
}

void Validate(const Member& member, std::string_view path, Violations& violations) {
  const std::string prefix(path);
  ValidateStandings(member, prefix, violations);
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
