// What gateway_bench's proxies forward to: answers any method with 293 bytes, whatever it is sent.
//
//   gateway_bench_backend PORT_FILE

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <fstream>
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
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Answer(reply_);
  }

 private:
  const grpc::Slice slice_{std::string(kReplyBytes, 'r')};
  const grpc::ByteBuffer reply_{&slice_, 1};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gateway_bench_backend PORT_FILE\n");
    return 2;
  }
  Service service;
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
