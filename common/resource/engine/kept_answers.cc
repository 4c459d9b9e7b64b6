#include "common/resource/engine/kept_answers.h"

#include <chrono>

#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;

// How often who waits for an answer looks whether its call is over.
constexpr std::chrono::milliseconds kLookAtCall{50};

absl::Status Parse(const std::string& bytes, Message& reply) {
  if (reply.ParseFromString(bytes)) return absl::OkStatus();
  return absl::InternalError("a kept answer can't be read");
}

}  // namespace

std::string QuestionOf(const rpc::Call& call, const Message& request) {
  const std::unique_ptr<Message> known(request.New());
  known->CopyFrom(request);
  known->DiscardUnknownFields();
  return Sha256(absl::StrCat(call.method->full_name(), "\n",
                             static_cast<int>(call.caller.clearance()), "\n", call.caller.member,
                             "\n", Serialize(*known)));
}

absl::Status KeptAnswers::WaitFor(const std::shared_ptr<Making>& making, const rpc::Call& call,
                                  std::unique_lock<std::mutex>& lock) {
  while (!made_.wait_for(lock, kLookAtCall, [&] { return making->done; })) {
    if (call.cancelled && call.cancelled()) {
      return absl::CancelledError("the call was over before its answer was made");
    }
  }
  return making->status;
}

absl::Status KeptAnswers::Answer(const rpc::Call& call, const std::string& question,
                                 const std::string& seen, Message& reply, const Make& make,
                                 std::string* made_from) {
  const std::pair<std::string, std::string> asked(question, seen);
  std::unique_lock<std::mutex> lock(mutex_);
  const auto found = by_question_.find(question);
  if (found != by_question_.end() && found->second->seen == seen) {
    found_.Add();
    kept_.splice(kept_.begin(), kept_, found->second);
    if (made_from != nullptr) *made_from = seen;
    return Parse(found->second->reply, reply);
  }
  if (const auto other = making_.find(asked); other != making_.end()) {
    waited_.Add();
    const std::shared_ptr<Making> making = other->second;
    RETURN_IF_ERROR(WaitFor(making, call, lock));
    lock.unlock();
    if (made_from != nullptr) *made_from = making->seen;
    return Parse(making->reply, reply);
  }
  const auto making = std::make_shared<Making>();
  making_[asked] = making;
  made_count_.Add();
  lock.unlock();
  const absl::Status status = make(making->seen);
  lock.lock();
  making->done = true;
  making->status = status;
  if (made_from != nullptr) *made_from = making->seen;
  if (status.ok()) {
    making->reply = Serialize(reply);
    Keep({question, making->seen, making->reply});
  }
  making_.erase(asked);
  made_.notify_all();
  return status;
}

void KeptAnswers::Keep(Kept kept) {
  if (const auto old = by_question_.find(kept.question); old != by_question_.end()) {
    Forget(old->second);
  }
  if (kept.bytes() > most_bytes_) return;
  bytes_ += kept.bytes();
  kept_.push_front(std::move(kept));
  by_question_[kept_.front().question] = kept_.begin();
  while (bytes_ > most_bytes_) Forget(std::prev(kept_.end()));
}

void KeptAnswers::Forget(std::list<Kept>::iterator kept) {
  bytes_ -= kept->bytes();
  by_question_.erase(kept->question);
  kept_.erase(kept);
}

void KeptAnswers::AddMetrics(telemetry::Families& families) const {
  families.Counter("bali_kept_answers_total",
                   "Questions whose answers are kept until the store changes, by how they were "
                   "answered: found, made, or waited for while another call made the answer.");
  families.Add({{"how", "found"}}, static_cast<double>(found_.get()));
  families.Add({{"how", "made"}}, static_cast<double>(made_count_.get()));
  families.Add({{"how", "waited"}}, static_cast<double>(waited_.get()));
  families.Gauge("bali_kept_answer_bytes", "Bytes of answers that are kept.")
      .Add({}, static_cast<double>(bytes()));
}

size_t KeptAnswers::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace baliprocess::resource
