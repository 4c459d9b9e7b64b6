#include "common/auth/discovery.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <nlohmann/json.hpp>

#include "common/auth/fetch.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {

namespace {

// The document, if it is the issuer's.
absl::StatusOr<nlohmann::json> Parsed(std::string_view document, const std::string& issuer) {
  auto json = nlohmann::json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("isn't a document of discovery");
  // Byte for byte: tokens of whoever else answers here mustn't be taken for the issuer's (OpenID
  // Connect Discovery 1.0, 4.3).
  const auto name = json.find("issuer");
  if (name == json.end() || *name != issuer) {
    return absl::InvalidArgumentError("the document of discovery is of another issuer");
  }
  return json;
}

// "" when the document doesn't name it.
absl::StatusOr<std::string> UrlIn(const nlohmann::json& document, const char* name) {
  const auto found = document.find(name);
  if (found == document.end() || !found->is_string()) return "";
  std::string url = found->get<std::string>();
  if (const absl::Status good = CheckUrl(url); !IsUrl(url) || !good.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", name, " of the document of discovery ", std::string(good.message())));
  }
  return url;
}

absl::StatusOr<std::string> FetchDocument(const std::string& issuer, const std::string& ca_file) {
  if (!IsUrl(issuer)) return absl::InvalidArgumentError("isn't a URL, which discovery needs");
  const std::string base(absl::StripSuffix(issuer, "/"));
  ASSIGN_OR_RETURN(Fetched fetched,
                   Fetch(absl::StrCat(base, "/.well-known/openid-configuration"), "", ca_file));
  return std::move(fetched.body);
}

}  // namespace

absl::StatusOr<std::string> KeysIn(std::string_view document, const std::string& issuer) {
  ASSIGN_OR_RETURN(const nlohmann::json json, Parsed(document, issuer));
  ASSIGN_OR_RETURN(std::string url, UrlIn(json, "jwks_uri"));
  if (url.empty()) return absl::InvalidArgumentError("the document of discovery has no jwks_uri");
  return url;
}

absl::StatusOr<std::string> DiscoverKeys(const std::string& issuer) {
  ASSIGN_OR_RETURN(const std::string document, FetchDocument(issuer, ""));
  return KeysIn(document, issuer);
}

absl::StatusOr<Endpoints> DiscoverEndpoints(const std::string& issuer, const std::string& ca_file) {
  ASSIGN_OR_RETURN(const std::string document, FetchDocument(issuer, ca_file));
  ASSIGN_OR_RETURN(const nlohmann::json json, Parsed(document, issuer));
  Endpoints endpoints;
  ASSIGN_OR_RETURN(endpoints.authorization, UrlIn(json, "authorization_endpoint"));
  ASSIGN_OR_RETURN(endpoints.device_authorization, UrlIn(json, "device_authorization_endpoint"));
  ASSIGN_OR_RETURN(endpoints.token, UrlIn(json, "token_endpoint"));
  ASSIGN_OR_RETURN(endpoints.revocation, UrlIn(json, "revocation_endpoint"));
  if (endpoints.token.empty()) {
    return absl::InvalidArgumentError("the document of discovery has no token_endpoint");
  }
  return endpoints;
}

}  // namespace baliprocess::auth
