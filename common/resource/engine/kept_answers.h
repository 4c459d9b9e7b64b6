// Replies that are kept until the store changes, so that what anyone may ask again and again is
// worked out once. Whoever asks what is being worked out for another waits for that.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_KEPT_ANSWERS_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_KEPT_ANSWERS_H_

#include <google/protobuf/message.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"

#include "common/base/counts.h"
#include "common/rpc/service.h"
#include "common/telemetry/families.h"

namespace baliprocess::resource {

// What a call asks, as 32 bytes: its method, its request but for fields that the method doesn't
// know, and the clearance and member of its caller. Calls with the same question get the same
// answer, as long as the method heeds nothing else of its caller.
std::string QuestionOf(const rpc::Call& call, const google::protobuf::Message& request);

// Used by many threads.
class KeptAnswers {
 public:
  // The most bytes of answers and questions: a few thousand answers of usual size. When it is
  // reached, what wasn't asked for longest is forgotten.
  static constexpr size_t kMostBytes = size_t{4} << 20;
  explicit KeptAnswers(size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  // Makes the answer: fills the `reply` that was given to Answer, and `seen` with the state of the
  // store that it was made from (SeenChanges).
  using Make = std::function<absl::Status(std::string& seen)>;

  // Fills `reply` with the kept answer to `question` if it was made from the state `seen`, which
  // the caller has just looked up; else by `make`, once for all who ask at the same time. Errors
  // are told to those who wait, and not kept. CANCELLED when `call` is over while another makes the
  // answer. `made_from`, unless it is null, is set to the state that the answer is of.
  absl::Status Answer(const rpc::Call& call, const std::string& question, const std::string& seen,
                      google::protobuf::Message& reply, const Make& make,
                      std::string* made_from = nullptr);

  size_t bytes() const;

  void AddMetrics(telemetry::Families& families) const;

 private:
  // An answer that is being made.
  struct Making {
    bool done = false;
    absl::Status status;
    std::string seen;
    std::string reply;
  };
  struct Kept {
    std::string question;
    std::string seen;
    std::string reply;
    size_t bytes() const { return 2 * question.size() + seen.size() + reply.size() + kOverhead; }
  };
  static constexpr size_t kOverhead = 200;  // of the containers, about

  // Gives the lock up while it waits.
  absl::Status WaitFor(const std::shared_ptr<Making>& making, const rpc::Call& call,
                       std::unique_lock<std::mutex>& lock);
  void Keep(Kept kept);
  void Forget(std::list<Kept>::iterator kept);

  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable made_;
  std::list<Kept> kept_;  // the last asked for first
  std::map<std::string, std::list<Kept>::iterator> by_question_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Making>> making_;
  size_t bytes_ = 0;
  SharedCount found_;
  SharedCount made_count_;
  SharedCount waited_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_KEPT_ANSWERS_H_
