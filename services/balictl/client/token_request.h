// Requests to an issuer's endpoints, and what their answers say.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_TOKEN_REQUEST_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_TOKEN_REQUEST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <nlohmann/json.hpp>

#include "services/balictl/client/sign_in.h"

namespace baliprocess::balictl {

using FormFields = std::vector<std::pair<std::string, std::string>>;

// What an endpoint answered: an object, or the word of an error (RFC 6749, 5.2), such as
// `slow_down`.
struct EndpointAnswer {
  nlohmann::json members;
  std::string error;
};

// An error when there is no answer, or none of these two kinds. Answers have 1 MiB and take 5 s at
// most. `ca_file` is that of auth::Fetch.
absl::StatusOr<EndpointAnswer> AskEndpoint(const std::string& url, const FormFields& fields,
                                           const std::string& ca_file);

// Why the issuer gave no tokens, in words. The issuer's own words are part of it, in 300 characters
// that steer no terminal.
absl::Status Refused(const EndpointAnswer& answer);

// A text among the members; "" when there is none.
std::string TextOfMember(const nlohmann::json& members, const char* name);

// A number of seconds among the members, held between two bounds; `fallback` when there is none.
absl::Duration SecondsOfMember(const nlohmann::json& members, const char* name,
                               absl::Duration fallback, absl::Duration least, absl::Duration most);

// The tokens of an answer. An error when what is there can't be used as a bearer token.
absl::StatusOr<SignIn> TokensOf(const EndpointAnswer& answer, const SignInRequest& request);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_TOKEN_REQUEST_H_
