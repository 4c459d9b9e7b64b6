#include "services/gateway/testing/backend.h"

#include <grpcpp/alarm.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace baliprocess::gateway {
namespace {

using Headers = std::multimap<std::string, std::string>;

std::string Text(grpc::string_ref text) { return {text.data(), text.size()}; }

std::string Text(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

int64_t Number(const Headers& headers, const std::string& name) {
  const auto it = headers.find(name);
  return it == headers.end() ? 0 : std::stoll(it->second);
}

grpc::ByteBuffer Message(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// One call. Reads and writes alternate but in `stream`, which doesn't read.
class Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(TestBackend& backend, grpc::GenericCallbackServerContext& context)
      : backend_(backend), context_(context) {
    for (const auto& [name, value] : context.client_metadata()) {
      headers_.emplace(Text(name), Text(value));
    }
    const auto it = headers_.find("do");
    what_ = it == headers_.end() ? backend.behaviour() : it->second;
    if (what_ == "half") what_ = backend.TakeTurn() ? "unavailable" : "echo";
    backend_.Note([&](TestBackend::Seen& seen) {
      ++seen.calls;
      ++seen.calls_of[context.method()];
      seen.peers.insert(context.peer());
      seen.headers = headers_;
      seen.timeout = absl::FromChrono(context.deadline()) - absl::Now();
    });
    for (const auto& [name, value] : headers_) {
      if (name == "x-bali-position") context.AddTrailingMetadata(name, value);
      if (!name.starts_with("ask-")) continue;
      context.AddInitialMetadata(name, value);
      context.AddTrailingMetadata(absl::StrCat("trailing-", name), value);
    }
    Begin();
  }

 private:
  // Once: a write that fails and a cancellation may both lead here, on two threads.
  void End(const grpc::Status& status) {
    if (!ended_.exchange(true)) Finish(status);
  }

  void Begin() {
    if (what_ == "fail") {
      return End({grpc::StatusCode::INVALID_ARGUMENT, "100% wrong\n\xc3\xa9",
                  std::string("\x08\x03\x12\x00\xff details", 13)});
    }
    if (what_ == "unavailable") return End({grpc::StatusCode::UNAVAILABLE, "not now"});
    if (what_ == "stream") {
      left_ = Number(headers_, "count");
      return Send(std::string(static_cast<size_t>(Number(headers_, "size")), 'x'));
    }
    if (what_ == "begin" || what_ == "await") Send("begun");
    if (what_ == "echo" || what_ == "collect" || what_ == "say") StartRead(&read_);
    if (what_ == "hold") backend_.AwaitRelease([this] { Echo(); });
    if (what_ == "slow") {
      constexpr auto kSlow = std::chrono::milliseconds(200);
      alarm_.Set(std::chrono::system_clock::now() + kSlow, [this](bool) { Echo(); });
    }
  }

  void Echo() {
    what_ = "echo";
    StartRead(&read_);
  }

  void Send(std::string bytes) {
    size_ = bytes.size();
    written_ = Message(bytes);
    StartWrite(&written_);
  }

  void SayNext() {
    if (said_ < speech_.messages.size()) return Send(speech_.messages[said_++]);
    if (!speech_.goes_on) End(speech_.status);
  }

  void Listen(bool ok) {
    if (ok) {
      grpc::Slice slice;
      const std::string bytes = read_.DumpToSingleSlice(&slice).ok() ? Text(slice) : "";
      backend_.Note([&](TestBackend::Seen& seen) { seen.messages.push_back(bytes); });
      return StartRead(&read_);
    }
    speech_ = backend_.speech();
    SayNext();
  }

  void OnReadDone(bool ok) override {
    if (what_ == "say") return Listen(ok);
    if (!ok) {
      if (what_ != "collect") return End(grpc::Status::OK);
      what_ = "collected";
      return Send(std::to_string(received_));
    }
    received_ += static_cast<int64_t>(read_.Length());
    backend_.Note([&](TestBackend::Seen& seen) {
      seen.bytes_received += static_cast<int64_t>(read_.Length());
    });
    if (what_ == "collect") return StartRead(&read_);
    size_ = read_.Length();
    written_ = std::move(read_);
    read_.Clear();
    StartWrite(&written_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(grpc::Status::CANCELLED);
    if (what_ == "say") return SayNext();
    if (what_ == "echo") return StartRead(&read_);
    if (what_ == "begin") return;
    if (what_ == "await") {
      what_ = "collected";
      return backend_.AwaitRelease([this] { Send("released"); });
    }
    if (what_ == "collected") return End(grpc::Status::OK);
    backend_.Note([&](TestBackend::Seen& seen) { seen.bytes_sent += static_cast<int64_t>(size_); });
    if (--left_ <= 0) return End(grpc::Status::OK);
    StartWrite(&written_);
  }

  void OnCancel() override {
    backend_.Note([](TestBackend::Seen& seen) { ++seen.cancelled; });
    if (what_ != "hang" && what_ != "begin" && what_ != "say") return;
    const bool late = context_.deadline() <= std::chrono::system_clock::now();
    End({late ? grpc::StatusCode::DEADLINE_EXCEEDED : grpc::StatusCode::CANCELLED, ""});
  }

  void OnDone() override {
    backend_.Note([](TestBackend::Seen& seen) { ++seen.finished; });
    delete this;
  }

  TestBackend& backend_;
  grpc::GenericCallbackServerContext& context_;
  Headers headers_;
  std::string what_;
  grpc::ByteBuffer read_;
  grpc::ByteBuffer written_;
  size_t size_ = 0;  // of what is being written
  int64_t received_ = 0;
  int64_t left_ = 0;
  TestBackend::Speech speech_;
  size_t said_ = 0;  // of its messages
  std::atomic<bool> ended_ = false;
  grpc::Alarm alarm_;
};

// Watch of grpc.health.v1: a HealthCheckResponse with each change.
class HealthReactor final : public grpc::ServerGenericBidiReactor {
 public:
  explicit HealthReactor(TestBackend& backend) : backend_(backend) {
    if (!backend.health()) {
      Finish({grpc::StatusCode::UNIMPLEMENTED, ""});
      return;
    }
    backend.WatchHealth(this, [this] { Tell(); });
    Tell();
  }

 private:
  void Tell() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (writing_ || told_ == backend_.health()) return;
    told_ = backend_.health();
    writing_ = true;
    written_ = Message(*told_ ? "\x08\x01" : "\x08\x02");
    StartWrite(&written_);
  }
  void OnWriteDone(bool ok) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      writing_ = false;
    }
    if (ok) Tell();
  }
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override {
    backend_.ForgetHealth(this);
    delete this;
  }

  TestBackend& backend_;
  std::mutex mutex_;
  std::optional<bool> told_;
  bool writing_ = false;
  grpc::ByteBuffer written_;
};

}  // namespace

TestBackend::TestBackend(int port, std::shared_ptr<grpc::ServerCredentials> credentials) {
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), std::move(credentials), &port_);
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
}

TestBackend::~TestBackend() { Stop(); }

void TestBackend::Stop() {
  if (!server_) return;
  Behave("echo");
  Release();
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

void TestBackend::Say(Speech speech) {
  const std::lock_guard<std::mutex> lock(mutex_);
  speech_ = std::move(speech);
}

TestBackend::Speech TestBackend::speech() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return speech_;
}

void TestBackend::Behave(std::string what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  behaviour_ = std::move(what);
}

std::string TestBackend::behaviour() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return behaviour_;
}

bool TestBackend::TakeTurn() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(turn_, !turn_);
}

void TestBackend::SetHealth(bool serving) {
  std::vector<std::function<void()>> watchers;
  const std::lock_guard<std::mutex> watchers_lock(watchers_mutex_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    health_ = serving;
    for (const auto& [key, changed] : health_watchers_) watchers.push_back(changed);
  }
  for (const auto& changed : watchers) changed();
}

std::optional<bool> TestBackend::health() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return health_;
}

void TestBackend::WatchHealth(const void* key, std::function<void()> changed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  health_watchers_[key] = std::move(changed);
}

void TestBackend::ForgetHealth(const void* key) {
  const std::lock_guard<std::mutex> watchers_lock(watchers_mutex_);
  const std::lock_guard<std::mutex> lock(mutex_);
  health_watchers_.erase(key);
}

void TestBackend::AwaitRelease(std::function<void()> released) {
  const std::lock_guard<std::mutex> lock(mutex_);
  awaiting_.push_back(std::move(released));
}

void TestBackend::Release() {
  std::vector<std::function<void()>> awaiting;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    awaiting.swap(awaiting_);
  }
  for (const auto& released : awaiting) released();
}

TestBackend::Seen TestBackend::seen() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return seen_;
}

bool TestBackend::WaitFor(const std::function<bool(const Seen&)>& condition) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, absl::ToChronoNanoseconds(kSoon),
                           [&] { return condition(seen_); });
}

void TestBackend::Note(const std::function<void(Seen&)>& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  change(seen_);
  changed_.notify_all();
}

grpc::ServerGenericBidiReactor* TestBackend::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  if (context->method().starts_with("/grpc.health.v1.")) return new HealthReactor(*this);
  return new Reactor(*this, *context);
}

}  // namespace baliprocess::gateway
