#include "services/balictl/program/profiles.h"

#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxProfiles = 1000;

absl::StatusOr<std::string> Folder(const Environment& environment) {
  const auto set = environment("XDG_CONFIG_HOME");
  if (set && set->starts_with('/')) return absl::StrCat(*set, "/baliprocess");
  const auto home = environment("HOME");
  if (!home || home->empty()) {
    return UsageError("there is no place for profiles: neither HOME nor XDG_CONFIG_HOME is set");
  }
  return absl::StrCat(*home, "/.config/baliprocess");
}

absl::StatusOr<std::string> FileOfProfiles(const Environment& environment) {
  ASSIGN_OR_RETURN(const std::string folder, Folder(environment));
  return absl::StrCat(folder, "/profiles.yaml");
}

absl::Status CheckName(const std::string& name) {
  if (IsResourceId(name)) return absl::OkStatus();
  return UsageError(absl::StrCat("the name of a profile, \"", name,
                                 "\", must be 1 to 63 lower-case letters, digits and hyphens, the "
                                 "first a letter, the last not a hyphen"));
}

absl::Status Wrong(const YAML::Node& node, const std::string& what) {
  return UsageError(absl::StrCat("line ", node.Mark().line + 1, ": ", what));
}

absl::StatusOr<ProfileSettings> SettingsIn(const YAML::Node& node) {
  ProfileSettings settings;
  if (node.IsNull()) return settings;
  if (!node.IsMap()) return Wrong(node, "a profile must be settings, each `name: value`");
  const auto& known = SettingsOfProfiles();
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Wrong(entry.first,
                   absl::StrCat("there is no setting ", name, "; there are ",
                                absl::StrJoin(known, ", "), ".", DidYouMean(name, known)));
    }
    if (!entry.second.IsScalar()) {
      return Wrong(entry.first, absl::StrCat(name, " must be one value"));
    }
    settings[name] = entry.second.Scalar();
  }
  return settings;
}

absl::StatusOr<Profiles> ProfilesIn(const YAML::Node& node) {
  Profiles profiles;
  if (node.IsNull()) return profiles;
  if (!node.IsMap()) return Wrong(node, "must have `current` and `profiles`");
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (name == "current" && entry.second.IsScalar()) {
      profiles.current = entry.second.Scalar();
    } else if (name == "profiles" && entry.second.IsMap()) {
      if (entry.second.size() > kMaxProfiles) {
        return Wrong(entry.first, absl::StrCat("there may be ", kMaxProfiles, " profiles at most"));
      }
      for (const auto& profile : entry.second) {
        const std::string called = profile.first.IsScalar() ? profile.first.Scalar() : "";
        if (const absl::Status good = CheckName(called); !good.ok()) {
          return Wrong(profile.first, std::string(good.message()));
        }
        ASSIGN_OR_RETURN(profiles.all[called], SettingsIn(profile.second));
      }
    } else {
      return Wrong(entry.first, "must be `current: NAME` or `profiles:` with settings below");
    }
  }
  return profiles;
}

absl::StatusOr<Profiles> Parsed(const std::string& text) {
  // The library tells what isn't YAML by exceptions.
  try {
    return ProfilesIn(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    return UsageError(absl::StrCat("line ", error.mark.line + 1, ": ", error.msg));
  }
}

// Whether the command asks another server than the profile's.
bool IsElsewhere(const Arguments& arguments, const ProfileSettings& settings,
                 const Environment& environment) {
  const auto own = settings.find("server");
  const bool named = arguments.given.contains("server") || environment("BALI_SERVER");
  return own != settings.end() && named && arguments.Text("server") != own->second;
}

}  // namespace

const std::vector<std::string>& SettingsOfProfiles() {
  static const auto& settings = *new std::vector<std::string>{
      "server",  "ca",     "token_file", "cert",      "key",   "plaintext",
      "timeout", "issuer", "issuer_ca",  "client_id", "scope", "resource"};
  return settings;
}

absl::StatusOr<Profiles> ReadProfiles(const Environment& environment) {
  ASSIGN_OR_RETURN(const std::string path, FileOfProfiles(environment));
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Profiles{};
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  if (text.size() > kMaxBytes) {
    return UsageError(absl::StrCat(path, " is larger than ", kMaxBytes, " bytes"));
  }
  auto profiles = Parsed(text);
  if (!profiles.ok()) return UsageError(absl::StrCat(path, ", ", profiles.status().message()));
  return profiles;
}

absl::Status WriteProfiles(const Profiles& profiles, const Environment& environment) {
  for (const auto& [name, settings] : profiles.all) RETURN_IF_ERROR(CheckName(name));
  if (profiles.all.size() > kMaxProfiles) {
    return UsageError(absl::StrCat("there may be ", kMaxProfiles, " profiles at most"));
  }
  ASSIGN_OR_RETURN(const std::string path, FileOfProfiles(environment));
  YAML::Emitter out;
  out << YAML::BeginMap;
  if (!profiles.current.empty()) out << YAML::Key << "current" << YAML::Value << profiles.current;
  out << YAML::Key << "profiles" << YAML::Value << YAML::BeginMap;
  for (const auto& [name, settings] : profiles.all) {
    out << YAML::Key << name << YAML::Value << YAML::BeginMap;
    for (const auto& [setting, value] : settings) {
      out << YAML::Key << setting << YAML::Value << value;
    }
    out << YAML::EndMap;
  }
  out << YAML::EndMap << YAML::EndMap;
  RETURN_IF_ERROR(MakeDirectory(std::filesystem::path(path).parent_path().string()));
  return WriteFile(path, absl::StrCat(out.c_str(), "\n"), 0600);
}

absl::StatusOr<ProfileSettings> FindProfile(const Profiles& profiles, const std::string& name) {
  const auto found = profiles.all.find(name);
  if (found != profiles.all.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [other, settings] : profiles.all) names.push_back(other);
  return UsageError(
      absl::StrCat("there is no profile ", name, ".", DidYouMean(name, names),
                   " `balictl profile set` makes one; `balictl profiles` lists them"));
}

absl::StatusOr<std::string> SignInFile(const std::string& profile, const Environment& environment) {
  RETURN_IF_ERROR(CheckName(profile));
  ASSIGN_OR_RETURN(const std::string folder, Folder(environment));
  return absl::StrCat(folder, "/tokens/", profile, ".json");
}

absl::StatusOr<Environment> WithProfile(const Command& command,
                                        const std::vector<std::string>& words,
                                        const Environment& environment) {
  const bool connects = std::any_of(command.flags.begin(), command.flags.end(),
                                    [](const Flag& flag) { return flag.name == "profile"; });
  if (!connects) return environment;
  ASSIGN_OR_RETURN(const Arguments arguments, ParseArguments(command, words, environment));
  const bool named = !arguments.All("profile").empty();
  std::string name = arguments.Text("profile");
  const bool nowhere = !environment("HOME") && !environment("XDG_CONFIG_HOME");
  if ((named && name.empty()) || (!named && nowhere)) return environment;
  ASSIGN_OR_RETURN(const Profiles profiles, ReadProfiles(environment));
  if (!named) name = profiles.current;
  if (name.empty()) return environment;
  ASSIGN_OR_RETURN(ProfileSettings settings, FindProfile(profiles, name));
  ASSIGN_OR_RETURN(const std::string sign_in, SignInFile(name, environment));
  std::error_code error;
  if (!settings.contains("token_file") && std::filesystem::exists(sign_in, error)) {
    settings["token_file"] = sign_in;
  }
  if (IsElsewhere(arguments, settings, environment)) {
    for (const char* own : {"token_file", "cert", "key"}) settings.erase(own);
  }
  std::map<std::string, std::string> said = {{"BALI_PROFILE", name}};
  for (const Flag& flag : command.flags) {
    const auto found = settings.find(flag.name);
    if (found != settings.end() && !flag.environment.empty()) {
      said[flag.environment] = found->second;
    }
  }
  return [environment, said](const std::string& variable) -> std::optional<std::string> {
    if (auto set = environment(variable)) return set;
    const auto found = said.find(variable);
    return found == said.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

}  // namespace baliprocess::balictl
