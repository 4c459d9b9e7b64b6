// The service of gRPC's interoperability tests (interop-test-descriptions.md of gRPC), on gRPC's
// own C++. Argument: the file that is told the port.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "grpc/testing/test.grpc.pb.h"

namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::testing::EchoStatus;
using grpc::testing::Empty;
using grpc::testing::Payload;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;

void Echo(ServerContext& context) {
  for (const auto& [name, value] : context.client_metadata()) {
    const std::string text(value.data(), value.size());
    if (name == "x-grpc-test-echo-initial") {
      context.AddInitialMetadata("x-grpc-test-echo-initial", text);
    } else if (name == "x-grpc-test-echo-trailing-bin") {
      context.AddTrailingMetadata("x-grpc-test-echo-trailing-bin", text);
    }
  }
}

// Waits as long as the request asks before a reply, or until the call is over.
void Pause(const ServerContext& context, std::chrono::microseconds left) {
  constexpr std::chrono::microseconds kLook{1000};
  for (; left.count() > 0 && !context.IsCancelled(); left -= kLook) {
    std::this_thread::sleep_for(std::min(left, kLook));
  }
}

void Fill(Payload& payload, int size) { payload.set_body(std::string(size, '\0')); }

Status StatusOf(const EchoStatus& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message()};
}

class TestService final : public grpc::testing::TestService::Service {
  Status EmptyCall(ServerContext*, const Empty*, Empty*) override { return Status::OK; }

  Status UnaryCall(ServerContext* context, const SimpleRequest* request,
                   SimpleResponse* reply) override {
    Echo(*context);
    if (request->response_size() > 0) Fill(*reply->mutable_payload(), request->response_size());
    return StatusOf(request->response_status());
  }

  Status StreamingOutputCall(ServerContext* context, const StreamingOutputCallRequest* request,
                             grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    Echo(*context);
    return Answer(*context, *request, *writer);
  }

  Status StreamingInputCall(ServerContext*, grpc::ServerReader<StreamingInputCallRequest>* reader,
                            StreamingInputCallResponse* reply) override {
    StreamingInputCallRequest request;
    size_t size = 0;
    while (reader->Read(&request)) size += request.payload().body().size();
    reply->set_aggregated_payload_size(static_cast<int>(size));
    return Status::OK;
  }

  Status FullDuplexCall(ServerContext* context,
                        grpc::ServerReaderWriter<StreamingOutputCallResponse,
                                                 StreamingOutputCallRequest>* stream) override {
    Echo(*context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request)) {
      const Status status = Answer(*context, request, *stream);
      if (!status.ok()) return status;
    }
    return Status::OK;
  }

  template <typename Writer>
  static Status Answer(const ServerContext& context, const StreamingOutputCallRequest& request,
                       Writer& writer) {
    StreamingOutputCallResponse reply;
    for (const auto& parameters : request.response_parameters()) {
      Pause(context, std::chrono::microseconds(parameters.interval_us()));
      Fill(*reply.mutable_payload(), parameters.size());
      if (!writer.Write(reply)) return {grpc::StatusCode::CANCELLED, "nobody reads"};
    }
    return StatusOf(request.response_status());
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  TestService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::ofstream(argv[1]) << port << std::endl;
  server->Wait();
  return 0;
}
