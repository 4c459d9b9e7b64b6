#include "common/auth/claims.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <nlohmann/json.hpp>

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"

namespace baliprocess::auth {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxSubject = 255;

Json Parse(std::string_view text) { return Json::parse(text, nullptr, /*allow_exceptions=*/false); }

// The member at a path such as `realm_access.roles`, or nullptr.
const Json* FindPath(const Json& json, const std::string& path) {
  const Json* at = &json;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (!at->is_object()) return nullptr;
    const auto member = at->find(std::string(name));
    if (member == at->end()) return nullptr;
    at = &*member;
  }
  return at;
}

absl::StatusOr<std::optional<absl::Time>> TimeClaim(const Json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return std::nullopt;
  if (!claim->is_number()) return InvalidToken(absl::StrCat("has no number in ", name));
  return absl::UnixEpoch() + absl::Seconds(claim->get<double>());
}

absl::StatusOr<absl::Time> JudgeTimes(const Json& claims, absl::Duration skew, absl::Time now) {
  ASSIGN_OR_RETURN(const auto expires, TimeClaim(claims, "exp"));
  ASSIGN_OR_RETURN(const auto not_before, TimeClaim(claims, "nbf"));
  ASSIGN_OR_RETURN(const auto issued, TimeClaim(claims, "iat"));
  if (!expires) return InvalidToken("has no time of expiry (exp)");
  if (now >= *expires + skew) return ExpiredToken();
  if (not_before && now < *not_before - skew) return InvalidToken("isn't valid yet (nbf)");
  if (issued && now < *issued - skew) return InvalidToken("was issued in the future (iat)");
  return *expires + skew;
}

bool Contains(const Json& claim, const std::string& wanted) {
  if (claim.is_string()) return claim == wanted;
  return claim.is_array() && std::find(claim.begin(), claim.end(), wanted) != claim.end();
}

// The subject is recorded as the actor of changes, so it has to be storable text.
bool IsSubject(const Json& claim) {
  if (!claim.is_string()) return false;
  const auto& text = claim.get_ref<const std::string&>();
  return !text.empty() && text.size() <= kMaxSubject &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

absl::Status AddRole(const Json& word, uint32_t& roles) {
  if (!word.is_string()) return InvalidToken("has roles that aren't strings");
  api::v1::Access::Role role = api::v1::Access::ROLE_UNSPECIFIED;
  api::v1::Access::Role_Parse(absl::AsciiStrToUpper(word.get_ref<const std::string&>()), &role);
  if (role != api::v1::Access::ROLE_UNSPECIFIED) roles |= 1u << role;
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> Roles(const Json& claims, const std::string& path) {
  uint32_t roles = 1u << api::v1::Access::PUBLIC;
  const Json* claim = FindPath(claims, path);
  if (!claim) return roles;
  if (claim->is_string()) {
    for (const auto& word :
         absl::StrSplit(claim->get_ref<const std::string&>(), ' ', absl::SkipEmpty())) {
      RETURN_IF_ERROR(AddRole(std::string(word), roles));
    }
    return roles;
  }
  if (!claim->is_array()) return InvalidToken("has roles that are neither a list nor a string");
  for (const Json& word : *claim) RETURN_IF_ERROR(AddRole(word, roles));
  return roles;
}

absl::StatusOr<std::string> Member(const Json& claims, const std::string& path) {
  const Json* claim = FindPath(claims, path);
  if (!claim) return "";
  if (!claim->is_string()) return InvalidToken("has a member that isn't a string");
  absl::string_view id = claim->get_ref<const std::string&>();
  absl::ConsumePrefix(&id, "members/");
  if (!IsResourceId(std::string_view(id.data(), id.size())))
    return InvalidToken("has a member that isn't the id of one");
  return absl::StrCat("members/", id);
}

}  // namespace

absl::Status InvalidToken(std::string_view why) {
  return Error(api::v1::Error::TOKEN_INVALID, absl::StrCat("the token ", std::string(why)));
}

absl::Status ExpiredToken() {
  return Error(api::v1::Error::TOKEN_EXPIRED, "the token has expired");
}

absl::StatusOr<TokenHeader> ParseHeader(std::string_view json) {
  const Json header = Parse(json);
  if (!header.is_object()) return InvalidToken("has a header that isn't a JSON object");
  if (header.contains("crit")) return InvalidToken("asks for extensions (crit)");
  const auto algorithm = header.find("alg");
  if (algorithm == header.end() || !algorithm->is_string()) {
    return InvalidToken("names no algorithm");
  }
  TokenHeader result{algorithm->get<std::string>(), std::nullopt};
  if (const auto kid = header.find("kid"); kid != header.end()) {
    if (!kid->is_string()) return InvalidToken("has a kid that isn't a string");
    result.kid = kid->get<std::string>();
  }
  return result;
}

std::string ClaimedIssuer(std::string_view json) {
  const Json claims = Parse(json);
  if (!claims.is_object()) return "";
  const auto issuer = claims.find("iss");
  return issuer != claims.end() && issuer->is_string() ? issuer->get<std::string>() : "";
}

absl::StatusOr<Caller> JudgeClaims(std::string_view json, const TokenRules& rules, absl::Time now) {
  const Json claims = Parse(json);
  if (!claims.is_object()) return InvalidToken("has claims that aren't a JSON object");
  if (claims.value("iss", Json()) != rules.issuer) {
    return InvalidToken("is from another issuer (iss)");
  }
  if (!Contains(claims.value("aud", Json()), rules.audience)) {
    return InvalidToken("is for another audience (aud)");
  }
  Caller caller;
  ASSIGN_OR_RETURN(caller.expires, JudgeTimes(claims, rules.clock_skew, now));
  const auto subject = claims.find("sub");
  if (subject == claims.end() || !IsSubject(*subject)) {
    return InvalidToken("has no subject (sub) of 1 to 255 bytes without control characters");
  }
  caller.subject = subject->get<std::string>();
  ASSIGN_OR_RETURN(caller.roles, Roles(claims, rules.roles_claim));
  ASSIGN_OR_RETURN(caller.member, Member(claims, rules.member_claim));
  return caller;
}

}  // namespace baliprocess::auth
