// balictl whoami: who the token says that the caller is.

#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "common/auth/base64url.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using nlohmann::json;

std::string TextOf(const json& claim) {
  if (claim.is_string()) return claim.get<std::string>();
  if (!claim.is_array()) return claim.dump();
  std::vector<std::string> words;
  for (const json& one : claim) words.push_back(TextOf(one));
  return absl::StrJoin(words, ", ");
}

std::string TimeOf(const json& claim) {
  if (!claim.is_number_integer()) return TextOf(claim);
  const absl::Time time = absl::FromUnixSeconds(claim.get<int64_t>());
  const std::string text = absl::FormatTime("%Y-%m-%d %H:%M:%SZ", time, absl::UTCTimeZone());
  return time < absl::Now() ? absl::StrCat(text, " (over)") : text;
}

absl::Status WhoAmI(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const std::string token, TokenOf(arguments));
  if (const std::string profile = arguments.Text("profile"); !profile.empty()) {
    io.out << "profile  " << profile << "\n";
  }
  io.out << "server   " << arguments.Text("server") << "\n";
  if (token.empty()) {
    io.out << "subject  nobody: without a token you are the public\n";
    return absl::OkStatus();
  }
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  const auto payload = parts.size() == 3 ? auth::Base64UrlDecode(parts[1]) : std::nullopt;
  const json claims = payload ? json::parse(*payload, nullptr, false) : json();
  if (!claims.is_object()) return UsageError("the token isn't a JSON Web Token");
  for (const auto& [claim, title] : {std::pair{"sub", "subject"}, std::pair{"roles", "roles"},
                                     std::pair{"member", "member"}, std::pair{"iss", "issuer"}}) {
    if (claims.contains(claim)) {
      io.out << title << std::string(9 - std::string(title).size(), ' ')
             << SafeText(TextOf(claims[claim])) << "\n";
    }
  }
  if (claims.contains("exp")) io.out << "until    " << TimeOf(claims["exp"]) << "\n";
  return absl::OkStatus();
}

}  // namespace

Command WhoAmICommand() {
  return {.name = "whoami",
          .summary = "Tell who the token says that you are",
          .description =
              "Tells which server commands ask, and what the token says of you: subject, "
              "roles, member, and until when. Whether the server accepts the token isn't "
              "asked.\n\nExample:\n  balictl whoami",
          .flags = WithConnection({}),
          .run = WhoAmI};
}

}  // namespace baliprocess::balictl
