// Profiles: which server, and as whom, by a name. They are kept in
// `$XDG_CONFIG_HOME/baliprocess/profiles.yaml`, or in `~/.config` without that variable:
//
//   current: work
//   profiles:
//     work:
//       server: gateway.example.org:8443
//       ca: /etc/baliprocess/ca.crt

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_PROFILES_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_PROFILES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

using ProfileSettings = std::map<std::string, std::string>;

struct Profiles {
  std::string current;  // "": none
  std::map<std::string, ProfileSettings> all;
};

// What a profile can say: flags of the connection by their names, and `issuer`, `issuer_ca`,
// `client_id`, `scope` and `resource`, by which one signs in.
const std::vector<std::string>& SettingsOfProfiles();

// Those in the file; none without a file. A usage error names the line that is wrong.
absl::StatusOr<Profiles> ReadProfiles(const Environment& environment);

// Replaces the file. Nobody but its owner may read it.
absl::Status WriteProfiles(const Profiles& profiles, const Environment& environment);

// A usage error when there is no such profile.
absl::StatusOr<ProfileSettings> FindProfile(const Profiles& profiles, const std::string& name);

// The file with the sign-in of a profile (client/sign_in.h), whether it is there or not.
absl::StatusOr<std::string> SignInFile(const std::string& profile, const Environment& environment);

// The environment of a command with the flag --profile, in which the profile in use speaks where
// the environment itself says nothing: the one that --profile or BALI_PROFILE names, or the current
// one; none where --profile is ''. BALI_PROFILE is then its name. What a profile has to show who
// the caller is (a sign-in, a token's file, a certificate) goes to the profile's server alone: with
// another --server it isn't there. Other commands have their environment as it is.
absl::StatusOr<Environment> WithProfile(const Command& command,
                                        const std::vector<std::string>& words,
                                        const Environment& environment);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_PROFILES_H_
