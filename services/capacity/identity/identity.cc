#include "services/capacity/identity/identity.h"

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/read_file.h"
#include "common/base/status_macros.h"
#include "services/capacity/identity/name_form.h"

ABSL_FLAG(
    std::vector<std::string>, identity_key_file, {},
    "A file with the key of the hashes by which practitioners are found again: 32 bytes at least, "
    "the same for all replicas. Two files, new,old, while a key is replaced: persons are found "
    "by both, and who is entered again is known by the new one. Empty: the store keeps a key of "
    "its own, beside the hashes.");

namespace baliprocess::capacity {
namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kMostKeys = 2;  // a practitioner has the hashes of so many
constexpr char kStateKey[] = "identity_key";
constexpr char kSecondForm[] = "2.";  // hashes of it begin so

std::string Hash(std::string_view kind, std::string_view first, std::string_view second,
                 std::string_view key) {
  const std::string text =
      absl::StrCat(std::string(kind), "\n", std::string(first), "\n", std::string(second));
  return absl::WebSafeBase64Escape(HmacSha256(key, text));
}

// Adds the hashes of one key.
void AddHashes(const v1::Practitioner::Identity& identity, std::string_view member,
               std::string_view key, std::vector<std::string>& hashes) {
  const std::string name = NormaliseName(identity.full_name());
  if (name.empty()) return;
  // Of the year alone: another list may not have the day.
  const std::string year =
      identity.has_birth_date() ? absl::StrCat(identity.birth_date().year()) : "";
  const auto add = [&](const std::string& version, const std::string& form) {
    hashes.push_back(version + Hash(version + "member", form, member, key));
    if (!year.empty()) hashes.push_back(version + Hash(version + "birth", form, year, key));
  };
  add(kSecondForm, name);
  const std::string before = NormaliseNameAsBefore(identity.full_name());
  if (!before.empty()) add("", before);
  if (!identity.email().empty()) {
    hashes.push_back(Hash("email", absl::AsciiStrToLower(identity.email()), "", key));
  }
}

absl::StatusOr<std::string> ReadKey(const std::string& path) {
  absl::StatusOr<std::string> read = ReadFile(path);
  if (!read.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--identity_key_file: ", std::string(read.status().message())));
  }
  std::string key = *std::move(read);
  if (key.size() < kKeySize) {
    return absl::InvalidArgumentError(
        absl::StrCat("--identity_key_file: ", path, " must have ", kKeySize, " bytes at least"));
  }
  return key;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ConfiguredIdentityKeys() {
  std::vector<std::string> keys;
  for (const std::string& path : absl::GetFlag(FLAGS_identity_key_file)) {
    ASSIGN_OR_RETURN(keys.emplace_back(), ReadKey(path));
  }
  if (keys.size() > kMostKeys) {
    return absl::InvalidArgumentError(
        "--identity_key_file: has two files at most, the new key and the old one");
  }
  return keys;
}

absl::StatusOr<std::string> StoredIdentityKey(resource::Scope& scope) {
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query("SELECT value FROM engine_state WHERE key = ?",
                                                     {std::string(kStateKey)}));
  if (!rows.empty()) return storage::AsBytes(rows[0][0]);
  // Of replicas that come to this at the same time, one gets through and the others start over.
  const std::string key = RandomBytes(kKeySize);
  RETURN_IF_ERROR(scope.tx().Send("INSERT INTO engine_state (key, value) VALUES (?, ?)",
                                  {std::string(kStateKey), storage::Bytes{key}}));
  return key;
}

std::vector<std::string> HashesOf(const v1::Practitioner::Identity& identity,
                                  std::string_view member, const std::vector<std::string>& keys) {
  std::vector<std::string> hashes;
  for (const std::string& key : keys) AddHashes(identity, member, key, hashes);
  return hashes;
}

}  // namespace baliprocess::capacity
