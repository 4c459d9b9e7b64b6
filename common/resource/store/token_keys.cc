#include "common/resource/store/token_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"

namespace baliprocess::resource {
namespace {

using storage::Bytes;
using storage::Row;
using storage::Transaction;

// Keys are called so, with a dot and when they were made, in microseconds. Programs that knew of
// one key only have called it so and no more: it is older than all others.
constexpr char kName[] = "seal_key";
constexpr size_t kKeySize = 32;

TokenKey KeyOf(const Row& row) {
  const std::string name = storage::AsText(row[0]);
  int64_t micros = 0;
  const size_t dot = name.find('.');
  if (dot != std::string::npos && !absl::SimpleAtoi(name.substr(dot + 1), &micros)) micros = 0;
  return {storage::AsBytes(row[1]), absl::FromUnixMicros(micros)};
}

absl::StatusOr<std::vector<TokenKey>> Read(Transaction& tx) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT key, value FROM engine_state WHERE key LIKE ?", {absl::StrCat(kName, "%")}));
  std::vector<TokenKey> keys;
  for (const Row& row : rows) keys.push_back(KeyOf(row));
  std::sort(keys.begin(), keys.end(),
            [](const TokenKey& a, const TokenKey& b) { return a.made < b.made; });
  return keys;
}

std::string NameOf(const TokenKey& key) {
  if (key.made == absl::UnixEpoch()) return kName;
  return absl::StrCat(kName, ".", absl::ToUnixMicros(key.made));
}

absl::Status Add(Transaction& tx, const TokenKey& key) {
  return tx.Send("INSERT INTO engine_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
                 {NameOf(key), Bytes{key.key}});
}

bool IsWanted(const std::vector<TokenKey>& keys, absl::Time now, absl::Duration age) {
  return keys.empty() || (age != absl::InfiniteDuration() && now - keys.back().made > age);
}

}  // namespace

absl::StatusOr<std::vector<TokenKey>> KeepTokenKeys(storage::Database& database, absl::Time now,
                                                    absl::Duration age) {
  std::vector<TokenKey> keys;
  const auto read = [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(keys, Read(tx));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(database.ReadOne(read));
  if (!IsWanted(keys, now, age)) return keys;
  const auto add = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(read(tx));
    if (!IsWanted(keys, now, age)) return absl::OkStatus();  // another replica has made it
    RETURN_IF_ERROR(Add(tx, {RandomBytes(kKeySize), now}));
    while (keys.size() >= kMostTokenKeys) {
      RETURN_IF_ERROR(tx.Send("DELETE FROM engine_state WHERE key = ?", {NameOf(keys.front())}));
      keys.erase(keys.begin());
    }
    return read(tx);
  };
  RETURN_IF_ERROR(database.Write(add));
  return keys;
}

}  // namespace baliprocess::resource
