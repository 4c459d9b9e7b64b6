#include "services/balictl/client/token_request.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/auth/fetch.h"
#include "common/base/status_macros.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using nlohmann::json;

constexpr size_t kLongestToken = 16 << 10;  // the head of a call has no room for more
constexpr size_t kLongestWords = 300;

struct Meaning {
  std::string_view error;
  std::string_view meaning;
};
constexpr Meaning kMeanings[] = {
    {"access_denied", "signing in was refused, by you or by the issuer"},
    {"expired_token", "the code wasn't entered in time: try again"},
    {"invalid_client", "the issuer doesn't know this client_id, or wants a secret of it"},
    {"unauthorized_client", "the issuer doesn't let this client_id sign in in this way"},
    {"invalid_scope", "the issuer doesn't give this scope: see `balictl profile set --scope`"},
    {"invalid_target", "the issuer gives no tokens for this resource: see `balictl profile set`"},
    {"invalid_grant", "the sign-in is over: `balictl login`"},
};

bool IsToken(const std::string& text) {
  return text.size() <= kLongestToken && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c));
         });
}

}  // namespace

absl::StatusOr<EndpointAnswer> AskEndpoint(const std::string& url, const FormFields& fields,
                                           const std::string& ca_file) {
  auto answered = auth::PostForm(url, fields, ca_file);
  if (!answered.ok()) {
    return absl::Status(
        answered.status().code(),
        absl::StrCat("the issuer at ", url, " can't be asked: ", answered.status().message()));
  }
  EndpointAnswer answer{json::parse(answered->body, nullptr, /*allow_exceptions=*/false), ""};
  const bool good = answered->code >= 200 && answered->code < 300;
  // A revocation is answered without a body.
  if (good && answered->body.empty()) answer.members = json::object();
  if (answer.members.is_object()) {
    answer.error = TextOfMember(answer.members, "error");
    if (good != answer.error.empty()) answer.members = json();
  }
  if (answer.members.is_object()) return answer;
  const std::string what = absl::StrCat("the issuer at ", url, " answers HTTP ", answered->code,
                                        " without saying what that means");
  return answered->code >= 500 ? absl::UnavailableError(what) : absl::FailedPreconditionError(what);
}

absl::Status Refused(const EndpointAnswer& answer) {
  const auto* const found =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [&](const Meaning& one) { return one.error == answer.error; });
  std::string text =
      found != std::end(kMeanings) ? std::string(found->meaning) : "the issuer gives no token";
  const std::string words = TextOfMember(answer.members, "error_description");
  absl::StrAppend(&text, " (", CutTo(SafeText(answer.error), kLongestWords),
                  words.empty() ? "" : ": ", CutTo(SafeText(words), kLongestWords), ")");
  return absl::FailedPreconditionError(text);
}

std::string TextOfMember(const json& members, const char* name) {
  const auto found = members.find(name);
  return found != members.end() && found->is_string() ? found->get<std::string>() : "";
}

absl::Duration SecondsOfMember(const json& members, const char* name, absl::Duration fallback,
                               absl::Duration least, absl::Duration most) {
  const auto found = members.find(name);
  const bool known = found != members.end() && found->is_number();
  const absl::Duration told = known ? absl::Seconds(found->get<double>()) : fallback;
  return std::clamp(told, least, most);
}

absl::StatusOr<SignIn> TokensOf(const EndpointAnswer& answer, const SignInRequest& request) {
  if (!answer.error.empty()) return Refused(answer);
  SignIn sign_in{request, TextOfMember(answer.members, "access_token"),
                 TextOfMember(answer.members, "refresh_token"), absl::InfinitePast()};
  const bool bearer = absl::EqualsIgnoreCase(TextOfMember(answer.members, "token_type"), "bearer");
  if (sign_in.access_token.empty() || !bearer || !IsToken(sign_in.access_token) ||
      !IsToken(sign_in.refresh_token)) {
    return absl::FailedPreconditionError("the issuer's answer has no bearer token in it");
  }
  sign_in.end = absl::Now() + SecondsOfMember(answer.members, "expires_in", absl::Minutes(5),
                                              absl::ZeroDuration(), absl::Hours(24 * 365));
  return sign_in;
}

}  // namespace baliprocess::balictl
