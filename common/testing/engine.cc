#include "common/testing/engine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/testing/postgres.h"

namespace baliprocess::testing {
namespace {

// Without its store a test can't say anything.
void RequireOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "test store: %s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

std::vector<std::string> EngineNames() { return {kSqlite, kPostgres}; }

TestStore::TestStore(std::string engine) : engine_(std::move(engine)) {
  if (!is_sqlite()) {
    auto url = ThrowawayPostgres::Shared().CreateDatabase();
    RequireOk(url.status());
    target_ = *std::move(url);
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

std::unique_ptr<storage::Database> TestStore::Open(
    const storage::Database::Options& options) const {
  auto database = storage::Database::Open(target_, options);
  RequireOk(database.status());
  return *std::move(database);
}

}  // namespace baliprocess::testing
