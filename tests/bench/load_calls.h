// What load generators share: connections, calls of gRPC by name, and how long things took.

#ifndef TESTS_BENCH_LOAD_CALLS_H_
#define TESTS_BENCH_LOAD_CALLS_H_

#include <google/protobuf/message_lite.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace baliprocess::load {

using Stubs = std::vector<std::unique_ptr<grpc::GenericStub>>;

// `count` connections to an address, in plaintext.
Stubs Connect(const std::string& address, int count);

grpc::ByteBuffer Bytes(const google::protobuf::MessageLite& message);

// Whether `bytes` are such a message; it is theirs then.
bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);

// Calls `method`, as "/package.Service/Method". `authorization` is left out when empty. `then` runs
// on a thread of gRPC when the call is over.
using Then = std::function<void(const grpc::Status&, const grpc::ByteBuffer& reply)>;
void Start(grpc::GenericStub& stub, const std::string& method, const std::string& authorization,
           grpc::ByteBuffer request, std::chrono::seconds deadline, Then then);

// The same, and waits for it. An error is printed.
bool Do(grpc::GenericStub& stub, const std::string& method, const std::string& authorization,
        const google::protobuf::MessageLite& request);

// Makes bodies/b0... and members/m0... for seats, where they aren't there yet. `membership` is the
// service's part of a method.
bool PrepareForSeats(grpc::GenericStub& stub, const std::string& membership,
                     const std::string& authorization, int bodies, int members);

// Durations in microseconds, of many threads.
class Durations {
 public:
  void Add(int64_t micros);
  // In milliseconds; 0 without any.
  double Percentile(size_t percent);
  size_t size();

 private:
  std::mutex mutex_;
  std::vector<int64_t> values_;
};

}  // namespace baliprocess::load

#endif  // TESTS_BENCH_LOAD_CALLS_H_
