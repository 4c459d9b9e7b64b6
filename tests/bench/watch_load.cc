// Watches a service's changes with many readers, and writes meanwhile.
//
//   watch_load ADDRESS TOKEN READERS CONNECTIONS WRITES_PER_SECOND SECONDS BYTES [stalled | idle]
//
// Each write updates one body, with a text of BYTES. Prints one line: deliveries, the 50th and 99th
// percentile of their lag in milliseconds (from the start of the write to the reader), writes done,
// writes failed, and the 50th percentile of how long they took. `stalled`: readers read nothing.
// `idle`: a line says that all readers stand; they go on, without writes, until standard input
// ends.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"
#include "tests/bench/load_calls.h"

namespace {

using baliprocess::load::Bytes;
using baliprocess::load::Connect;
using baliprocess::load::Durations;
using baliprocess::load::Start;
using baliprocess::load::Stubs;
using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr char kService[] = "/baliprocess.membership.v1.MembershipService/";
constexpr auto kPatience = seconds(30);
// In the text of a write, before the time at which it began.
constexpr char kMark[] = "began=";
constexpr size_t kDigits = 20;

int64_t Now() { return Clock::now().time_since_epoch() / std::chrono::microseconds(1); }

std::string Text(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!bytes.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

// Lives until its call is over.
class Reader final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reader(grpc::GenericStub& stub, const std::string& token, bool stalled, Durations& lags,
         std::atomic<int>& standing)
      : stalled_(stalled), lags_(lags), standing_(standing) {
    context_.AddMetadata("authorization", token);
    stub.PrepareBidiStreamingCall(&context_, absl::StrCat(kService, "WatchChanges"), {}, this);
    request_ = Bytes(baliprocess::common::v1::WatchChangesRequest());
    StartWriteLast(&request_, grpc::WriteOptions());
    if (!stalled_) StartRead(&message_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadInitialMetadataDone(bool ok) override {
    stands_ = ok;
    standing_ += ok ? 1 : 0;
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    const int64_t now = Now();
    const std::string text = Text(message_);
    for (size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
      int64_t began = 0;
      if (absl::SimpleAtoi(text.substr(at + sizeof(kMark) - 1, kDigits), &began)) {
        // Of the version after, not the one before, which is in the change as well.
        newest_ = std::max(newest_, began);
      }
    }
    if (newest_ > told_) lags_.Add(now - newest_);
    told_ = newest_;
    StartRead(&message_);
  }
  void OnDone(const grpc::Status& status) override {
    if (stands_) --standing_;
    static std::atomic<bool> told = false;
    if (!stalled_ && !told.exchange(true)) {
      std::fprintf(stderr, "watch_load: a watch has ended: %s\n", status.error_message().c_str());
    }
    delete this;
  }

  const bool stalled_;
  bool stands_ = false;
  Durations& lags_;
  std::atomic<int>& standing_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  int64_t newest_ = 0;
  int64_t told_ = 0;
};

class Writer {
 public:
  Writer(const std::string& address, std::string token, size_t bytes)
      : stubs_(Connect(address, 1)), token_(std::move(token)), bytes_(bytes) {}

  void Write(int n) {
    const int64_t began = Now();
    baliprocess::membership::v1::UpdateBodyRequest request;
    request.set_allow_missing(true);
    auto& body = *request.mutable_body();
    body.set_name(absl::StrCat("bodies/b", n % 1000));
    body.set_kind(baliprocess::membership::v1::Body::TASK_FORCE);
    body.set_visibility(baliprocess::api::v1::Visibility::PUBLIC);
    body.set_display_name(absl::StrCat("Number ", n));
    body.set_mandate(
        absl::StrCat(kMark, absl::Dec(began, absl::kZeroPad20), " ", std::string(bytes_, 'x')));
    ++under_way_;
    Start(*stubs_[0], absl::StrCat(kService, "UpdateBody"), token_, Bytes(request), kPatience,
          [=, this](const grpc::Status& status, const grpc::ByteBuffer&) {
            if (status.ok()) {
              took_.Add(Now() - began);
            } else if (++failed_ == 1) {
              std::fprintf(stderr, "watch_load: %s\n", status.error_message().c_str());
            }
            --under_way_;
          });
  }
  void Wait() const {
    while (under_way_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Durations& took() { return took_; }
  int failed() const { return failed_; }

 private:
  const Stubs stubs_;
  const std::string token_;
  const size_t bytes_;
  std::atomic<int> under_way_{0};
  std::atomic<int> failed_{0};
  Durations took_;
};

// Whether all readers stand before patience ends.
bool AllStand(const std::atomic<int>& standing, int count) {
  const auto patience = Clock::now() + kPatience;
  while (standing < count && Clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (standing == count) return true;
  std::fprintf(stderr, "watch_load: %d of %d watches stand\n", standing.load(), count);
  return false;
}

void Write(Writer& writer, int per_second, int duration) {
  const auto start = Clock::now();
  for (int n = 0; n < per_second * duration; ++n) {
    std::this_thread::sleep_until(start + std::chrono::microseconds(1'000'000 / per_second) * n);
    writer.Write(n);
  }
  writer.Wait();
}

void WaitForEndOfInput(int readers) {
  std::printf("%d watches stand\n", readers);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8 && argc != 9) {
    std::fprintf(stderr,
                 "usage: watch_load ADDRESS TOKEN READERS CONNECTIONS WRITES_PER_SECOND "
                 "SECONDS BYTES [stalled | idle]\n");
    return 2;
  }
  const std::string token = absl::StrCat("Bearer ", argv[2]);
  const std::string how = argc == 9 ? argv[8] : "";
  const int count = std::atoi(argv[3]);
  const auto stubs = Connect(argv[1], std::atoi(argv[4]));
  static Durations lags;
  static std::atomic<int> standing = 0;
  std::vector<Reader*> readers;
  for (int i = 0; i < count; ++i) {
    readers.push_back(
        new Reader(*stubs[i % stubs.size()], token, how == "stalled", lags, standing));
  }
  if (!AllStand(standing, count)) std::_Exit(1);
  Writer writer(argv[1], token, std::atoi(argv[7]));
  if (how == "idle") {
    WaitForEndOfInput(count);
  } else {
    Write(writer, std::atoi(argv[5]), std::atoi(argv[6]));
  }
  if (how.empty()) std::this_thread::sleep_for(seconds(1));  // what is on its way arrives
  std::printf("%zu %.1f %.1f %zu %d %.1f\n", lags.size(), lags.Percentile(50), lags.Percentile(99),
              writer.took().size(), writer.failed(), writer.took().Percentile(50));
  std::fflush(stdout);
  std::_Exit(0);  // readers go with the connections
}
