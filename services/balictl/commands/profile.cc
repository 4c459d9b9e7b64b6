// balictl profiles, use, profile: which server, and as whom, by a name.

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "common/auth/fetch.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/connection_errors.h"
#include "services/balictl/client/sign_in.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/program/profiles.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

// As whom a profile calls.
std::string CallerText(const std::string& name, const ProfileSettings& settings,
                       const Environment& environment) {
  if (settings.contains("token_file")) return "token file";
  const auto path = SignInFile(name, environment);
  std::error_code error;
  if (path.ok() && std::filesystem::exists(*path, error)) {
    const auto sign_in = ReadSignIn(*path);
    if (!sign_in.ok()) return "sign-in that can't be read";
    const bool lasts = !sign_in->refresh_token.empty() || sign_in->end > absl::Now();
    return lasts ? "signed in" : "sign-in is over";
  }
  return settings.contains("cert") ? "certificate" : "the public";
}

absl::Status ListProfiles(const Arguments&, Io& io) {
  ASSIGN_OR_RETURN(const Profiles profiles, ReadProfiles(io.environment));
  std::vector<Row> rows = {{"PROFILE", "CURRENT", "SERVER", "AS"}};
  for (const auto& [name, settings] : profiles.all) {
    const auto server = settings.find("server");
    rows.push_back({name, name == profiles.current ? "yes" : "",
                    server == settings.end() ? "" : server->second,
                    CallerText(name, settings, io.environment)});
  }
  io.out << FormatTable(std::move(rows), io.width);
  if (profiles.all.empty()) io.err << "no profiles: `balictl profile set` makes one\n";
  return absl::OkStatus();
}

absl::Status Use(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(Profiles profiles, ReadProfiles(io.environment));
  const std::string& name = arguments.positional[0];
  RETURN_IF_ERROR(FindProfile(profiles, name).status());
  profiles.current = name;
  RETURN_IF_ERROR(WriteProfiles(profiles, io.environment));
  io.out << "the profile is now " << name << "\n";
  return absl::OkStatus();
}

bool IsFile(const std::string& setting) {
  return setting == "ca" || setting == "issuer_ca" || setting == "token_file" ||
         setting == "cert" || setting == "key";
}

// The value as it is kept: it must do from any folder.
absl::StatusOr<std::string> KeptValue(const std::string& setting, const std::string& value) {
  if (value.empty()) return value;
  if (setting == "server") {
    RETURN_IF_ERROR(ServerAddress(value).status());
  } else if (setting == "issuer") {
    const absl::Status good = auth::CheckUrl(value);
    if (!auth::IsUrl(value) || !good.ok()) {
      return UsageError("--issuer must be a URL of https://, such as https://login.example.org");
    }
  } else if (IsFile(setting)) {
    return std::filesystem::absolute(value).lexically_normal().string();
  }
  return value;
}

absl::Status Set(const std::string& name, const Arguments& arguments, Profiles& profiles) {
  if (arguments.given.contains("timeout") && !arguments.Text("timeout").empty()) {
    RETURN_IF_ERROR(arguments.Duration("timeout").status());
  }
  ProfileSettings settings = profiles.all[name];
  for (const std::string& setting : SettingsOfProfiles()) {
    if (!arguments.given.contains(setting)) continue;
    ASSIGN_OR_RETURN(const std::string value, KeptValue(setting, arguments.Text(setting)));
    if (value.empty()) {
      settings.erase(setting);
    } else {
      settings[setting] = value;
    }
  }
  profiles.all[name] = std::move(settings);
  // The first one is what people go on with.
  if (profiles.current.empty()) profiles.current = name;
  return absl::OkStatus();
}

absl::Status Forget(const std::string& name, const Environment& environment, Profiles& profiles) {
  RETURN_IF_ERROR(FindProfile(profiles, name).status());
  ASSIGN_OR_RETURN(const std::string sign_in, SignInFile(name, environment));
  std::error_code error;
  if (std::filesystem::exists(sign_in, error)) {
    return UsageError(
        absl::StrCat("the profile ", name, " is signed in: balictl logout --profile ", name));
  }
  profiles.all.erase(name);
  if (profiles.current == name) profiles.current.clear();
  return absl::OkStatus();
}

void Show(const std::string& name, const ProfileSettings& settings, Io& io) {
  io.out << "profile " << name << "\n";
  for (const auto& [setting, value] : settings) {
    io.out << "  " << setting << std::string(12 - setting.size(), ' ') << SafeText(value) << "\n";
  }
}

absl::Status Profile(const Arguments& arguments, Io& io) {
  const std::string& what = arguments.positional[0];
  const std::string& name = arguments.positional[1];
  ASSIGN_OR_RETURN(Profiles profiles, ReadProfiles(io.environment));
  if (what == "show") {
    ASSIGN_OR_RETURN(const ProfileSettings settings, FindProfile(profiles, name));
    Show(name, settings, io);
    return absl::OkStatus();
  }
  if (what == "set") {
    RETURN_IF_ERROR(Set(name, arguments, profiles));
  } else if (what == "delete") {
    RETURN_IF_ERROR(Forget(name, io.environment, profiles));
  } else {
    return UsageError("there are: profile set NAME, profile show NAME, profile delete NAME");
  }
  RETURN_IF_ERROR(WriteProfiles(profiles, io.environment));
  if (what == "set") Show(name, profiles.all[name], io);
  return absl::OkStatus();
}

// The flags of the connection that a profile can say, without what the environment says, and those
// by which one signs in.
std::vector<Flag> SettingFlags() {
  std::vector<Flag> flags;
  const auto& settings = SettingsOfProfiles();
  for (Flag flag : ConnectionFlags()) {
    if (std::find(settings.begin(), settings.end(), flag.name) == settings.end()) continue;
    flag.environment.clear();
    flag.fallback.clear();
    flags.push_back(std::move(flag));
  }
  flags.push_back({"issuer", "URL", "", "Who issues tokens, for `balictl login`."});
  flags.push_back({"issuer_ca", "FILE", "",
                   "The authorities that the issuer's certificate must come from, in PEM. Without "
                   "it, those of the system."});
  flags.push_back({"client_id", "TEXT", "", "What the issuer calls balictl."});
  flags.push_back(
      {"scope", "TEXT", "", "What to ask the issuer for; without it, openid and offline_access."});
  flags.push_back({"resource", "URL", "",
                   "Whom the token is for, where the issuer wants to be told (RFC 8707)."});
  return flags;
}

}  // namespace

Command ProfilesCommand() {
  return {.name = "profiles",
          .summary = "List the profiles: servers, and as whom",
          .description =
              "Lists the profiles, and as whom each of them calls. They are in "
              "~/.config/baliprocess/profiles.yaml, or in the folder that "
              "$XDG_CONFIG_HOME names.\n\nExample:\n  balictl profiles",
          .flags = {},
          .run = ListProfiles};
}

Command UseCommand() {
  return {.name = "use",
          .arguments = "PROFILE",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Choose the profile that commands use",
          .description =
              "Makes a profile the current one: the one that commands use without "
              "--profile and BALI_PROFILE.\n\nExample:\n  balictl use work",
          .flags = {},
          .run = Use};
}

Command ProfileCommand() {
  return {.name = "profile",
          .arguments = "set|show|delete NAME",
          .min_arguments = 2,
          .max_arguments = 2,
          .summary = "Make, show or delete a profile",
          .description =
              "A profile has a name for what is said again and again: which server, and as whom. "
              "Flags and the environment go before it. `set` changes the settings that are given, "
              "and leaves the others; '' takes one away. The first profile is the current one. "
              "What shows who you are goes to the profile's server alone, not to another --server."
              "\n\nExamples:\n"
              "  balictl profile set work --server gateway.example.org:8443\n"
              "  balictl profile set work --issuer https://id.example.org --client_id balictl\n"
              "  balictl profile set work --issuer_ca issuers-ca.crt",
          .flags = SettingFlags(),
          .run = Profile};
}

}  // namespace baliprocess::balictl
