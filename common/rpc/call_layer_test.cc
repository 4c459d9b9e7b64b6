// What layers see of calls of all kinds, and what they may do to them.

#include "common/rpc/call_layer.h"

#include <atomic>
#include <memory>
#include <thread>

#include "common/rpc/call_counters.h"
#include "common/rpc/test_util.h"
#include "common/testing/fault_layer.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::FaultLayer;
using ::baliprocess::testing::HasReason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Notes what it is told, as text.
class Notes final : public CallLayer {
 public:
  void OnBegin(const CallView& call) override { Add("begin", call); }
  absl::Status OnBody(const CallView& call) override {
    Add("body", call);
    return absl::OkStatus();
  }
  absl::Status OnReply(const CallView& call) override {
    Add("reply", call);
    return absl::OkStatus();
  }
  void OnEnd(const CallView& call, const CallEnd& end) override {
    Add(absl::StrCat(absl::StatusCodeToString(end.status.code()), " ", end.request_bytes, "/",
                     end.reply_bytes),
        call);
  }

  // Of calls that ended.
  std::vector<std::string> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notes_, {});
  }

 private:
  void Add(const std::string& what, const CallView& call) {
    const std::lock_guard lock(mutex_);
    if (!call.housekeeping) notes_.push_back(absl::StrCat(what, " ", call.call.caller.subject));
  }

  std::mutex mutex_;
  std::vector<std::string> notes_;
};

// Two messages, then the end.
class Pair final : public StreamSource {
  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
    if (++pulls_ > 2) return Next::kEnd;
    static_cast<EchoReply&>(reply).set_text("xy");
    return Next::kMessage;
  }
  int pulls_ = 0;
};

class Trash final : public StreamSink {
  absl::Status Take(const google::protobuf::Message&) override { return absl::OkStatus(); }
  absl::Status Complete(google::protobuf::Message&) override { return absl::OkStatus(); }
};

class CallLayerTest : public ServerTest {
 protected:
  CallLayerTest() {
    watch_ = [this](auto&&...) {
      ++bodies_;
      return std::make_unique<Pair>();
    };
    collect_ = [this](auto&&) {
      ++bodies_;
      return std::make_unique<Trash>();
    };
    echo_ = change_ = [this](Call&, const EchoRequest& request, EchoReply& reply) {
      ++bodies_;
      reply.set_text(request.text());
      return absl::OkStatus();
    };
  }
  ~CallLayerTest() override { server_.reset(); }

  absl::Status Collect() {
    grpc::ClientContext context;
    AddHeaders(As("secretary"), context);
    EchoReply reply;
    const grpc::internal::RpcMethod method(kCollect, grpc::internal::RpcMethod::CLIENT_STREAMING);
    const std::unique_ptr<grpc::ClientWriter<EchoRequest>> writer(
        grpc::internal::ClientWriterFactory<EchoRequest>::Create(channel_.get(), method, &context,
                                                                 &reply));
    EchoRequest request;
    request.set_text("abc");
    writer->Write(request);
    writer->WritesDone();
    return FromGrpcStatus(writer->Finish(), "server");
  }
  absl::Status Watch() {
    Watcher watcher(*channel_, As("observer"));
    while (watcher.Read()) {
    }
    return watcher.Finish();
  }
  std::shared_ptr<FaultLayer> AddFaults(const char* method) {
    options_.layers.push_back(std::make_shared<FaultLayer>(
        method, Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "as the test says")));
    return std::static_pointer_cast<FaultLayer>(options_.layers.back());
  }

  std::atomic<int> bodies_ = 0;
};

TEST_F(CallLayerTest, SeeCallsOfAllKinds) {
  const auto notes = std::make_shared<Notes>();
  options_.layers = {notes};
  Start();
  EXPECT_OK(CallText(*channel_, kEcho, "abc").status);
  EXPECT_THAT(notes->Take(), ElementsAre("begin ", "body ", "reply ", "OK 5/5 "));
  EXPECT_OK(CallText(*channel_, kChange, "abc", As("secretary")).status);
  EXPECT_THAT(notes->Take(),
              ElementsAre("begin ", "body secretary", "reply secretary", "OK 5/5 secretary"));
  EXPECT_OK(Watch());
  EXPECT_THAT(notes->Take(), ElementsAre("begin ", "body observer", "reply observer",
                                         "reply observer", "OK 0/8 observer"));
  EXPECT_OK(Collect());
  EXPECT_THAT(notes->Take(),
              ElementsAre("begin ", "body secretary", "reply secretary", "OK 5/0 secretary"));
}

TEST_F(CallLayerTest, SeeWhatIsRefusedBeforeTheBody) {
  const auto notes = std::make_shared<Notes>();
  options_.layers = {notes};
  Start();
  EXPECT_FALSE(CallText(*channel_, kChange, "").status.ok());
  EXPECT_THAT(notes->Take(), ElementsAre("begin ", "UNAUTHENTICATED 0/0 "));
  EXPECT_FALSE(CallText(*channel_, "/no/such", "").status.ok());
  EXPECT_THAT(notes->Take(), ElementsAre("begin ", "UNIMPLEMENTED 0/0 "));
}

TEST_F(CallLayerTest, ARefusedCallHasNoBody) {
  const auto change = AddFaults(kChange);
  const auto watch = AddFaults(kWatch);
  const auto collect = AddFaults(kCollect);
  Start();
  for (const auto& faults : {change, watch, collect}) faults->RefuseCall(1);
  EXPECT_THAT(CallText(*channel_, kChange, "", As("secretary")).status,
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(Watch(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(Collect(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(bodies_, 0);
  EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status);
  EXPECT_OK(Watch());
  EXPECT_OK(Collect());
}

TEST_F(CallLayerTest, ALostReplyHadABody) {
  const auto change = AddFaults(kChange);
  const auto watch = AddFaults(kWatch);
  const auto collect = AddFaults(kCollect);
  Start();
  change->LoseReply(1);
  watch->LoseReply(2);
  collect->LoseReply(1);
  const Outcome lost = CallText(*channel_, kChange, "text", As("secretary"));
  EXPECT_THAT(lost.status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(lost.text, "");
  Watcher watcher(*channel_, As("observer"));
  EXPECT_EQ(watcher.Read(), "xy");
  EXPECT_EQ(watcher.Read(), std::nullopt);
  EXPECT_THAT(watcher.Finish(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(Collect(), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_EQ(bodies_, 3);
}

class CallCountersTest : public CallLayerTest {
 protected:
  const CallCounters::Counts CountsOf(const std::string& method) {
    for (const CallCounters::Counts& counts : counters_->Get()) {
      if (counts.method == method) return counts;
    }
    ADD_FAILURE() << method;
    return {};
  }
  std::shared_ptr<CallCounters> counters_ = [this] {
    std::vector<MethodTable> tables;
    tables.push_back(Table());
    return std::make_shared<CallCounters>(tables);
  }();
};

constexpr auto kOk = static_cast<size_t>(absl::StatusCode::kOk);

TEST_F(CallCountersTest, CountEachMethodByCode) {
  options_.layers = {counters_};
  const auto faults = AddFaults(kChange);
  Start();
  faults->RefuseCall(2);
  for (int i = 0; i < 3; ++i) CallText(*channel_, kChange, "abc", As("secretary"));
  CallText(*channel_, "/no/such", "");
  EXPECT_OK(Watch());
  const CallCounters::Counts change = CountsOf(kChange);
  EXPECT_EQ(change.ended[kOk], 2);
  EXPECT_EQ(change.ended[static_cast<size_t>(absl::StatusCode::kUnavailable)], 1);
  EXPECT_EQ(change.in_flight, 0);
  EXPECT_EQ(change.request_bytes, 15);
  EXPECT_EQ(change.reply_bytes, 10);
  EXPECT_GT(change.took, absl::ZeroDuration());
  EXPECT_EQ(CountsOf(kWatch).reply_bytes, 8);
  EXPECT_EQ(CountsOf("").ended[static_cast<size_t>(absl::StatusCode::kUnimplemented)], 1);
  EXPECT_EQ(CountsOf(kEcho).ended[kOk], 0);
}

TEST_F(CallCountersTest, KnowWhatIsInFlight) {
  options_.layers = {counters_};
  const auto faults = AddFaults(kChange);
  Start();
  faults->HoldCalls();
  std::thread caller([&] { CallText(*channel_, kChange, "", As("secretary")); });
  faults->WaitForHeld(1);
  EXPECT_EQ(CountsOf(kChange).in_flight, 1);
  EXPECT_EQ(counters_->in_flight(), 1);
  faults->Heal();
  caller.join();
  EXPECT_EQ(CountsOf(kChange).in_flight, 0);
  EXPECT_EQ(counters_->in_flight(), 0);
}

TEST_F(CallCountersTest, AreSaidOfMethodsThatWereCalled) {
  options_.layers = {counters_};
  Start();
  counters_->SayCounts();
  EXPECT_THAT(log_.Lines("calls"), IsEmpty());
  CallText(*channel_, kEcho, "abc");
  CallText(*channel_, kEcho, "abc", As("nobody"));
  counters_->SayCounts();
  const auto lines = log_.Lines("calls");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["method"], kEcho);
  EXPECT_EQ(lines[0]["calls"], 2);
  EXPECT_EQ(lines[0]["codes"], "OK=1,UNAUTHENTICATED=1");
}

}  // namespace
}  // namespace baliprocess::rpc
