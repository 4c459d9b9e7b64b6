// What a server bounds before a call reaches its body: header fields, compressed messages,
// deadlines.

#include "common/rpc/server.h"
#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::MessageHas;

// The gateway admits 16 KiB of header fields; gRPC would end the connection, with everybody's calls
// on it, at more than its limit.
TEST_F(ServerTest, HeaderFieldsThatPassTheGatewayPassHere) {
  Start();
  const Headers headers = {{"x-large", std::string(8000, 'a')},
                           {"x-other", std::string(12000, 'b')}};
  EXPECT_OK(CallText(*channel_, kEcho, "", headers).status);
}

TEST_F(ServerTest, TooLargeATokenIsToldSo) {
  Start();
  EXPECT_THAT(CallText(*channel_, kEcho, "", As(std::string(9000, 'x'))).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
}

TEST_F(ServerTest, CompressedMessagesAreRefusedUnread) {
  bool reached = false;
  echo_ = [&](Call&, const EchoRequest&, EchoReply&) {
    reached = true;
    return absl::OkStatus();
  };
  Start();
  EchoRequest request;
  request.set_text(std::string(1 << 20, 'x'));  // packed, a kilobyte
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    EchoReply reply;
    const grpc::internal::RpcMethod method(kEcho, grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status raw =
        grpc::internal::BlockingUnaryCall<EchoRequest, EchoReply, google::protobuf::MessageLite,
                                          google::protobuf::MessageLite>(channel_.get(), method,
                                                                         &context, request, &reply);
    const absl::Status status = FromGrpcStatus(raw, "server");
    EXPECT_THAT(status, HasReason(api::v1::Error::MALFORMED_REQUEST)) << algorithm;
    EXPECT_THAT(status, MessageHas("compressed"));
  }
  EXPECT_FALSE(reached);
}

TEST_F(ServerTest, DeadlinesOfUnaryCallsAreCapped) {
  options_.max_deadline = absl::Seconds(50);
  options_.max_anonymous_deadline = absl::Seconds(5);
  absl::Time deadline;
  echo_ = [&](Call& call, const EchoRequest&, EchoReply&) {
    deadline = call.deadline;
    return absl::OkStatus();
  };
  Start();
  ASSERT_OK(CallText(*channel_, kEcho, "", As("observer"), absl::Hours(1000)).status);
  EXPECT_LE(deadline, absl::Now() + absl::Seconds(50));
  EXPECT_GE(deadline, absl::Now() + absl::Seconds(30));
  // Who shows no token has less; also who states no deadline.
  for (const absl::Duration asked : {absl::Hours(1000), absl::InfiniteDuration()}) {
    ASSERT_OK(CallText(*channel_, kEcho, "", {}, asked).status);
    EXPECT_LE(deadline, absl::Now() + absl::Seconds(5));
  }
}

// A unary call whose reply isn't read.
class UnreadCall {
 public:
  UnreadCall(int port, const char* path, const Headers& headers)
      : method_(path, grpc::internal::RpcMethod::SERVER_STREAMING) {
    grpc::ChannelArguments small_windows;
    small_windows.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                         grpc::InsecureChannelCredentials(), small_windows);
    AddHeaders(headers, context_);
    reader_.reset(grpc::internal::ClientReaderFactory<EchoReply>::Create(channel_.get(), method_,
                                                                         &context_, EchoRequest()));
    reader_->WaitForInitialMetadata();
  }
  ~UnreadCall() {
    context_.TryCancel();
    (void)reader_->Finish();
  }

 private:
  grpc::internal::RpcMethod method_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<EchoReply>> reader_;
};

TEST_F(ServerTest, LargeRepliesThatNobodyReadsAreBounded) {
  constexpr size_t kReply = 1 << 20;
  options_.reply_memory_bytes = 3 * kReply;
  search_ = change_ = [](Call&, const EchoRequest& request, EchoReply& reply) {
    reply.set_text(request.text().empty() ? std::string(kReply, 'r') : request.text());
    return absl::OkStatus();
  };
  Start();
  const auto ask = [&](const char* method, const char* text, const char* who) {
    return CallText(*channel_, method, text, As(who)).status;
  };
  {
    const UnreadCall unread(server_->port(), kSearch, As("secretary"));
    EXPECT_THAT(ask(kSearch, "", "secretary"), HasReason(api::v1::Error::OVERLOADED));
    EXPECT_OK(ask(kSearch, "small", "secretary"));
    EXPECT_OK(ask(kChange, "", "secretary")) << "what was done is told";
    EXPECT_OK(ask(kSearch, "", "observer")) << "others aren't concerned";
  }
  const absl::Time by = absl::Now() + absl::Seconds(20);
  while (!ask(kSearch, "", "secretary").ok()) ASSERT_LT(absl::Now(), by);
}

// Whichever of them is the good one.
TEST_F(ServerTest, AnEmptyAuthorizationHeaderCountsAsOne) {
  Start();
  const Headers good = As("secretary");
  const Headers headers = {good[0], {"authorization", ""}, good[0]};
  EXPECT_THAT(CallText(*channel_, kEcho, "", headers).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
  const Headers last_empty = {good[0], {"authorization", ""}};
  EXPECT_THAT(CallText(*channel_, kChange, "", last_empty).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
}

}  // namespace
}  // namespace baliprocess::rpc
