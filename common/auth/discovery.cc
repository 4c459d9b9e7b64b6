#include "common/auth/discovery.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <nlohmann/json.hpp>

#include "common/auth/fetch.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {

absl::StatusOr<std::string> KeysIn(std::string_view document, const std::string& issuer) {
  const auto json = nlohmann::json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("isn't a document of discovery");
  // Byte for byte: tokens of whoever else answers here mustn't be taken for the issuer's (OpenID
  // Connect Discovery 1.0, 4.3).
  const auto name = json.find("issuer");
  if (name == json.end() || *name != issuer) {
    return absl::InvalidArgumentError("the document of discovery is of another issuer");
  }
  const auto keys = json.find("jwks_uri");
  if (keys == json.end() || !keys->is_string()) {
    return absl::InvalidArgumentError("the document of discovery has no jwks_uri");
  }
  std::string url = keys->get<std::string>();
  if (const absl::Status good = CheckUrl(url); !IsUrl(url) || !good.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the jwks_uri of the document of discovery ", std::string(good.message())));
  }
  return url;
}

absl::StatusOr<std::string> DiscoverKeys(const std::string& issuer) {
  if (!IsUrl(issuer)) return absl::InvalidArgumentError("isn't a URL, which discovery needs");
  const std::string base(absl::StripSuffix(issuer, "/"));
  ASSIGN_OR_RETURN(const Fetched fetched,
                   Fetch(absl::StrCat(base, "/.well-known/openid-configuration")));
  return KeysIn(fetched.body, issuer);
}

}  // namespace baliprocess::auth
