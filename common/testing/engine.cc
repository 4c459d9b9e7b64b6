#include "common/testing/engine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "common/testing/postgres.h"

namespace baliprocess::testing {
namespace {

// Environment variables: see engine.h.
constexpr char kPoseSetting[] = "BALI_TEST_POSES_AS";
constexpr char kListenSetting[] = "BALI_TEST_LISTEN";

// Without its store a test can't say anything.
void RequireOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "test store: %s\n", status.ToString().c_str());
  std::abort();
}

const char* Setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Makes the database answer as another engine that speaks PostgreSQL's protocol does, so that the
// store takes that one's dialect.
absl::Status PoseAs(const std::string& version, const std::string& url) {
  const ThrowawayPostgres& server = ThrowawayPostgres::Shared();
  const std::string database = ThrowawayPostgres::NameIn(url);
  const std::string pose = absl::StrCat(
      "CREATE FUNCTION public.version() RETURNS TEXT LANGUAGE SQL AS $$ SELECT TEXT '", version,
      "' $$; ALTER DATABASE ", database, " SET search_path = public, pg_catalog");
  return server.Run(database, pose);
}

}  // namespace

std::vector<std::string> EngineNames() {
  if (*Setting(kPoseSetting) != '\0' || *Setting(kListenSetting) != '\0') return {kPostgres};
  return {kSqlite, kPostgres};
}

TestStore::TestStore(std::string engine) : engine_(std::move(engine)) {
  if (!is_sqlite()) {
    auto url = ThrowawayPostgres::Shared().CreateDatabase();
    RequireOk(url.status());
    target_ = *std::move(url);
    const std::string version = Setting(kPoseSetting);
    if (!version.empty()) RequireOk(PoseAs(version, target_));
    return;
  }
  directory_ = std::filesystem::temp_directory_path() / "bali-store-XXXXXX";
  if (mkdtemp(directory_.data()) == nullptr) RequireOk(absl::InternalError("mkdtemp failed"));
  target_ = directory_ + "/store.db";
}

TestStore::~TestStore() {
  // What remains after a failure goes with the server or the temporary files.
  std::error_code ignored;
  if (is_sqlite()) {
    std::filesystem::remove_all(directory_, ignored);
  } else {
    (void)ThrowawayPostgres::Shared().DropDatabase(target_);
  }
}

std::unique_ptr<storage::Database> TestStore::Open(storage::Database::Options options) const {
  if (const char* listen = Setting(kListenSetting); *listen != '\0') options.listen_target = listen;
  auto database = storage::Database::Open(target_, options);
  RequireOk(database.status());
  return *std::move(database);
}

}  // namespace baliprocess::testing
