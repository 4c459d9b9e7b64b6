// balictl login and logout: tokens from an issuer, for a profile.

#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"

#include "common/auth/discovery.h"
#include "common/auth/fetch.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/sign_in.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/program/profiles.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

constexpr char kUsualScope[] = "openid offline_access";

// The profile in use (WithProfile).
absl::StatusOr<std::string> ProfileOf(const Arguments& arguments) {
  std::string name = arguments.Text("profile");
  if (!name.empty()) return name;
  return UsageError(
      "there is no profile to sign in for: `balictl profile set NAME --server HOST:PORT --issuer "
      "URL --client_id TEXT` makes one");
}

absl::StatusOr<SignInRequest> RequestOf(const std::string& name, const Environment& environment) {
  ASSIGN_OR_RETURN(const Profiles profiles, ReadProfiles(environment));
  ASSIGN_OR_RETURN(ProfileSettings settings, FindProfile(profiles, name));
  for (const char* needed : {"issuer", "client_id"}) {
    if (settings[needed].empty()) {
      return UsageError(absl::StrCat("the profile ", name, " has no ", needed,
                                     ": balictl profile set ", name, " --", needed, " ..."));
    }
  }
  if (!settings["token_file"].empty()) {
    return UsageError(absl::StrCat("the profile ", name,
                                   " has a token file, which goes before a sign-in: balictl "
                                   "profile set ",
                                   name, " --token_file ''"));
  }
  const std::string& scope = settings["scope"];
  return SignInRequest{settings["issuer"], settings["client_id"],
                       scope.empty() ? kUsualScope : scope, settings["resource"],
                       settings["issuer_ca"]};
}

absl::Status WhyNotFound(const absl::Status& status, const SignInRequest& request) {
  std::string why = absl::StrCat("the issuer ", request.issuer, ": ", status.message());
  if (status.message() == auth::kCertificateRefused && request.issuer_ca.empty()) {
    absl::StrAppend(&why, "; `balictl profile set --issuer_ca FILE` says another authority");
  }
  return absl::Status(status.code(), why);
}

absl::StatusOr<SignIn> SignInBy(const std::string& flow, const SignInRequest& request, Io& io) {
  if (!flow.empty() && flow != "device" && flow != "browser") {
    return UsageError("--flow must be device or browser");
  }
  const auto found = auth::DiscoverEndpoints(request.issuer, request.issuer_ca);
  if (!found.ok()) return WhyNotFound(found.status(), request);
  const bool offers_device = !found->device_authorization.empty();
  if (flow == "device" && !offers_device) {
    return absl::FailedPreconditionError(
        "the issuer has no way to sign in on another device: --flow browser");
  }
  if (flow == "device" || (flow.empty() && offers_device)) {
    return SignInByDevice(request, *found, io.err);
  }
  if (found->authorization.empty()) {
    return absl::FailedPreconditionError("the issuer has no way to sign in by a browser");
  }
  return SignInByBrowser(request, *found, io.err);
}

absl::Status Login(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const std::string name, ProfileOf(arguments));
  ASSIGN_OR_RETURN(const SignInRequest request, RequestOf(name, io.environment));
  ASSIGN_OR_RETURN(const std::string path, SignInFile(name, io.environment));
  ASSIGN_OR_RETURN(const SignIn sign_in, SignInBy(arguments.Text("flow"), request, io));
  RETURN_IF_ERROR(WriteSignIn(sign_in, path));
  io.out << "signed in; `balictl whoami --profile " << name << "` tells as whom\n";
  if (sign_in.refresh_token.empty()) {
    io.err << "the issuer gave nothing to go on with: sign in again after "
           << absl::FormatTime("%Y-%m-%d %H:%MZ", sign_in.end, absl::UTCTimeZone()) << "\n";
  }
  return absl::OkStatus();
}

absl::Status Logout(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const std::string name, ProfileOf(arguments));
  ASSIGN_OR_RETURN(const std::string path, SignInFile(name, io.environment));
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    io.err << "the profile " << name << " isn't signed in\n";
    return absl::OkStatus();
  }
  const auto sign_in = ReadSignIn(path);
  const absl::Status revoked = sign_in.ok() ? Revoke(*sign_in) : sign_in.status();
  if (!std::filesystem::remove(path, error)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " can't be removed"));
  }
  io.out << "signed out\n";
  if (!revoked.ok()) {
    io.err << "the tokens are forgotten here, but the issuer wasn't told: "
           << SafeText(std::string(revoked.message())) << "\n";
  }
  return absl::OkStatus();
}

const Flag& ProfileFlag() {
  static const auto& flag =
      *new Flag{"profile", "NAME", "", "The profile; without it, the current one.", "BALI_PROFILE"};
  return flag;
}

}  // namespace

Command LoginCommand() {
  return {
      .name = "login",
      .summary = "Sign in with an issuer of tokens",
      .description =
          "Signs in with the issuer that the profile names, and keeps the tokens in a file that "
          "nobody but you may read. A token is replaced by a new one before it ends. `device`: "
          "you enter a code on any device. `browser`: a browser on this machine comes back to "
          "balictl. Without --flow, device where the issuer offers it."
          "\n\nExamples:\n"
          "  balictl profile set work --issuer https://id.example.org --client_id balictl\n"
          "  balictl login",
      .flags = {{"flow", "device|browser", "", "How to sign in."}, ProfileFlag()},
      .run = Login};
}

Command LogoutCommand() {
  return {.name = "logout",
          .summary = "Sign out: forget the tokens",
          .description =
              "Has the issuer revoke the tokens of the profile, and removes them from "
              "this machine.\n\nExample:\n  balictl logout",
          .flags = {ProfileFlag()},
          .run = Logout};
}

}  // namespace baliprocess::balictl
