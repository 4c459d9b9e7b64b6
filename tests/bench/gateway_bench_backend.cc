// What the proxies of benchmarks forward to: answers any method, whatever it is sent.
//
//   gateway_bench_backend PORT_FILE [REPLY_FILE]
//
// A reply's message is what REPLY_FILE has; without that file, 293 bytes. OpenTelemetry's methods
// are answered with an empty message: that is what a collector says to spans that it has taken.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr size_t kReplyBytes = 293;

class Answer final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Answer(const grpc::ByteBuffer& reply) : reply_(&reply) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no request"));
    StartWriteAndFinish(reply_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  const grpc::ByteBuffer* reply_;
  grpc::ByteBuffer request_;
};

class Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(const std::string& reply) : slice_(reply) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const bool spans = context->method().rfind("/opentelemetry.", 0) == 0;
    return new Answer(spans ? empty_ : reply_);
  }

 private:
  const grpc::Slice slice_;
  const grpc::Slice nothing_;
  const grpc::ByteBuffer reply_{&slice_, 1};
  const grpc::ByteBuffer empty_{&nothing_, 1};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: gateway_bench_backend PORT_FILE [REPLY_FILE]\n");
    return 2;
  }
  std::string reply(kReplyBytes, 'r');
  if (argc == 3) {
    std::ifstream file(argv[2], std::ios::binary);
    reply.assign(std::istreambuf_iterator<char>(file), {});
    if (reply.empty()) {
      std::fprintf(stderr, "gateway_bench_backend: there is no reply in %s\n", argv[2]);
      return 1;
    }
  }
  Service service(reply);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::ofstream(argv[1]) << port << '\n';
  server->Wait();
}
