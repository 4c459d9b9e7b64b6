// The least that a gRPC server can do for watchers with the same library: what watch_bench compares
// with.
//
//   watch_bare_server PORT_FILE
//
// Each UpdateBody makes the bytes of one WatchChangesResponse, and every open WatchChanges writes
// them: nothing is stored, read, checked or logged.

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"

namespace baliprocess {
namespace {

using common::v1::WatchChangesResponse;
using membership::v1::UpdateBodyRequest;
using SharedBytes = std::shared_ptr<const std::string>;

constexpr char kResumeToken[] = "a-resume-token-of-the-usual-length-of-sixty-bytes-or-so-xxxx";

grpc::ByteBuffer Wrap(const SharedBytes& bytes) {
  const grpc::Slice slice(
      const_cast<char*>(bytes->data()), bytes->size(),
      [](void* holder) { delete static_cast<SharedBytes*>(holder); }, new SharedBytes(bytes));
  return grpc::ByteBuffer(&slice, 1);
}

class Watches;

class Watch final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Watch(Watches& watches);
  void Send(const SharedBytes& bytes) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(bytes);
    if (!writing_) WriteNext();
  }

 private:
  void WriteNext() {
    writing_ = !waiting_.empty();
    if (!writing_) return;
    bytes_ = Wrap(waiting_.front());
    waiting_.pop_front();
    StartWrite(&bytes_);
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (ok) WriteNext();
  }
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override;

  Watches& watches_;
  std::mutex mutex_;
  bool writing_ = false;
  std::deque<SharedBytes> waiting_;
  grpc::ByteBuffer bytes_;
};

class Watches {
 public:
  void Add(Watch* watch) {
    const std::lock_guard lock(mutex_);
    watches_.insert(watch);
  }
  void Remove(Watch* watch) {
    const std::lock_guard lock(mutex_);
    watches_.erase(watch);
  }
  void Send(const SharedBytes& bytes) {
    const std::lock_guard lock(mutex_);
    for (Watch* watch : watches_) watch->Send(bytes);
  }

 private:
  std::mutex mutex_;
  std::set<Watch*> watches_;
};

Watch::Watch(Watches& watches) : watches_(watches) {
  StartSendInitialMetadata();
  watches_.Add(this);
}

void Watch::OnDone() {
  watches_.Remove(this);
  delete this;
}

class BareService final : public grpc::Service {
 public:
  BareService() {
    using grpc::ByteBuffer;
    using grpc::CallbackServerContext;
    using grpc::internal::RpcMethod;
    Add("WatchChanges", RpcMethod::SERVER_STREAMING);
    MarkMethodRawCallback(
        0, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
               [this](CallbackServerContext*, const ByteBuffer*) { return new Watch(watches_); }));
    Add("UpdateBody", RpcMethod::NORMAL_RPC);
    MarkMethodRawCallback(1, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                 [this](CallbackServerContext* context, const ByteBuffer* request,
                                        ByteBuffer* reply) {
                                   const grpc::Slice empty("");
                                   *reply = ByteBuffer(&empty, 1);
                                   watches_.Send(ResponseTo(*request));
                                   auto* reactor = context->DefaultReactor();
                                   reactor->Finish(grpc::Status::OK);
                                   return reactor;
                                 }));
  }

 private:
  void Add(const std::string& method, grpc::internal::RpcMethod::RpcType type) {
    names_.push_back("/baliprocess.membership.v1.MembershipService/" + method);
    AddMethod(new grpc::internal::RpcServiceMethod(names_.back().c_str(), type, nullptr));
  }

  // As large as membership's: the body before and after.
  static SharedBytes ResponseTo(const grpc::ByteBuffer& bytes) {
    grpc::Slice slice;
    UpdateBodyRequest request;
    if (!bytes.DumpToSingleSlice(&slice).ok() ||
        !request.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
      return std::make_shared<const std::string>();
    }
    WatchChangesResponse response;
    common::v1::Change& change = *response.add_changes();
    change.set_resource(request.body().name());
    change.mutable_before()->PackFrom(request.body());
    change.mutable_after()->PackFrom(request.body());
    change.set_resume_token(kResumeToken);
    response.set_resume_token(kResumeToken);
    return std::make_shared<const std::string>(response.SerializeAsString());
  }

  std::deque<std::string> names_;
  Watches watches_;
};

}  // namespace
}  // namespace baliprocess

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: watch_bare_server PORT_FILE\n");
    return 2;
  }
  baliprocess::BareService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::ofstream(argv[1]) << port << '\n';
  server->Wait();
}
