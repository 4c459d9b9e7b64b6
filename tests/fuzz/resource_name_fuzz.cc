// Resource names: a name that matches a pattern comes apart into a valid parent and a valid id, and
// back together into itself; wildcards stand for exactly the parents that match.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/resource/contract/names.h"

namespace {

using baliprocess::resource::NamePattern;
using baliprocess::resource::ParentScope;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void CheckName(const NamePattern& pattern, std::string_view name) {
  if (!pattern.Matches(name)) return;
  const std::string_view parent = pattern.Parent(name);
  const std::string_view id = name.substr(name.rfind('/') + 1);
  Require(!baliprocess::resource::WhyInvalidId(id), "id");
  Require(pattern.MatchesParent(parent, false), "parent");
  Require(pattern.Make(parent, id) == name, "round trip");
  Require(pattern.ScopeOf(parent).Contains(parent), "scope of the parent");
  const auto above = pattern.ParentPattern();
  Require(above ? above->Matches(parent) : parent.empty(), "parent pattern");
}

void CheckParent(const NamePattern& pattern, std::string_view parent) {
  if (!pattern.MatchesParent(parent, true)) return;
  const ParentScope scope = pattern.ScopeOf(parent);
  const bool exact = pattern.MatchesParent(parent, false);
  Require(pattern.IsTopLevel() || exact == (scope.kind == ParentScope::Kind::kExact), "exact");
  Require(!exact || pattern.Matches(pattern.Make(parent, "x")), "make");
  Require(scope.text.find_first_of("_'\"\\") == std::string::npos, "pattern needs escaping");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto& patterns = *new auto([] {
    std::vector<NamePattern> made;
    for (const char* text :
         {"members/{member}", "bodies/{body}/seats/{seat}", "a/{a}/b/{b}/c/{c}"}) {
      made.push_back(*NamePattern::Parse(text));
    }
    return made;
  }());
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const NamePattern& pattern : patterns) {
    CheckName(pattern, input);
    CheckParent(pattern, input);
  }
  (void)baliprocess::resource::MatchesAnyType(input);
  const auto parsed = NamePattern::Parse(input);
  if (parsed.ok()) Require(!parsed->Collection().empty(), "collection");
  return 0;
}
