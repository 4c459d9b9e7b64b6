// Whether calls through a proxy succeed: h2load sees only the status of HTTP.
//
//   gateway_bench_check ADDRESS PATH TOKEN CALLS
//
// Makes CALLS unary calls and ends with 0 when each had grpc-status OK and a reply of 293 bytes.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

namespace {

constexpr size_t kRequestBytes = 45;
constexpr size_t kReplyBytes = 293;

grpc::Status Call(grpc::GenericStub& stub, const std::string& path, const std::string& token,
                  grpc::ByteBuffer* reply) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const grpc::Slice slice(std::string(kRequestBytes, 'q'));
  const grpc::ByteBuffer request(&slice, 1);
  grpc::Status result;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  stub.UnaryCall(&context, path, {}, &request, reply, [&](grpc::Status status) {
    const std::lock_guard lock(mutex);
    result = std::move(status);
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: gateway_bench_check ADDRESS PATH TOKEN CALLS\n");
    return 2;
  }
  grpc::GenericStub stub(grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials()));
  for (int i = 0; i < std::atoi(argv[4]); ++i) {
    grpc::ByteBuffer reply;
    const grpc::Status status = Call(stub, argv[2], argv[3], &reply);
    if (!status.ok() || reply.Length() != kReplyBytes) {
      std::fprintf(stderr, "call %d: status %d (%s), %zu bytes\n", i, status.error_code(),
                   status.error_message().c_str(), reply.Length());
      return 1;
    }
  }
}
