#include "common/auth/issuers.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

using Json = nlohmann::json;

absl::StatusOr<Issuer> ParseOne(const Json& entry, const TokenRules& defaults) {
  if (!entry.is_object()) return absl::InvalidArgumentError("isn't an object");
  Issuer issuer = {.jwks = "", .rules = defaults};
  issuer.rules.issuer.clear();
  const std::map<std::string, std::string*> members = {
      {"issuer", &issuer.rules.issuer},
      {"audience", &issuer.rules.audience},
      {"jwks", &issuer.jwks},
      {"roles_claim", &issuer.rules.roles_claim},
      {"member_claim", &issuer.rules.member_claim}};
  for (const auto& [name, value] : entry.items()) {
    const auto member = members.find(name);
    if (member == members.end()) {
      return absl::InvalidArgumentError(absl::StrCat("has a member that doesn't exist: ", name));
    }
    if (!value.is_string())
      return absl::InvalidArgumentError(absl::StrCat(name, " isn't a string"));
    *member->second = value.get<std::string>();
  }
  if (issuer.rules.issuer.empty()) return absl::InvalidArgumentError("has no issuer");
  return issuer;
}

}  // namespace

absl::StatusOr<std::vector<Issuer>> ParseIssuers(std::string_view json,
                                                 const TokenRules& defaults) {
  const Json list = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return absl::InvalidArgumentError("isn't a list in JSON");
  std::vector<Issuer> issuers;
  for (const Json& entry : list) {
    absl::StatusOr<Issuer> issuer = ParseOne(entry, defaults);
    if (!issuer.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry ", issuers.size(), " ", std::string(issuer.status().message())));
    }
    issuers.push_back(*std::move(issuer));
  }
  return issuers;
}

}  // namespace baliprocess::auth
