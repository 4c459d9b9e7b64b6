#include "services/gateway/settings/sign_in.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace baliprocess::gateway {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

// Whether it is this machine, with a port or without.
bool IsHere(std::string_view host) {
  for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (host == name || host.starts_with(std::string(name) + ":")) return true;
  }
  return false;
}

}  // namespace

// A blank or a semicolon of a header would say something else.
std::string_view OriginOf(std::string_view url) {
  const std::string_view scheme = url.starts_with(kHttps) ? kHttps : kHttp;
  if (!url.starts_with(scheme)) return {};
  const std::string_view host =
      url.substr(scheme.size(), url.find('/', scheme.size()) - scheme.size());
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']';
  });
  if (host.empty() || !plain) return {};
  if (scheme == kHttp && !IsHere(host)) return {};
  return url.substr(0, scheme.size() + host.size());
}

absl::StatusOr<SignIn> SignInAt(const std::vector<std::string>& issuers,
                                const std::string& client_id) {
  SignIn sign_in;
  if (client_id.empty()) return sign_in;
  if (issuers.empty()) {
    return absl::InvalidArgumentError(
        "--oidc_client_id needs --oidc_issuer: whose client the pages are");
  }
  sign_in.issuer = issuers.front();
  sign_in.origin = std::string(OriginOf(sign_in.issuer));
  sign_in.client_id = client_id;
  if (sign_in.origin.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--oidc_issuer: \"", sign_in.issuer,
                     "\" must be a URL of https:// for pages to sign in there; http:// is for this "
                     "machine alone"));
  }
  return sign_in;
}

}  // namespace baliprocess::gateway
