#include "common/base/regions.h"

#include <unordered_map>
#include <unordered_set>

namespace baliprocess {
namespace {

struct Region {
  std::string_view alpha_3;
  std::string_view alpha_2;
};
constexpr Region kRegions[] = {
#include "regions.inc"
};

}  // namespace

std::string_view RegionOfAlpha3(std::string_view alpha_3) {
  static const auto& by_alpha_3 = *[] {
    auto* made = new std::unordered_map<std::string_view, std::string_view>;
    for (const Region& region : kRegions) made->emplace(region.alpha_3, region.alpha_2);
    return made;
  }();
  const auto found = by_alpha_3.find(alpha_3);
  return found == by_alpha_3.end() ? std::string_view() : found->second;
}

const char* WhyNotRegion(std::string_view code) {
  static const auto& codes = *[] {
    auto* made = new std::unordered_set<std::string_view>{"XK"};
    for (const Region& region : kRegions) made->insert(region.alpha_2);
    return made;
  }();
  if (codes.count(code) > 0) return nullptr;
  if (code == "UK") return "GB, the code of the United Kingdom (ISO 3166-1)";
  return "the code of a country or territory (ISO 3166-1), such as AU";
}

}  // namespace baliprocess
