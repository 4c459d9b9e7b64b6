#include "services/balictl/client/sign_in.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "common/auth/base64url.h"
#include "common/auth/fetch.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/redirect.h"
#include "services/balictl/client/token_request.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using nlohmann::json;

constexpr absl::Duration kBeforeEnd = absl::Minutes(1);
constexpr absl::Duration kLongestWait = absl::Minutes(30);
constexpr absl::Duration kBrowserWait = absl::Minutes(5);
constexpr absl::Duration kUsualInterval = absl::Seconds(5);
constexpr absl::Duration kLongestInterval = absl::Minutes(1);
constexpr size_t kLongestCode = 100;
constexpr char kDeviceGrant[] = "urn:ietf:params:oauth:grant-type:device_code";

// What is said in each request for tokens.
FormFields FieldsOf(const SignInRequest& request) {
  FormFields fields = {{"client_id", request.client_id}};
  if (!request.resource.empty()) fields.emplace_back("resource", request.resource);
  return fields;
}

absl::StatusOr<EndpointAnswer> Ask(const SignInRequest& request, const std::string& url,
                                   const FormFields& fields) {
  return AskEndpoint(url, fields, request.issuer_ca);
}

// Held while a sign-in is read, refreshed and written: a refresh token may be good for one use
// alone, and two programs would spoil it for each other.
class Lock {
 public:
  explicit Lock(const std::string& folder)
      : file_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~Lock() {
    if (file_ >= 0) close(file_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  const int file_;
};

absl::StatusOr<SignIn> Refreshed(const SignIn& old) {
  if (old.refresh_token.empty()) {
    return absl::FailedPreconditionError("the sign-in is over: `balictl login`");
  }
  ASSIGN_OR_RETURN(const auth::Endpoints endpoints,
                   auth::DiscoverEndpoints(old.request.issuer, old.request.issuer_ca));
  FormFields fields = FieldsOf(old.request);
  fields.emplace_back("grant_type", "refresh_token");
  fields.emplace_back("refresh_token", old.refresh_token);
  ASSIGN_OR_RETURN(const EndpointAnswer answer, Ask(old.request, endpoints.token, fields));
  ASSIGN_OR_RETURN(SignIn fresh, TokensOf(answer, old.request));
  // Without a new one, the old one stays good (RFC 6749, 6).
  if (fresh.refresh_token.empty()) fresh.refresh_token = old.refresh_token;
  return fresh;
}

struct DeviceCode {
  std::string device_code;
  std::string user_code;
  std::string address;
  std::string whole_address;  // with the code in it; may be ""
  absl::Duration interval;
  absl::Time end;
};

bool IsAddress(const std::string& text) { return auth::IsUrl(text) && auth::CheckUrl(text).ok(); }

absl::StatusOr<DeviceCode> AskForCode(const SignInRequest& request,
                                      const auth::Endpoints& endpoints) {
  FormFields fields = FieldsOf(request);
  fields.emplace_back("scope", request.scope);
  ASSIGN_OR_RETURN(const EndpointAnswer answer,
                   Ask(request, endpoints.device_authorization, fields));
  if (!answer.error.empty()) return Refused(answer);
  const json& members = answer.members;
  DeviceCode code{
      TextOfMember(members, "device_code"),
      TextOfMember(members, "user_code"),
      TextOfMember(members, "verification_uri"),
      TextOfMember(members, "verification_uri_complete"),
      SecondsOfMember(members, "interval", kUsualInterval, absl::Seconds(1), kLongestInterval),
      absl::Now() + SecondsOfMember(members, "expires_in", absl::Minutes(10), absl::Seconds(1),
                                    kLongestWait)};
  if (code.device_code.empty() || code.user_code.empty() || code.user_code.size() > kLongestCode) {
    return absl::FailedPreconditionError("the issuer's answer has no code in it");
  }
  const bool good = IsAddress(code.address);
  if (!good || !(code.whole_address.empty() || IsAddress(code.whole_address))) {
    return absl::FailedPreconditionError(
        "the issuer's answer has no https:// address to enter the code at");
  }
  return code;
}

// The address that asks the person in the browser.
std::string AddressToOpen(const SignInRequest& request, const auth::Endpoints& endpoints,
                          const FormFields& own) {
  FormFields fields = FieldsOf(request);
  fields.emplace_back("response_type", "code");
  fields.emplace_back("scope", request.scope);
  fields.insert(fields.end(), own.begin(), own.end());
  std::string address = endpoints.authorization;
  char separator = address.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&address, std::string(1, separator), name, "=", auth::UrlEncode(value));
    separator = '&';
  }
  return address;
}

}  // namespace

bool IsSignIn(std::string_view contents) { return contents.starts_with('{'); }

absl::StatusOr<SignIn> ReadSignIn(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0) {
    return UsageError(absl::StrCat(path, " can be read by others: chmod 600"));
  }
  ASSIGN_OR_RETURN(const std::string contents, ReadFile(path));
  const json members = json::parse(contents, nullptr, /*allow_exceptions=*/false);
  if (!members.is_object()) return UsageError(absl::StrCat(path, " isn't a sign-in"));
  SignIn sign_in{{TextOfMember(members, "issuer"), TextOfMember(members, "client_id"),
                  TextOfMember(members, "scope"), TextOfMember(members, "resource"),
                  TextOfMember(members, "issuer_ca")},
                 TextOfMember(members, "access_token"),
                 TextOfMember(members, "refresh_token"),
                 absl::InfinitePast()};
  if (sign_in.access_token.empty()) return UsageError(absl::StrCat(path, " isn't a sign-in"));
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, TextOfMember(members, "end"), &sign_in.end, &error)) {
    sign_in.end = absl::InfinitePast();
  }
  return sign_in;
}

absl::Status WriteSignIn(const SignIn& sign_in, const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  RETURN_IF_ERROR(MakeDirectory(folder));
  chmod(folder.c_str(), 0700);
  const json members = {
      {"issuer", sign_in.request.issuer},
      {"client_id", sign_in.request.client_id},
      {"scope", sign_in.request.scope},
      {"resource", sign_in.request.resource},
      {"issuer_ca", sign_in.request.issuer_ca},
      {"access_token", sign_in.access_token},
      {"refresh_token", sign_in.refresh_token},
      {"end", absl::FormatTime(absl::RFC3339_full, sign_in.end, absl::UTCTimeZone())}};
  return WriteFile(path, absl::StrCat(members.dump(1), "\n"), 0600);
}

absl::StatusOr<std::string> TokenOfSignIn(const std::string& path) {
  const Lock lock(std::filesystem::path(path).parent_path().string());
  ASSIGN_OR_RETURN(const SignIn sign_in, ReadSignIn(path));
  if (sign_in.end > absl::Now() + kBeforeEnd) return sign_in.access_token;
  const absl::StatusOr<SignIn> fresh = Refreshed(sign_in);
  // One that is still good does until the issuer answers again.
  if (!fresh.ok() && sign_in.end > absl::Now()) return sign_in.access_token;
  RETURN_IF_ERROR(fresh.status());
  RETURN_IF_ERROR(WriteSignIn(*fresh, path));
  return fresh->access_token;
}

absl::StatusOr<SignIn> SignInByDevice(const SignInRequest& request,
                                      const auth::Endpoints& endpoints, std::ostream& out) {
  ASSIGN_OR_RETURN(DeviceCode code, AskForCode(request, endpoints));
  out << "Open " << SafeText(code.address) << " on any device and enter the code "
      << SafeText(code.user_code) << "\n";
  if (!code.whole_address.empty()) {
    out << "or open " << SafeText(code.whole_address) << "\n";
  }
  out << std::flush;
  FormFields fields = FieldsOf(request);
  fields.emplace_back("grant_type", kDeviceGrant);
  fields.emplace_back("device_code", code.device_code);
  while (absl::Now() + code.interval < code.end) {
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(code.interval));
    const auto answer = Ask(request, endpoints.token, fields);
    if (answer.ok() && answer->error == "authorization_pending") continue;
    if (answer.ok() && answer->error != "slow_down") return TokensOf(*answer, request);
    if (!answer.ok() && !absl::IsUnavailable(answer.status())) return answer.status();
    // Asked to, or without an answer: less often from now on (RFC 8628, 3.5).
    code.interval = std::min(code.interval + kUsualInterval, kLongestInterval);
  }
  return Refused({json::object(), "expired_token"});
}

absl::StatusOr<SignIn> SignInByBrowser(const SignInRequest& request,
                                       const auth::Endpoints& endpoints, std::ostream& out) {
  ASSIGN_OR_RETURN(const auto listener, RedirectListener::Open());
  const std::string verifier = auth::Base64UrlEncode(RandomBytes(32));
  const std::string state = auth::Base64UrlEncode(RandomBytes(16));
  out << "Open this address in a browser on this machine:\n"
      << AddressToOpen(request, endpoints,
                       {{"redirect_uri", listener->uri()},
                        {"state", state},
                        {"code_challenge", auth::Base64UrlEncode(Sha256(verifier))},
                        {"code_challenge_method", "S256"}})
      << std::endl;
  ASSIGN_OR_RETURN(const RedirectAnswer back, listener->Await(state, kBrowserWait));
  if (!back.issuer.empty() && back.issuer != request.issuer) {
    return absl::FailedPreconditionError("the browser came back from another issuer");
  }
  if (!back.error.empty()) return Refused({json::object(), back.error});
  FormFields fields = FieldsOf(request);
  fields.emplace_back("grant_type", "authorization_code");
  fields.emplace_back("code", back.code);
  fields.emplace_back("redirect_uri", listener->uri());
  fields.emplace_back("code_verifier", verifier);
  ASSIGN_OR_RETURN(const EndpointAnswer answer, Ask(request, endpoints.token, fields));
  return TokensOf(answer, request);
}

absl::Status Revoke(const SignIn& sign_in) {
  ASSIGN_OR_RETURN(const auth::Endpoints endpoints,
                   auth::DiscoverEndpoints(sign_in.request.issuer, sign_in.request.issuer_ca));
  if (endpoints.revocation.empty()) return absl::OkStatus();
  const bool refreshable = !sign_in.refresh_token.empty();
  const FormFields fields = {{"client_id", sign_in.request.client_id},
                             {"token", refreshable ? sign_in.refresh_token : sign_in.access_token},
                             {"token_type_hint", refreshable ? "refresh_token" : "access_token"}};
  ASSIGN_OR_RETURN(const EndpointAnswer answer, Ask(sign_in.request, endpoints.revocation, fields));
  return answer.error.empty() ? absl::OkStatus() : Refused(answer);
}

}  // namespace baliprocess::balictl
