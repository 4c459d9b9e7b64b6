#include "services/gateway/calls/identities.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

#include "baliprocess/api/v1/access.pb.h"
#include "common/base/read_file.h"
#include "common/base/status_macros.h"

namespace baliprocess::gateway {
namespace {

using Json = nlohmann::json;

// A caller that was taken from the list is one for so long at most, at services.
constexpr absl::Duration kLifetime = absl::Minutes(5);
constexpr absl::Duration kRenewBefore = absl::Minutes(1);

absl::Status ReadText(const Json& entry, const char* name, std::string& text) {
  const auto member = entry.find(name);
  if (member == entry.end()) return absl::OkStatus();
  if (!member->is_string())
    return absl::InvalidArgumentError(absl::StrCat(name, " isn't a string"));
  text = member->get<std::string>();
  return absl::OkStatus();
}

absl::Status ReadRoles(const Json& entry, std::vector<std::string>& roles) {
  const Json list = entry.value("roles", Json::array());
  if (!list.is_array()) return absl::InvalidArgumentError("roles isn't a list");
  for (const Json& role : list) {
    api::v1::Access::Role known = api::v1::Access::ROLE_UNSPECIFIED;
    if (role.is_string()) {
      api::v1::Access::Role_Parse(absl::AsciiStrToUpper(role.get<std::string>()), &known);
    }
    if (known == api::v1::Access::ROLE_UNSPECIFIED) {
      return absl::InvalidArgumentError(absl::StrCat("there is no role ", role.dump()));
    }
    roles.push_back(role.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadEntry(const Json& entry, std::string& uri, auth::TokenClaims& claims) {
  if (!entry.is_object()) return absl::InvalidArgumentError("isn't an object");
  for (const auto& [name, value] : entry.items()) {
    if (name != "uri" && name != "subject" && name != "roles" && name != "member") {
      return absl::InvalidArgumentError(absl::StrCat("has a member that doesn't exist: ", name));
    }
  }
  RETURN_IF_ERROR(ReadText(entry, "uri", uri));
  RETURN_IF_ERROR(ReadText(entry, "subject", claims.subject));
  RETURN_IF_ERROR(ReadText(entry, "member", claims.member));
  RETURN_IF_ERROR(ReadRoles(entry, claims.roles));
  if (!uri.empty() && !claims.subject.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("has no uri or no subject");
}

}  // namespace

// What isn't good here, where calls are admitted, isn't good at services.
absl::StatusOr<auth::TokenSigner> Identities::ReadSigner() const {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(files_.signing_key));
  absl::StatusOr<auth::TokenSigner> signer = auth::TokenSigner::FromPem(pem);
  if (!signer.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(files_.signing_key, ": ", std::string(signer.status().message())));
  }
  auth::TokenClaims specimen;
  specimen.subject = "specimen";
  if (verifier_.Verify(Sign(*signer, std::move(specimen))).ok()) return signer;
  return absl::InvalidArgumentError(absl::StrCat(
      "tokens by ", files_.signing_key, " of the issuer ", files_.issuer,
      " aren't good: list it, with its public key, in --issuers, here and at services"));
}

absl::StatusOr<Identities::Callers> Identities::ReadCallers() const {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(files_.callers));
  const Json list = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(files_.callers, ": isn't a list in JSON"));
  }
  Callers callers;
  for (size_t i = 0; i < list.size(); ++i) {
    std::string uri;
    Caller caller;
    absl::Status read = ReadEntry(list[i], uri, caller.claims);
    if (read.ok() && callers.contains(uri)) {
      read = absl::InvalidArgumentError("has the uri of another");
    }
    if (!read.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(files_.callers, ": entry ", i, " ", std::string(read.message())));
    }
    callers.emplace(std::move(uri), std::move(caller));
  }
  return callers;
}

absl::Status Identities::Reload() {
  ASSIGN_OR_RETURN(Callers callers, ReadCallers());
  ASSIGN_OR_RETURN(auth::TokenSigner signer, ReadSigner());
  const std::lock_guard<std::mutex> lock(mutex_);
  callers_ = std::move(callers);
  signer_.emplace(std::move(signer));
  return absl::OkStatus();
}

std::string Identities::AuthorizationOf(const std::vector<std::string>& uris) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& uri : uris) {
    const auto found = callers_.find(uri);
    if (found == callers_.end()) continue;
    Caller& caller = found->second;
    const absl::Time now = clock_.Now();
    if (caller.authorization.empty() || now >= caller.renew) {
      caller.authorization = Sign(*signer_, caller.claims);
      caller.renew = now + kLifetime - kRenewBefore;
    }
    return caller.authorization;
  }
  return "";
}

std::string Identities::Sign(const auth::TokenSigner& signer, auth::TokenClaims claims) const {
  claims.issuer = files_.issuer;
  claims.audience = files_.audience;
  claims.issued = clock_.Now();
  claims.expires = claims.issued + kLifetime;
  const absl::StatusOr<std::string> token = signer.Sign(auth::ToJson(claims));
  return token.ok() ? absl::StrCat("Bearer ", *token) : "";
}

}  // namespace baliprocess::gateway
