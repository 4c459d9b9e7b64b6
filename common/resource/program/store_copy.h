// A copy of the store, made and sent to the caller.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_COPY_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_COPY_H_

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/ids.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// The messages of StoreService.BackUp. The copy is made beside the store, by a thread of its own,
// and has no name any more when the first piece is sent: whatever becomes of the process, nothing
// is left behind.
class StoreCopy final : public rpc::StreamSource {
 public:
  struct Job {
    storage::Database& database;
    std::string path;                            // of the copy, while it is made
    std::string subject;                         // of the caller, for the log
    absl::Duration longest;                      // for the whole call
    operate::v1::BackUpManifest manifest;        // what is known beforehand
    std::shared_ptr<void> turn;                  // held as long as the copy is there
    std::function<void(absl::Time begin)> sent;  // called when it was sent to its end
  };

  // Begins. The database outlives it; `wake` is called when the copy is made.
  StoreCopy(Job job, std::function<void()> wake);
  ~StoreCopy() override;

  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override;

  static constexpr size_t kPieceBytes = 1 << 20;

 private:
  void Run();
  absl::Status Make();
  bool GivesUp();
  absl::StatusOr<Next> Send(operate::v1::BackUpResponse& reply);
  absl::StatusOr<Next> SendManifest(operate::v1::BackUpResponse& reply);

  Job job_;
  const absl::Time begin_;
  const std::function<void()> wake_;

  std::mutex mutex_;
  bool stop_ = false;
  bool made_ = false;
  absl::Status status_;

  // Of the reader, once the copy is made.
  std::unique_ptr<FILE, int (*)(FILE*)> file_{nullptr, &std::fclose};
  Sha256Hasher hasher_;
  bool complete_ = false;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_COPY_H_
