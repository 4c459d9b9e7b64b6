// The least that a gRPC server can do with the same library: what read_bench compares with.
//
//   echo_server PORT_FILE
//
// Answers GetMember with one Member of 300 bytes, as generated callback code would: the request is
// parsed, the reply serialised, and nothing else happens.

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "baliprocess/membership/v1/membership_service.pb.h"

namespace baliprocess {
namespace {

using membership::v1::GetMemberRequest;
using membership::v1::Member;

constexpr size_t kReplyBytes = 300;

class EchoService final : public grpc::Service {
 public:
  EchoService() {
    while (reply_.ByteSizeLong() < kReplyBytes) reply_.mutable_display_name()->push_back('x');
    AddMethod(new grpc::internal::RpcServiceMethod(
        "/baliprocess.membership.v1.MembershipService/GetMember",
        grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(0, new grpc::internal::CallbackUnaryHandler<GetMemberRequest, Member>(
                              [this](grpc::CallbackServerContext* context, const GetMemberRequest*,
                                     Member* reply) {
                                *reply = reply_;
                                grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
                                reactor->Finish(grpc::Status::OK);
                                return reactor;
                              }));
  }

 private:
  Member reply_;
};

}  // namespace
}  // namespace baliprocess

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: echo_server PORT_FILE\n");
    return 2;
  }
  baliprocess::EchoService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  const std::string path = argv[1];
  std::ofstream(path + ".new") << port << '\n';
  if (std::rename((path + ".new").c_str(), path.c_str()) != 0) return 1;
  server->Wait();
}
