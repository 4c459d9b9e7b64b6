#include "services/balictl/client/side_by_side.h"

#include <atomic>
#include <thread>
#include <utility>

namespace baliprocess::balictl {
namespace {

constexpr size_t kConnections = 8;

}  // namespace

// What can't be opened is done without: the first connection tells what is wrong.
void SideBySide::ConnectOnce() {
  const Connect connect = std::exchange(connect_, nullptr);
  while (connect && others_.size() + 1 < kConnections) {
    auto opened = connect();
    if (!opened.ok()) return;
    others_.push_back(std::move(*opened));
  }
}

void SideBySide::Make(const google::protobuf::MethodDescriptor& method, std::vector<Call>& calls) {
  if (calls.size() > 1) ConnectOnce();
  std::atomic<size_t> next = 0;
  const auto work = [&](Connection& connection) {
    for (size_t i = next++; i < calls.size(); i = next++) {
      Call& call = calls[i];
      call.status = connection.CallPersistently(method, *call.request, *call.reply);
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < others_.size() && i + 1 < calls.size(); ++i) {
    threads.emplace_back(work, std::ref(*others_[i]));
  }
  work(connection_);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace baliprocess::balictl
