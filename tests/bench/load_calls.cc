#include "tests/bench/load_calls.h"

#include <algorithm>
#include <cstdio>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/membership_service.pb.h"

namespace baliprocess::load {
namespace {

namespace v1 = membership::v1;

constexpr auto kPatience = std::chrono::seconds(20);

struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer reply;
};

}  // namespace

Stubs Connect(const std::string& address, int count) {
  Stubs stubs;
  for (int i = 0; i < count; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    stubs.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

grpc::ByteBuffer Bytes(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok() &&
         message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

void Start(grpc::GenericStub& stub, const std::string& method, const std::string& authorization,
           grpc::ByteBuffer request, std::chrono::seconds deadline, Then then) {
  auto* call = new Call;
  if (!authorization.empty()) call->context.AddMetadata("authorization", authorization);
  call->context.set_deadline(std::chrono::system_clock::now() + deadline);
  call->request = std::move(request);
  stub.UnaryCall(&call->context, method, {}, &call->request, &call->reply,
                 [call, then = std::move(then)](const grpc::Status& status) {
                   then(status, call->reply);
                   delete call;
                 });
}

bool Do(grpc::GenericStub& stub, const std::string& method, const std::string& authorization,
        const google::protobuf::MessageLite& request) {
  std::promise<grpc::Status> result;
  Start(stub, method, authorization, Bytes(request), kPatience,
        [&](const grpc::Status& status, const grpc::ByteBuffer&) { result.set_value(status); });
  const grpc::Status status = result.get_future().get();
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", method.c_str(), status.error_message().c_str());
  }
  return status.ok();
}

bool PrepareForSeats(grpc::GenericStub& stub, const std::string& membership,
                     const std::string& authorization, int bodies, int members) {
  for (int i = 0; i < bodies; ++i) {
    v1::UpdateBodyRequest request;
    request.set_allow_missing(true);
    request.mutable_body()->set_name(absl::StrCat("bodies/b", i));
    request.mutable_body()->set_kind(v1::Body::TASK_FORCE);
    request.mutable_body()->set_display_name(absl::StrCat("Number ", i));
    if (!Do(stub, membership + "UpdateBody", authorization, request)) return false;
  }
  for (int i = 0; i < members; ++i) {
    v1::UpdateMemberRequest request;
    request.set_allow_missing(true);
    request.mutable_member()->set_name(absl::StrCat("members/m", i));
    request.mutable_member()->set_kind(v1::Member::ORGANISATION);
    request.mutable_member()->set_category(v1::Member::FULL_MEMBER);
    request.mutable_member()->set_display_name(absl::StrCat("Number ", i));
    if (!Do(stub, membership + "UpdateMember", authorization, request)) return false;
  }
  return true;
}

void Durations::Add(int64_t micros) {
  const std::lock_guard lock(mutex_);
  values_.push_back(micros);
}

double Durations::Percentile(size_t percent) {
  const std::lock_guard lock(mutex_);
  if (values_.empty()) return 0;
  const auto at = values_.begin() + static_cast<ptrdiff_t>((values_.size() - 1) * percent / 100);
  std::nth_element(values_.begin(), at, values_.end());
  return static_cast<double>(*at) / 1000;
}

size_t Durations::size() {
  const std::lock_guard lock(mutex_);
  return values_.size();
}

}  // namespace baliprocess::load
