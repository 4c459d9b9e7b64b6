// The pipeline of unary calls, through a server and a client in one process.

#include "common/rpc/server.h"

#include <atomic>
#include <thread>

#include "google/rpc/error_details.pb.h"

#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::MessageHas;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";

TEST_F(ServerTest, CallsReachTheirBody) {
  Start();
  EXPECT_EQ(CallText(*channel_, kEcho, "hello").text, "hello");
  EXPECT_EQ(CallText(*channel_, kChange, "stored", As("secretary")).text, "stored");
}

// A later contract may give such a field a meaning, and rules that were never applied to it.
TEST_F(ServerTest, FieldsThatTheContractDoesNotKnowAreDropped) {
  std::atomic<size_t> seen = 0;
  change_ = [&](Call&, const EchoRequest& request, EchoReply&) {
    seen = request.ByteSizeLong();
    return absl::OkStatus();
  };
  Start();
  EchoRequest request;
  request.set_text("x");
  const size_t known = request.ByteSizeLong();
  EchoRequest::GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(900, "secret");
  ASSERT_OK(CallBytes(*channel_, kChange, request.SerializeAsString(), As("secretary")).status);
  EXPECT_EQ(seen, known);
}

TEST_F(ServerTest, LargeMessagesPass) {
  Start();
  const std::string text(1 << 20, 'x');
  EXPECT_EQ(CallText(*channel_, kEcho, text).text, text);
}

TEST_F(ServerTest, BodySeesTheCall) {
  Call seen;
  std::atomic<bool> cancelled = true;  // read first, for what the body's thread wrote before
  change_ = [&](Call& call, const EchoRequest&, EchoReply&) {
    seen = call;
    cancelled = call.cancelled();
    return absl::OkStatus();
  };
  Start();
  Headers headers = As("secretary");
  headers.emplace_back("traceparent", kTrace);
  headers.emplace_back("x-request-id", "mine-1");
  const absl::Time before = absl::Now();
  ASSERT_OK(CallText(*channel_, kChange, "", headers, absl::Seconds(10)).status);
  EXPECT_FALSE(cancelled);
  EXPECT_EQ(seen.caller.subject, "secretary");
  EXPECT_EQ(seen.call_id, "mine-1");
  EXPECT_EQ(seen.authorization, "Bearer secretary");
  EXPECT_EQ(seen.method->name(), "Change");
  EXPECT_EQ(seen.traceparent.substr(0, 36), std::string(kTrace).substr(0, 36));
  EXPECT_NE(seen.traceparent, kTrace);  // a span of its own
  EXPECT_GT(seen.deadline, before + absl::Seconds(5));
  EXPECT_LT(seen.deadline, before + absl::Seconds(15));
}

// base/position_header.h
TEST_F(ServerTest, PositionsGoBothWays) {
  std::string seen;
  absl::Status status;
  echo_ = [&](Call& call, const EchoRequest&, EchoReply&) {
    seen = call.position;
    call.reply_position = "there";
    return status;
  };
  Start();
  EXPECT_EQ(CallText(*channel_, kEcho, "").position, "there");
  EXPECT_EQ(seen, "");
  const Headers two = {{"x-bali-position", "here"}, {"x-bali-position", "and here"}};
  EXPECT_EQ(CallText(*channel_, kEcho, "", two).position, "there");
  EXPECT_EQ(seen, "here,and here");
  status = Error(api::v1::Error::RESOURCE_NOT_FOUND, "there is none");
  const Outcome failed = CallText(*channel_, kEcho, "");
  EXPECT_EQ(failed.position, "there");
  EXPECT_TRUE(absl::IsNotFound(failed.status));
}

TEST_F(ServerTest, DefaultDeadlineWhenTheCallerSetNone) {
  options_.default_deadline = absl::Seconds(3);
  absl::Time deadline;
  echo_ = [&](Call& call, const EchoRequest&, EchoReply&) {
    deadline = call.deadline;
    return absl::OkStatus();
  };
  Start();
  const absl::Time before = absl::Now();
  ASSERT_OK(CallText(*channel_, kEcho, "", {}, absl::InfiniteDuration()).status);
  EXPECT_GE(deadline, before + absl::Seconds(3));
  EXPECT_LE(deadline, absl::Now() + absl::Seconds(3));
}

TEST_F(ServerTest, CallIdIsTheCallersWhenSaneAndReturned) {
  Start();
  EXPECT_EQ(CallText(*channel_, kEcho, "", {{"x-request-id", "a-B_9."}}).call_id, "a-B_9.");
  for (const std::string& bad :
       {std::string("has space"), std::string(65, 'x'), std::string("quote\"")}) {
    const Headers headers = {{"x-request-id", bad}, {"traceparent", kTrace}};
    EXPECT_EQ(CallText(*channel_, kEcho, "", headers).call_id, kTraceId) << bad;
  }
}

TEST_F(ServerTest, CallIdIsTheTracesWhenTheCallerGivesNone) {
  Start();
  EXPECT_EQ(CallText(*channel_, kEcho, "", {{"traceparent", kTrace}}).call_id, kTraceId);
  // Refused calls have one, too.
  EXPECT_EQ(CallText(*channel_, kChange, "", {{"traceparent", kTrace}}).call_id, kTraceId);
  // And those in no trace, which get one.
  EXPECT_OK(CallText(*channel_, kEcho, "").status);
  const auto lines = log_.Lines("access");
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back()["request_id"].get<std::string>().size(), 32u);
  EXPECT_EQ(lines.back()["request_id"], lines.back()["trace_id"]);
}

TEST_F(ServerTest, EveryCallIsLoggedRefusedOnesToo) {
  Start();
  Headers headers = As("australia");
  headers.emplace_back("traceparent", kTrace);
  headers.emplace_back("x-request-id", "one");
  EXPECT_THAT(CallText(*channel_, kChange, "12345", headers).status,
              HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_OK(CallText(*channel_, kEcho, "12345").status);
  const auto lines = log_.Lines("access");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["method"], kChange);
  EXPECT_EQ(lines[0]["code"], "PERMISSION_DENIED");
  EXPECT_EQ(lines[0]["reason"], "ACCESS_DENIED");
  EXPECT_EQ(lines[0]["subject"], "australia");
  EXPECT_EQ(lines[0]["roles"], "PUBLIC,MEMBER");
  EXPECT_EQ(lines[0]["request_id"], "one");
  EXPECT_EQ(lines[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_THAT(lines[0]["peer"].get<std::string>(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(lines[0]["request_bytes"], 7);
  EXPECT_GE(lines[0]["duration_us"].get<int>(), 0);
  EXPECT_EQ(lines[1]["code"], "OK");
  EXPECT_EQ(lines[1]["reply_bytes"], 7);
  EXPECT_EQ(lines[1]["roles"], "PUBLIC");
  EXPECT_FALSE(lines[1].contains("reason"));
}

TEST_F(ServerTest, AuthenticatesAndChecksRolesBeforeParsing) {
  Start();
  const std::string malformed = "\xff\xff\xff";
  EXPECT_THAT(CallBytes(*channel_, kChange, malformed).status,
              HasReason(api::v1::Error::TOKEN_MISSING));
  EXPECT_THAT(CallBytes(*channel_, kChange, malformed, As("nobody")).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
  EXPECT_THAT(CallBytes(*channel_, kChange, malformed, As("observer")).status,
              HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_THAT(CallBytes(*channel_, kChange, malformed, As("secretary")).status,
              HasReason(api::v1::Error::MALFORMED_REQUEST));
}

TEST_F(ServerTest, MembersOnlyConcerningThemselves) {
  Start();
  EchoRequest request;
  request.set_member("members/aus");
  EXPECT_OK(CallBytes(*channel_, kChange, request.SerializeAsString(), As("australia")).status);
  request.set_member("members/idn");
  EXPECT_THAT(CallBytes(*channel_, kChange, request.SerializeAsString(), As("australia")).status,
              HasReason(api::v1::Error::ACCESS_DENIED));
}

TEST_F(ServerTest, BadTokenIsRefusedEvenWhereNoneIsNeeded) {
  Start();
  EXPECT_THAT(CallText(*channel_, kEcho, "", As("nobody")).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
}

TEST_F(ServerTest, TwoAuthorizationHeadersAreRefused) {
  Start();
  Headers headers = As("secretary");
  headers.push_back(As("observer")[0]);
  EXPECT_THAT(CallText(*channel_, kEcho, "", headers).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
}

TEST_F(ServerTest, WithoutVerifierTokensAreRefused) {
  verifier_ = nullptr;
  Start();
  EXPECT_THAT(CallText(*channel_, kEcho, "", As("secretary")).status,
              HasReason(api::v1::Error::TOKEN_INVALID));
  EXPECT_OK(CallText(*channel_, kEcho, "").status);
}

TEST_F(ServerTest, MalformedBytesNeverReachTheBody) {
  bool reached = false;
  echo_ = [&](Call&, const EchoRequest&, EchoReply&) {
    reached = true;
    return absl::OkStatus();
  };
  Start();
  for (const std::string& bytes : {std::string("\x0a\x05 ab"), std::string("\x0a\x02\xc3\x28"),
                                   std::string("{\"text\": \"json\"}")}) {
    EXPECT_THAT(CallBytes(*channel_, kEcho, bytes).status,
                HasReason(api::v1::Error::MALFORMED_REQUEST));
  }
  EXPECT_FALSE(reached);
}

TEST_F(ServerTest, OversizedMessagesAreRefused) {
  options_.max_message_bytes = 1000;
  bool reached = false;
  echo_ = [&](Call&, const EchoRequest&, EchoReply&) {
    reached = true;
    return absl::OkStatus();
  };
  Start();
  EXPECT_THAT(CallText(*channel_, kEcho, std::string(1500, 'x')).status,
              HasReason(api::v1::Error::TOO_LARGE));
  EXPECT_EQ(CallText(*channel_, kEcho, std::string(1'000'000, 'x')).raw.error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(reached);
  EXPECT_OK(CallText(*channel_, kEcho, std::string(900, 'x')).status);
}

TEST_F(ServerTest, UnknownMethodsAreRefusedAndLogged) {
  Start();
  EXPECT_THAT(CallText(*channel_, "/baliprocess.rpctest.EchoService/Nope", "").status,
              HasReason(api::v1::Error::UNKNOWN_METHOD));
  ASSERT_EQ(log_.Lines("access").size(), 1u);
  EXPECT_EQ(log_.Lines("access")[0]["code"], "UNIMPLEMENTED");
}

TEST_F(ServerTest, ConcurrencyIsCapped) {
  options_.max_concurrent_calls = 1;
  absl::Notification entered;
  absl::Notification leave;
  change_ = [&](Call&, const EchoRequest&, EchoReply&) {
    entered.Notify();
    leave.WaitForNotification();
    return absl::OkStatus();
  };
  Start();
  std::thread first([&] { EXPECT_OK(CallText(*channel_, kChange, "", As("secretary")).status); });
  entered.WaitForNotification();
  const Outcome refused = CallText(*channel_, kEcho, "");
  EXPECT_THAT(refused.status, HasReason(api::v1::Error::OVERLOADED));
  EXPECT_TRUE(refused.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo"));
  leave.Notify();
  first.join();
  EXPECT_OK(CallText(*channel_, kEcho, "").status);  // the slot is free again
}

TEST_F(ServerTest, WhatExpiresInTheQueueIsNotRun) {
  options_.worker_threads = 1;
  std::atomic<int> runs = 0;
  absl::Notification entered;
  absl::Notification leave;
  change_ = [&](Call&, const EchoRequest& request, EchoReply&) {
    ++runs;
    if (request.text() == "first") {
      entered.Notify();
      leave.WaitForNotification();
    }
    return absl::OkStatus();
  };
  Start();
  std::thread first(
      [&] { EXPECT_OK(CallText(*channel_, kChange, "first", As("secretary")).status); });
  entered.WaitForNotification();
  constexpr absl::Duration kTimeout = absl::Milliseconds(500);
  std::thread second([&] {
    EXPECT_EQ(CallText(*channel_, kChange, "second", As("secretary"), kTimeout).raw.error_code(),
              grpc::StatusCode::DEADLINE_EXCEEDED);
  });
  verifier_->WaitForCalls(2);
  // Now its deadline is known, and is let pass; it travels rounded up.
  absl::SleepFor(kTimeout * 1.1);
  second.join();
  leave.Notify();
  first.join();
  // The only thread takes calls in order, so the second is done with before the third.
  EXPECT_OK(CallText(*channel_, kChange, "third", As("secretary")).status);
  EXPECT_EQ(runs, 2);
}

TEST_F(ServerTest, DefaultDeadlineCountsInTheQueueToo) {
  options_.worker_threads = 1;
  options_.default_deadline = absl::Milliseconds(50);
  std::atomic<int> runs = 0;
  absl::Notification entered;
  absl::Notification leave;
  change_ = [&](Call& call, const EchoRequest&, EchoReply&) {
    if (++runs == 1) {
      entered.Notify();
      leave.WaitForNotification();
      EXPECT_TRUE(call.cancelled());
    }
    return absl::OkStatus();
  };
  Start();
  const auto call = [&] {
    return CallText(*channel_, kChange, "", As("secretary"), absl::InfiniteDuration()).status;
  };
  std::thread first([&] { EXPECT_OK(call()); });
  entered.WaitForNotification();
  std::thread second([&] { EXPECT_THAT(call(), HasReason(api::v1::Error::DEADLINE_PASSED)); });
  verifier_->WaitForCalls(2);
  // Now its deadline is known, and is let pass.
  absl::SleepFor(2 * options_.default_deadline);
  leave.Notify();
  first.join();
  second.join();
}

TEST_F(ServerTest, DriverTextNeverLeaves) {
  change_ = [](Call&, const EchoRequest&, EchoReply&) {
    return absl::UnavailableError("postgresql://bali:secret@10.0.0.1 refused");
  };
  Start();
  Headers headers = As("secretary");
  headers.emplace_back("x-request-id", "lost-1");
  const Outcome outcome = CallText(*channel_, kChange, "", headers);
  EXPECT_EQ(outcome.raw.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(outcome.status, HasReason(api::v1::Error::INTERNAL_ERROR));
  EXPECT_THAT(outcome.raw.error_message() + outcome.raw.error_details(), Not(HasSubstr("secret")));
  EXPECT_THAT(outcome.raw.error_details(), HasSubstr("lost-1"));
  const auto lines = log_.Lines("rpc");
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0]["level"], "error");
  EXPECT_EQ(lines[0]["request_id"], "lost-1");
  EXPECT_THAT(lines[0]["error"].get<std::string>(), HasSubstr("10.0.0.1 refused"));
}

TEST_F(ServerTest, ReasonsOfBodiesArriveWithTheirDetails) {
  echo_ = [](Call&, const EchoRequest&, EchoReply&) {
    return InvalidField("text", "must be shorter");
  };
  Start();
  const Outcome outcome = CallText(*channel_, kEcho, "");
  EXPECT_THAT(outcome.status, HasReason(api::v1::Error::INVALID_FIELDS));
  google::rpc::BadRequest bad_request;
  const auto payload = outcome.status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  ASSERT_TRUE(payload && bad_request.ParseFromString(std::string(*payload)));
  EXPECT_EQ(bad_request.field_violations(0).field(), "text");
}

TEST_F(ServerTest, MethodsWithoutAccessKeepTheServerFromStarting) {
  const auto* open = EchoRequest::descriptor()->file()->FindServiceByName("OpenService");
  MethodTable table(open);
  table.Unary<EchoRequest, EchoReply>("Open", Execution::kInline, EchoBody);
  EXPECT_THAT(Server::Start(options_, {table}, verifier_), MessageHas("Open"));
}

TEST_F(ServerTest, TablesMustFitTheirService) {
  MethodTable table(EchoServiceDescriptor());
  table.Unary<EchoRequest, EchoReply>("Echo", Execution::kInline, EchoBody);
  EXPECT_THAT(Server::Start(options_, {table}, verifier_), MessageHas("Change: has no body"));
  table = Table();
  table.Unary<EchoRequest, EchoReply>("Watch", Execution::kInline, EchoBody);
  EXPECT_THAT(Server::Start(options_, {table}, verifier_), MessageHas("doesn't fit the kind"));
  table = Table();
  table.Unary<EchoRequest, EchoReply>("Misspelt", Execution::kInline, EchoBody);
  EXPECT_THAT(Server::Start(options_, {table}, verifier_), MessageHas("doesn't have"));
}

}  // namespace
}  // namespace baliprocess::rpc
