// Reads a small document from a file or over HTTP.

#ifndef BALIPROCESS_COMMON_AUTH_FETCH_H_
#define BALIPROCESS_COMMON_AUTH_FETCH_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::auth {

// Whether `source` is an http:// or https:// URL.
bool IsUrl(std::string_view source);

// INVALID_ARGUMENT for a URL of http:// to another machine: whoever is on the way could put keys of
// their own into the answer.
absl::Status CheckUrl(const std::string& url);

struct Fetched {
  std::string body;
  // Of a URL.
  bool unchanged = false;                   // since the `etag` that was given; there is no body
  std::string etag;                         // of the body; empty when the server tells none
  std::optional<absl::Duration> fresh_for;  // what Cache-Control says (RFC 9111 5.2.2)
};

// What the error says of a server whose certificate isn't taken.
inline constexpr char kCertificateRefused[] =
    "the server's certificate is of an unknown authority, of another name, or has ended";

// The contents of a file or, with status 200 or 304, of a URL (CheckUrl). At most 1 MiB and, for a
// URL, 5 s. Redirects aren't followed: the keys come from where the operator said. `ca_file` has
// the authorities, in PEM, that the certificate of an https:// URL must come from; "": those of the
// system.
absl::StatusOr<Fetched> Fetch(const std::string& source, const std::string& etag = "",
                              const std::string& ca_file = "");

struct Answer {
  int code = 0;  // of HTTP
  std::string body;
};

// Sends fields of a form (application/x-www-form-urlencoded) to a URL (CheckUrl), within the bounds
// of Fetch. An answer of any code is one.
absl::StatusOr<Answer> PostForm(const std::string& url,
                                const std::vector<std::pair<std::string, std::string>>& fields,
                                const std::string& ca_file = "");

// The text as it stands in a form or in the query of a URL.
std::string UrlEncode(std::string_view text);

// How long an answer with this Cache-Control and Age may be used; nothing when they don't say.
std::optional<absl::Duration> FreshFor(std::string_view cache_control, std::string_view age);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_FETCH_H_
