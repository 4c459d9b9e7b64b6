// A service on a SQLite store of its own, filled without its rules: for benchmarks of reads.

#ifndef BALIPROCESS_TESTS_BENCH_BENCH_STORE_H_
#define BALIPROCESS_TESTS_BENCH_BENCH_STORE_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/resource/engine/engine.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"

namespace baliprocess::bench {

// Ends the program with a message unless the status is OK.
void Require(const absl::Status& status);

class BenchStore {
 public:
  BenchStore(int schema_version, absl::StatusOr<resource::Registry> (*resources)(),
             rpc::MethodTable (*methods)(resource::Engine& engine));
  ~BenchStore();

  // Writes rows `from`, `from` + 1 ... below `to`, made by `row`, in large transactions.
  using MakeRow = std::function<std::unique_ptr<google::protobuf::Message>(int row)>;
  void Fill(int from, int to, const MakeRow& row);

  // Calls a method; the microseconds of CPU time it took, as other programs make no difference to
  // that. Ends the program when it fails.
  double Call(const std::string& method, const google::protobuf::Message& request,
              google::protobuf::Message& reply,
              api::v1::Access::Role role = api::v1::Access::OBSERVER);

  // Logs a change of `resource`, which there is: kept answers are stale then.
  void LogChange(const google::protobuf::Message& resource);

 private:
  const int schema_version_;
  std::string directory_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<rpc::MethodTable> table_;
};

// The median of some values, at least one.
double Median(std::vector<double> values);

}  // namespace baliprocess::bench

#endif  // BALIPROCESS_TESTS_BENCH_BENCH_STORE_H_
