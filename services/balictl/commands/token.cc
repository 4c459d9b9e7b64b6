// balictl token and balictl keygen: tokens for installations without an identity provider.

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "baliprocess/api/v1/access.pb.h"
#include "common/auth/signer.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

constexpr char kKeyFile[] = "signing-key.pem";
constexpr char kJwksFile[] = "jwks.json";

absl::StatusOr<std::vector<std::string>> Roles(const Arguments& arguments) {
  std::vector<std::string> roles;
  for (const std::string& value : arguments.All("role")) {
    for (const auto& word : absl::StrSplit(value, ',', absl::SkipEmpty())) {
      api::v1::Access::Role role = api::v1::Access::ROLE_UNSPECIFIED;
      api::v1::Access::Role_Parse(absl::AsciiStrToUpper(word), &role);
      if (role == api::v1::Access::ROLE_UNSPECIFIED) {
        return UsageError(absl::StrCat("there is no role ", word,
                                       "; there are observer, member, secretariat, operator"));
      }
      roles.push_back(absl::AsciiStrToLower(word));
    }
  }
  return roles;
}

absl::StatusOr<auth::TokenClaims> Claims(const Arguments& arguments) {
  auth::TokenClaims claims;
  claims.subject = arguments.Text("subject");
  if (claims.subject.empty())
    return UsageError("--subject is needed: it is on record as the actor");
  claims.issuer = arguments.Text("issuer");
  claims.audience = arguments.Text("audience");
  ASSIGN_OR_RETURN(claims.roles, Roles(arguments));
  claims.member = std::string(absl::StripPrefix(arguments.Text("member"), "members/"));
  if (!claims.member.empty() && resource::WhyInvalidId(claims.member)) {
    return UsageError("--member must be the id of a member, such as aus");
  }
  const bool for_member =
      std::find(claims.roles.begin(), claims.roles.end(), "member") != claims.roles.end();
  if (claims.roles.empty()) {
    return UsageError("--role is needed: a token without a role is worth no more than none");
  }
  if (for_member && claims.member.empty()) {
    return UsageError("--member is needed with --role member: the member that is spoken for");
  }
  claims.issued = absl::Now();
  ASSIGN_OR_RETURN(claims.expires, arguments.Later("ttl", claims.issued));
  return claims;
}

absl::Status Token(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auth::TokenClaims claims, Claims(arguments));
  const std::string path = arguments.Text("key");
  if (path.empty()) return UsageError("--key is needed; balictl keygen makes one");
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  const auto signer = auth::TokenSigner::FromPem(pem);
  if (!signer.ok()) return UsageError(absl::StrCat(path, ": ", signer.status().message()));
  ASSIGN_OR_RETURN(const std::string token, signer->Sign(ToJson(claims)));
  io.out << token << "\n";
  return absl::OkStatus();
}

absl::StatusOr<auth::Algorithm> KeyAlgorithm(const std::string& name) {
  for (const auto algorithm :
       {auth::Algorithm::kEdDsa, auth::Algorithm::kEs256, auth::Algorithm::kRs256}) {
    if (name == auth::NameOf(algorithm)) return algorithm;
  }
  return UsageError("--alg must be EdDSA, ES256 or RS256");
}

absl::Status Keygen(const Arguments& arguments, Io& io) {
  const std::string directory = arguments.Text("dir");
  if (directory.empty()) return UsageError("--dir is needed");
  ASSIGN_OR_RETURN(const auth::Algorithm algorithm, KeyAlgorithm(arguments.Text("alg")));
  ASSIGN_OR_RETURN(const auth::TokenSigner signer, auth::TokenSigner::Generate(algorithm));
  ASSIGN_OR_RETURN(const std::string pem, signer.PrivatePem());
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::FailedPreconditionError(absl::StrCat(directory, ": ", error.message()));
  const std::string key = absl::StrCat(directory, "/", kKeyFile);
  const std::string jwks = absl::StrCat(directory, "/", kJwksFile);
  const absl::Status made = CreateFile(key, pem, 0600);
  if (absl::IsAlreadyExists(made)) {
    return UsageError(absl::StrCat(key, " exists; tokens signed with it would become invalid"));
  }
  RETURN_IF_ERROR(made);
  RETURN_IF_ERROR(WriteFile(jwks, signer.PublicJwks(), 0644));
  io.out << key << "\n" << jwks << "\n";
  return absl::OkStatus();
}

}  // namespace

Command TokenCommand() {
  return {.name = "token",
          .summary = "Sign a token",
          .description =
              "Prints a token signed with a private key, for installations without an identity\n"
              "provider and for trials. Whoever has the key can be anybody.\n\n"
              "Example:\n  balictl token --key signing-key.pem --subject ann --role secretariat",
          .flags = {{"key", "FILE", "", "The private key in PEM: Ed25519, EC on P-256 or RSA."},
                    {"subject", "TEXT", "", "Who the token is for; on record as the actor."},
                    {"role", "ROLE", "",
                     "observer, member, secretariat or operator; several with "
                     "commas.",
                     "", true},
                    {"member", "ID", "", "The member spoken for, such as aus."},
                    {"issuer", "TEXT", "baliprocess", "The issuer that the services accept.",
                     "BALI_TOKEN_ISSUER"},
                    {"audience", "TEXT", "baliprocess", "The audience that the services accept.",
                     "BALI_TOKEN_AUDIENCE"},
                    {"ttl", "DURATION", "12h", "How long the token is valid."}},
          .run = Token};
}

Command KeygenCommand() {
  return {
      .name = "keygen",
      .summary = "Make a key to sign tokens with",
      .description = absl::StrCat("Makes a private key (", kKeyFile,
                                  ", readable by its owner only) and the document "
                                  "with its\npublic part for the services (",
                                  kJwksFile,
                                  "). A key that exists is "
                                  "never replaced.\n\nExample:\n  balictl keygen --dir secrets"),
      .flags = {{"dir", "DIR", "", "Where to write the files; made if need be."},
                {"alg", "EdDSA|ES256|RS256", "EdDSA", "The kind of key."}},
      .run = Keygen};
}

}  // namespace baliprocess::balictl
