// The client of gRPC's interoperability tests, on gRPC's own C++. Argument: the server's address.
// Writes a line for each case, `CASE: ok` or `CASE: WHAT`.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "grpc/testing/test.grpc.pb.h"

namespace {

using grpc::ClientContext;
using grpc::Status;
using grpc::StatusCode;
using grpc::testing::Empty;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;
using grpc::testing::TestService;

constexpr char kOk[] = "ok";
constexpr char kSpecial[] =
    "\t\ntest with whitespace\r\nand Unicode BMP \xe2\x98\xba and non-BMP "
    "\xf0\x9f\x98\x88\t\n";
constexpr char kEchoed[] = "test_initial_metadata_value";
const std::vector<int> kSent = {27182, 8, 1828, 45904};
const std::vector<int> kReceived = {31415, 9, 2653, 58979};

std::string Is(const Status& status, StatusCode code, const std::string& message = "") {
  if (status.error_code() != code) {
    return "code " + std::to_string(status.error_code()) + ": " + status.error_message();
  }
  if (!message.empty() && status.error_message() != message) return "another message";
  return kOk;
}

std::string Fits(bool fits, const Status& status) {
  const std::string result = Is(status, StatusCode::OK);
  return result == kOk && !fits ? "another reply" : result;
}

void SetBody(grpc::testing::Payload& payload, int size) {
  payload.set_body(std::string(size, '\0'));
}

std::string EmptyUnary(TestService::Stub& stub) {
  ClientContext context;
  Empty reply;
  const Status status = stub.EmptyCall(&context, Empty(), &reply);
  return Is(status, StatusCode::OK);
}

std::string LargeUnary(TestService::Stub& stub) {
  ClientContext context;
  SimpleRequest request;
  SimpleResponse reply;
  request.set_response_size(314159);
  SetBody(*request.mutable_payload(), 271828);
  const Status status = stub.UnaryCall(&context, request, &reply);
  return Fits(reply.payload().body() == std::string(314159, '\0'), status);
}

std::string ClientStreaming(TestService::Stub& stub) {
  ClientContext context;
  StreamingInputCallResponse reply;
  const auto writer = stub.StreamingInputCall(&context, &reply);
  for (const int size : kSent) {
    StreamingInputCallRequest request;
    SetBody(*request.mutable_payload(), size);
    writer->Write(request);
  }
  writer->WritesDone();
  const Status status = writer->Finish();
  return Fits(reply.aggregated_payload_size() == 74922, status);
}

std::string ServerStreaming(TestService::Stub& stub) {
  ClientContext context;
  StreamingOutputCallRequest request;
  for (const int size : kReceived) request.add_response_parameters()->set_size(size);
  const auto reader = stub.StreamingOutputCall(&context, request);
  StreamingOutputCallResponse reply;
  std::vector<int> sizes;
  while (reader->Read(&reply)) sizes.push_back(static_cast<int>(reply.payload().body().size()));
  const Status status = reader->Finish();
  return Fits(sizes == kReceived, status);
}

StreamingOutputCallRequest Ping(size_t number) {
  StreamingOutputCallRequest request;
  request.add_response_parameters()->set_size(kReceived[number]);
  SetBody(*request.mutable_payload(), kSent[number]);
  return request;
}

std::string PingPong(TestService::Stub& stub) {
  ClientContext context;
  const auto stream = stub.FullDuplexCall(&context);
  StreamingOutputCallResponse reply;
  bool fits = true;
  for (size_t i = 0; i < kSent.size() && fits; ++i) {
    fits = stream->Write(Ping(i)) && stream->Read(&reply) &&
           reply.payload().body().size() == static_cast<size_t>(kReceived[i]);
  }
  stream->WritesDone();
  fits = fits && !stream->Read(&reply);
  return Fits(fits, stream->Finish());
}

std::string EmptyStream(TestService::Stub& stub) {
  ClientContext context;
  const auto stream = stub.FullDuplexCall(&context);
  stream->WritesDone();
  StreamingOutputCallResponse reply;
  const bool fits = !stream->Read(&reply);
  return Fits(fits, stream->Finish());
}

void AskForEcho(ClientContext& context) {
  context.AddMetadata("x-grpc-test-echo-initial", kEchoed);
  context.AddMetadata("x-grpc-test-echo-trailing-bin", "\xab\xab\xab");
}

bool HasEcho(const ClientContext& context) {
  const auto& headers = context.GetServerInitialMetadata();
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto header = headers.find("x-grpc-test-echo-initial");
  const auto trailer = trailers.find("x-grpc-test-echo-trailing-bin");
  return header != headers.end() && header->second == kEchoed && trailer != trailers.end() &&
         trailer->second == "\xab\xab\xab";
}

std::string CustomMetadata(TestService::Stub& stub) {
  ClientContext unary;
  AskForEcho(unary);
  SimpleResponse reply;
  const Status status = stub.UnaryCall(&unary, SimpleRequest(), &reply);
  const std::string first = Fits(HasEcho(unary), status);
  if (first != kOk) return first;
  ClientContext context;
  AskForEcho(context);
  const auto stream = stub.FullDuplexCall(&context);
  StreamingOutputCallResponse pong;
  stream->Write(Ping(0));
  stream->WritesDone();
  while (stream->Read(&pong)) {
  }
  const Status end = stream->Finish();
  return Fits(HasEcho(context), end);
}

std::string Failure(TestService::Stub& stub, const std::string& message) {
  ClientContext unary;
  SimpleRequest request;
  request.mutable_response_status()->set_code(StatusCode::UNKNOWN);
  request.mutable_response_status()->set_message(message);
  SimpleResponse reply;
  const std::string first =
      Is(stub.UnaryCall(&unary, request, &reply), StatusCode::UNKNOWN, message);
  if (first != kOk) return first;
  ClientContext context;
  StreamingOutputCallRequest ping;
  *ping.mutable_response_status() = request.response_status();
  const auto stream = stub.FullDuplexCall(&context);
  stream->Write(ping);
  stream->WritesDone();
  StreamingOutputCallResponse pong;
  stream->Read(&pong);
  return Is(stream->Finish(), StatusCode::UNKNOWN, message);
}

std::string UnimplementedMethod(TestService::Stub& stub) {
  ClientContext context;
  Empty reply;
  return Is(stub.UnimplementedCall(&context, Empty(), &reply), StatusCode::UNIMPLEMENTED);
}

std::string CancelAfterBegin(TestService::Stub& stub) {
  ClientContext context;
  StreamingInputCallResponse reply;
  const auto writer = stub.StreamingInputCall(&context, &reply);
  context.TryCancel();
  return Is(writer->Finish(), StatusCode::CANCELLED);
}

std::string CancelAfterFirstResponse(TestService::Stub& stub) {
  ClientContext context;
  const auto stream = stub.FullDuplexCall(&context);
  StreamingOutputCallResponse reply;
  if (!stream->Write(Ping(0)) || !stream->Read(&reply)) return "no reply";
  context.TryCancel();
  return Is(stream->Finish(), StatusCode::CANCELLED);
}

std::string TimeoutOnSleepingServer(TestService::Stub& stub) {
  ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(1));
  const auto stream = stub.FullDuplexCall(&context);
  StreamingOutputCallRequest request;
  SetBody(*request.mutable_payload(), 27182);
  stream->Write(request);
  StreamingOutputCallResponse reply;
  stream->Read(&reply);
  return Is(stream->Finish(), StatusCode::DEADLINE_EXCEEDED);
}

std::string UnimplementedService(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = grpc::testing::UnimplementedService::NewStub(channel);
  ClientContext context;
  Empty reply;
  return Is(stub->UnimplementedCall(&context, Empty(), &reply), StatusCode::UNIMPLEMENTED);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const auto stub = TestService::NewStub(channel);
  const std::vector<std::pair<const char*, std::function<std::string(TestService::Stub&)>>> cases =
      {{"empty_unary", EmptyUnary},
       {"large_unary", LargeUnary},
       {"client_streaming", ClientStreaming},
       {"server_streaming", ServerStreaming},
       {"ping_pong", PingPong},
       {"empty_stream", EmptyStream},
       {"custom_metadata", CustomMetadata},
       {"status_code_and_message",
        [](TestService::Stub& it) { return Failure(it, "test status message"); }},
       {"special_status_message", [](TestService::Stub& it) { return Failure(it, kSpecial); }},
       {"unimplemented_method", UnimplementedMethod},
       {"unimplemented_service", [&](TestService::Stub&) { return UnimplementedService(channel); }},
       {"cancel_after_begin", CancelAfterBegin},
       {"cancel_after_first_response", CancelAfterFirstResponse},
       {"timeout_on_sleeping_server", TimeoutOnSleepingServer}};
  for (const auto& [name, run] : cases) std::cout << name << ": " << run(*stub) << std::endl;
  return 0;
}
