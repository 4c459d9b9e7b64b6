// Reads a small document from a file or over HTTP.

#ifndef BALIPROCESS_COMMON_AUTH_FETCH_H_
#define BALIPROCESS_COMMON_AUTH_FETCH_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::auth {

// Whether `source` is an http:// or https:// URL.
bool IsUrl(std::string_view source);

// The contents of a file or, with status 200, of a URL. At most 1 MiB and, for a URL, 5 s.
// Redirects aren't followed: the keys come from where the operator said.
absl::StatusOr<std::string> Fetch(const std::string& source);

}  // namespace baliprocess::auth

#endif  // BALIPROCESS_COMMON_AUTH_FETCH_H_
