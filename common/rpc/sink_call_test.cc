// Client streams, through a server and a client in one process.

#include "common/rpc/sink_call.h"

#include <atomic>
#include <condition_variable>
#include <thread>

#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// A client's side of Collect.
class Sender {
 public:
  Sender(grpc::Channel& channel, const Headers& headers)
      : method_(kCollect, grpc::internal::RpcMethod::CLIENT_STREAMING) {
    AddHeaders(headers, context_);
    writer_.reset(grpc::internal::ClientWriterFactory<EchoRequest>::Create(&channel, method_,
                                                                           &context_, &reply_));
  }
  void WaitForAdmission() { writer_->WaitForInitialMetadata(); }
  bool Send(const std::string& text) {
    EchoRequest request;
    request.set_text(text);
    return writer_->Write(request);
  }
  void Cancel() { context_.TryCancel(); }
  // Sends no more, and returns the text of the reply.
  absl::StatusOr<std::string> Finish() {
    writer_->WritesDone();
    const absl::Status status = FromGrpcStatus(writer_->Finish(), "server");
    if (!status.ok()) return status;
    return reply_.text();
  }

 private:
  grpc::internal::RpcMethod method_;
  grpc::ClientContext context_;
  EchoReply reply_;
  std::unique_ptr<grpc::ClientWriter<EchoRequest>> writer_;
};

// What a test and its sinks share.
class Collection {
 public:
  std::unique_ptr<StreamSink> Open() { return std::make_unique<Sink>(*this); }

  // Makes sinks refuse this text.
  void set_refused(std::string text) { refused_ = std::move(text); }
  // Makes sinks wait with every message until it is called again with false.
  void set_held(bool held) {
    std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  void WaitForTaken(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return taken_.size() >= count; });
  }
  void WaitForDestroyed() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return destroyed_ > 0; });
  }
  std::vector<std::string> taken() {
    std::lock_guard lock(mutex_);
    return taken_;
  }

 private:
  class Sink final : public StreamSink {
   public:
    explicit Sink(Collection& collection) : c_(collection) {}
    ~Sink() override {
      std::lock_guard lock(c_.mutex_);
      ++c_.destroyed_;
      c_.changed_.notify_all();
    }
    absl::Status Take(const google::protobuf::Message& message) override {
      const std::string& text = static_cast<const EchoRequest&>(message).text();
      if (!c_.refused_.empty() && text == c_.refused_) {
        return Error(api::v1::Error::WRONG_STATE, "this text isn't taken");
      }
      std::unique_lock lock(c_.mutex_);
      c_.taken_.push_back(text);
      c_.changed_.notify_all();
      c_.changed_.wait(lock, [&] { return !c_.held_; });
      return absl::OkStatus();
    }
    absl::Status Complete(google::protobuf::Message& reply) override {
      static_cast<EchoReply&>(reply).set_text(absl::StrCat(c_.taken().size(), " taken"));
      return absl::OkStatus();
    }

   private:
    Collection& c_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> taken_;
  std::string refused_;
  bool held_ = false;
  int destroyed_ = 0;
};

class SinkCallTest : public ServerTest {
 protected:
  SinkCallTest() {
    collect_ = [this](const std::shared_ptr<Call>& call) {
      call_ = call;
      return collection_.Open();
    };
  }
  // The server, and the streams on it, end before what they fill.
  ~SinkCallTest() override { server_.reset(); }

  Collection collection_;
  std::shared_ptr<Call> call_;
};

TEST_F(SinkCallTest, MessagesArriveInOrderAndTheReplyFollows) {
  Start();
  Sender sender(*channel_, As("secretary"));
  EXPECT_TRUE(sender.Send("a"));
  EXPECT_TRUE(sender.Send("b"));
  EXPECT_EQ(*sender.Finish(), "2 taken");
  EXPECT_THAT(collection_.taken(), ElementsAre("a", "b"));
  collection_.WaitForDestroyed();
  EXPECT_TRUE(call_->cancelled());
  EXPECT_EQ(call_->caller.subject, "secretary");
  const auto lines = log_.Lines("access");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]["method"], kCollect);
  EXPECT_EQ(lines[0]["request_bytes"], 6);
}

TEST_F(SinkCallTest, AnEmptyStreamIsComplete) {
  Start();
  EXPECT_EQ(*Sender(*channel_, As("secretary")).Finish(), "0 taken");
}

TEST_F(SinkCallTest, RefusedStreamsNeverOpen) {
  Start();
  EXPECT_THAT(Sender(*channel_, {}).Finish().status(), HasReason(api::v1::Error::TOKEN_MISSING));
  EXPECT_THAT(Sender(*channel_, As("observer")).Finish().status(),
              HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_EQ(call_, nullptr);
}

TEST_F(SinkCallTest, ASinksErrorEndsTheCallBeforeTheClientDoes) {
  collection_.set_refused("b");
  Start();
  Sender sender(*channel_, As("secretary"));
  sender.Send("a");
  sender.Send("b");
  while (sender.Send("c")) {
  }
  EXPECT_THAT(sender.Finish().status(), HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_THAT(collection_.taken(), ElementsAre("a"));
}

TEST_F(SinkCallTest, ErrorsOfTheBodyEndTheStream) {
  collect_ = [](auto&&) { return absl::InternalError("driver text"); };
  Start();
  EXPECT_THAT(Sender(*channel_, As("secretary")).Finish().status(),
              HasReason(api::v1::Error::INTERNAL_ERROR));
}

TEST_F(SinkCallTest, EveryMessageIsHeldToTheLimit) {
  options_.max_message_bytes = 1000;
  Start();
  Sender sender(*channel_, As("secretary"));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(sender.Send(std::string(900, 'x')));
  sender.Send(std::string(1001, 'x'));
  EXPECT_THAT(sender.Finish().status(), HasReason(api::v1::Error::TOO_LARGE));
  EXPECT_THAT(collection_.taken(), SizeIs(5));
}

TEST_F(SinkCallTest, CancellationEndsTheSink) {
  Start();
  Sender sender(*channel_, As("secretary"));
  sender.Send("a");
  collection_.WaitForTaken(1);
  sender.Cancel();
  EXPECT_FALSE(sender.Finish().ok());
  collection_.WaitForDestroyed();
  EXPECT_TRUE(call_->cancelled());
  EXPECT_EQ(log_.Lines("access")[0]["code"], "CANCELLED");
}

TEST_F(SinkCallTest, CancellationReachesASinkAtWork) {
  collection_.set_held(true);
  Start();
  Sender sender(*channel_, As("secretary"));
  sender.Send("a");
  collection_.WaitForTaken(1);
  sender.Cancel();
  EXPECT_FALSE(sender.Finish().ok());
  collection_.set_held(false);
  collection_.WaitForDestroyed();
  EXPECT_THAT(collection_.taken(), ElementsAre("a"));
}

TEST_F(SinkCallTest, TokensExpiryEndsAnIdleStream) {
  verifier_->Add("brief", 1u << api::v1::Access::SECRETARIAT, "",
                 absl::Now() + absl::Milliseconds(500));
  Start();
  Sender sender(*channel_, As("brief"));
  sender.Send("a");
  collection_.WaitForDestroyed();
  EXPECT_THAT(sender.Finish().status(), HasReason(api::v1::Error::TOKEN_EXPIRED));
}

TEST_F(SinkCallTest, ShutdownEndsOpenStreams) {
  Start();
  Sender sender(*channel_, As("secretary"));
  sender.Send("a");
  collection_.WaitForTaken(1);
  server_->Shutdown(absl::Seconds(10));
  EXPECT_THAT(sender.Finish().status(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
}

TEST_F(SinkCallTest, IdleStreamsHoldNoThread) {
  options_.worker_threads = 1;
  Start();
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < 10; ++i) {
    senders.push_back(std::make_unique<Sender>(*channel_, As("secretary")));
    senders.back()->WaitForAdmission();
  }
  EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status);
}

TEST_F(SinkCallTest, ASlowSinkHoldsTheSenderBack) {
  constexpr int kMessages = 500;
  collection_.set_held(true);
  Start();
  std::atomic<int> sent = 0;
  absl::StatusOr<std::string> reply;
  std::thread client([&] {
    Sender sender(*channel_, As("secretary"));
    while (sent < kMessages && sender.Send(std::string(100'000, 'x'))) ++sent;
    reply = sender.Finish();
  });
  collection_.WaitForTaken(1);
  // The windows of HTTP/2 and TCP take some megabytes; then nothing may move. A message that is
  // sent later than this pause would be missed, never imagined.
  int before = -1;
  for (int now = sent; before != now; now = sent) {
    before = now;
    absl::SleepFor(absl::Milliseconds(300));
  }
  EXPECT_LT(before, kMessages / 2);
  EXPECT_THAT(collection_.taken(), SizeIs(1));
  collection_.set_held(false);
  client.join();
  EXPECT_EQ(*reply, "500 taken");
}

}  // namespace
}  // namespace baliprocess::rpc
