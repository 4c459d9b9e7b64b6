#include "services/balictl/client/connection_errors.h"

#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "common/base/errors.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

// What gRPC's texts have in them, and what that means to people.
struct Meaning {
  std::string_view part;
  std::string_view meaning;
};
constexpr Meaning kMeanings[] = {
    {"certificate verify failed",
     "its certificate isn't signed by an authority that is known here: name the authority by --ca "
     "FILE, or BALI_CA"},
    {"0A000086",
     "its certificate isn't signed by an authority that is known here: name the authority by --ca "
     "FILE, or BALI_CA"},
    {"Peer name", "its certificate is of another host name than --server has"},
    {"Hostname Verification", "its certificate is of another host name than --server has"},
    {"WRONG_VERSION_NUMBER",
     "it doesn't speak TLS: is this the port of the gateway? Without TLS: "
     "--plaintext"},
    {"wrong version number",
     "it doesn't speak TLS: is this the port of the gateway? Without TLS: "
     "--plaintext"},
    {"certificate required", "it wants a certificate of the client: --cert and --key"},
    {"Connection refused", "nothing listens there: is the gateway running, and is the port right?"},
    {"DNS resolution failed", "there is no host of this name"},
    {"No route to host", "there is no way to this host"},
    {"Ssl handshake failed", "no TLS connection could be made: see --ca, --cert and --key"},
    {"Socket closed", "it ended the connection: does it want TLS (leave out --plaintext)?"},
};

constexpr char kSignIn[] = ": `balictl login`, or --token_file FILE, says who you are";

// The error, with what one can do about it.
absl::Status WithHint(const absl::Status& status, const char* hint) {
  absl::Status hinted(status.code(), absl::StrCat(status.message(), hint));
  status.ForEachPayload([&hinted](absl::string_view type, const absl::Cord& payload) {
    hinted.SetPayload(type, payload);
  });
  return hinted;
}

std::string MeaningOf(const std::string& text) {
  for (const Meaning& one : kMeanings) {
    if (absl::StrContains(text, absl::string_view(one.part.data(), one.part.size()))) {
      return std::string(one.meaning);
    }
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> ServerAddress(const std::string& server) {
  absl::string_view address = server;
  if (absl::StartsWith(address, "unix:") || absl::StartsWith(address, "dns:")) return server;
  if (absl::ConsumePrefix(&address, "http://")) {
    return UsageError(absl::StrCat("--server ", server, ": it is spoken to with TLS, as https://",
                                   address, "; without TLS: --plaintext --server ", address));
  }
  absl::ConsumePrefix(&address, "https://");
  absl::ConsumeSuffix(&address, "/");
  const size_t colon = address.rfind(':');
  const bool in_brackets = absl::EndsWith(address, "]");
  if (colon == absl::string_view::npos || in_brackets || colon + 1 == address.size()) {
    return UsageError(
        absl::StrCat("--server ", server, " has no port: give HOST:PORT, such as 127.0.0.1:8443"));
  }
  return std::string(address);
}

absl::Status Explained(const absl::Status& status, const std::string& server,
                       absl::Duration timeout) {
  if (ReasonOf(status) == api::v1::Error::TOKEN_MISSING) return WithHint(status, kSignIn);
  if (status.ok() || ReasonOf(status) != api::v1::Error::REASON_UNSPECIFIED) return status;
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(absl::StrCat("no answer from ", server, " within ",
                                                    absl::FormatDuration(timeout), " (--timeout)"));
  }
  if (!absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(
      absl::StrCat(server, " can't be reached: ", MeaningOf(std::string(status.message()))));
}

}  // namespace baliprocess::balictl
