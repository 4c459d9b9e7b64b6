// Layers over a Database: whatever is done to the store goes through them. One passes everything
// on, except what it is made for: it measures, or it fails.

#ifndef BALIPROCESS_COMMON_STORAGE_DATABASE_LAYER_H_
#define BALIPROCESS_COMMON_STORAGE_DATABASE_LAYER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/storage/database.h"

namespace baliprocess::storage {

class DatabaseLayer : public Database {
 public:
  absl::Status Read(const Work& work) final { return Run(&Database::Read, work); }
  absl::Status ReadOne(const Work& work) final { return Run(&Database::ReadOne, work); }
  absl::Status Write(const Work& work) final { return Run(&Database::Write, work); }
  absl::Status CopyTo(const Copy& copy) override { return below_.CopyTo(copy); }
  uint64_t WaitForCommit(uint64_t seen, absl::Duration timeout) override {
    return below_.WaitForCommit(seen, timeout);
  }
  void WakeWaiters() override { below_.WakeWaiters(); }
  bool reads_are_local() const override { return below_.reads_are_local(); }
  const Dialect& dialect() const override { return below_.dialect(); }
  absl::Status Ping() override { return below_.Ping(); }

 protected:
  // A way to run work: Read, ReadOne or Write.
  using Way = absl::Status (Database::*)(const Work& work);

  // `below` outlives the layer.
  explicit DatabaseLayer(Database& below) : below_(below) {}

  // Runs `work` on the database below, which may do so more than once.
  virtual absl::Status Run(Way way, const Work& work) = 0;

  Database& below() { return below_; }

  static bool Writes(Way way) { return way == &Database::Write; }

 private:
  Database& below_;
};

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_DATABASE_LAYER_H_
