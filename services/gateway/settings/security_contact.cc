#include "services/gateway/settings/security_contact.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "services/gateway/settings/sign_in.h"

ABSL_FLAG(
    std::vector<std::string>, security_contact, {},
    "Where holes of this installation are reported, as URIs joined by commas, the preferred one "
    "first: mailto:security@example.org,https://example.org/report. /.well-known/security.txt "
    "tells it to everybody (RFC 9116). Empty: there is no such page.");
ABSL_FLAG(std::string, public_url, "",
          "Where clients reach the gateway, such as https://suite.example.org: "
          "/.well-known/security.txt names it. Empty: that page doesn't.");

namespace baliprocess::gateway {
namespace {

constexpr absl::Duration kGoodFor = absl::Hours(364 * 24);

// A line end would begin another field.
bool IsUri(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kSchemes = {"mailto:", "https://", "tel:"};
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  return plain && std::any_of(kSchemes.begin(), kSchemes.end(), [text](std::string_view scheme) {
           return text.starts_with(scheme) && text.size() > scheme.size();
         });
}

}  // namespace

absl::StatusOr<SecurityContact> SecurityContactAt(const std::vector<std::string>& contacts,
                                                  const std::string& public_url) {
  SecurityContact contact;
  for (const std::string& one : contacts) {
    if (!IsUri(one)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--security_contact: \"", one,
                       "\" must be a URI, such as mailto:security@example.org or "
                       "https://example.org/report"));
    }
    contact.contacts.push_back(one);
  }
  if (public_url.empty()) return contact;
  if (!public_url.starts_with("https://") || OriginOf(public_url) != public_url) {
    return absl::InvalidArgumentError(
        absl::StrCat("--public_url: \"", public_url,
                     "\" must be https://HOST or https://HOST:PORT, with nothing behind it"));
  }
  contact.canonical = absl::StrCat(public_url, "/.well-known/security.txt");
  return contact;
}

absl::StatusOr<SecurityContact> SecurityContactFromFlags() {
  return SecurityContactAt(absl::GetFlag(FLAGS_security_contact), absl::GetFlag(FLAGS_public_url));
}

std::string SecurityText(const SecurityContact& contact, absl::Time now) {
  std::string text;
  for (const std::string& one : contact.contacts) absl::StrAppend(&text, "Contact: ", one, "\n");
  absl::StrAppend(&text, "Expires: ",
                  absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now + kGoodFor, absl::UTCTimeZone()), "\n",
                  "Preferred-Languages: en\n");
  if (!contact.canonical.empty()) absl::StrAppend(&text, "Canonical: ", contact.canonical, "\n");
  return text;
}

}  // namespace baliprocess::gateway
