// Tokens: no text is a good token but the one that was signed, and of the claims that are signed
// only those of the issuer, for the audience and within their time are good.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <nlohmann/json.hpp>

#include "common/auth/signer.h"
#include "common/auth/testing.h"
#include "common/auth/token.h"
#include "common/base/clock.h"
#include "common/base/errors.h"

namespace {

using baliprocess::ReasonOf;
using baliprocess::api::v1::Error;
using baliprocess::auth::TokenVerifier;

constexpr int64_t kNow = 1'700'000'000;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// A verifier, the key that it knows, and a token by it.
struct Authority {
  Authority() {
    auto made = TokenVerifier::Create(keys.path(), {.issuer = "issuer", .audience = "audience"},
                                      absl::Hours(1), clock);
    Require(made.ok(), "verifier");
    verifier = *std::move(made);
    auto signed_token =
        signer.Sign(baliprocess::auth::ToJson({.subject = "somebody",
                                               .issuer = "issuer",
                                               .audience = "audience",
                                               .roles = {"member"},
                                               .member = "aus",
                                               .issued = clock.Now(),
                                               .expires = clock.Now() + absl::Hours(1)}));
    Require(signed_token.ok(), "token");
    token = *std::move(signed_token);
  }

  baliprocess::FakeClock clock{absl::FromUnixSeconds(kNow)};
  baliprocess::auth::TokenSigner signer = baliprocess::auth::NewSigner();
  baliprocess::auth::TemporaryFile keys{signer.PublicJwks()};
  std::unique_ptr<TokenVerifier> verifier;
  std::string token;
};

void RequireReason(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  Require(reason == Error::TOKEN_INVALID || reason == Error::TOKEN_EXPIRED, "reason");
}

// The good token with a part of it replaced.
void Forge(const Authority& authority, size_t at, std::string_view with) {
  std::string forged = authority.token;
  at %= forged.size() + 1;
  forged.replace(at, with.size(), with);
  if (forged == authority.token) return;
  const auto caller = authority.verifier->Verify(absl::StrCat("Bearer ", forged));
  Require(!caller.ok(), "a forged token is good");
  RequireReason(caller.status());
}

void CheckClaims(const Authority& authority, std::string_view claims) {
  const auto token = authority.signer.Sign(claims);
  if (!token.ok()) return;
  const auto caller = authority.verifier->Verify(absl::StrCat("Bearer ", *token));
  if (!caller.ok()) return RequireReason(caller.status());
  const auto json = nlohmann::json::parse(claims, nullptr, false);
  Require(json.is_object() && json.value("iss", nlohmann::json()) == "issuer", "issuer");
  Require(json.contains("exp") && json["exp"].is_number() && json["exp"] > kNow - 60, "expiry");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Authority& authority = *new Authority;
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 3) {
    case 0:
      if (!rest.empty()) Require(!authority.verifier->Verify(rest).ok(), "bytes are a good token");
      break;
    case 1:
      Forge(authority, data[1], rest);
      break;
    default:
      CheckClaims(authority, rest);
  }
  return 0;
}
