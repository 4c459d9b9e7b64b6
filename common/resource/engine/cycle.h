// Resources of one type that are parts of each other.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_CYCLE_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_CYCLE_H_

#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::resource {

// RULE_BROKEN (`rule`) if following `whole`, the field that names what a resource is part of, leads
// from `resource` back to it: `CheckNotPartOfItself(scope, body, &Body::parent_body,
// "body_cycle")`.
template <typename T>
absl::Status CheckNotPartOfItself(Scope& scope, const T& resource,
                                  const std::string& (T::*whole)() const, std::string_view rule) {
  std::set<std::string> seen = {resource.name()};
  std::string next = (resource.*whole)();
  while (!next.empty()) {
    if (!seen.insert(next).second) {
      return RuleBroken(rule,
                        absl::StrCat(resource.name(), " can't be part of ", (resource.*whole)(),
                                     ", which is part of it"),
                        resource.name());
    }
    ASSIGN_OR_RETURN(const T found, scope.Require<T>(next));
    next = (found.*whole)();
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_CYCLE_H_
