// The cost of a call by HTTP and JSON beyond its forwarding: finding the binding, reading the
// request, writing the reply; and of the same JSON by Protocol Buffers' own functions.

#include <benchmark/benchmark.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>
#include <vector>

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/base/descriptors.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/json_request.h"

namespace baliprocess::gateway {
namespace {

using membership::v1::Member;

const Bindings& Table() {
  static const Bindings& table = *new Bindings([] {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "baliprocess.membership.v1.MembershipService");
    std::vector<const google::protobuf::MethodDescriptor*> methods;
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
    return *Bindings::Create(methods);
  }());
  return table;
}

// 293 bytes, as the replies of the gateway's other benchmarks.
Member NewMember() {
  Member member;
  member.set_name("members/aus");
  member.set_uid("6f1c2d0e-8f3b-4c61-9d2a-5b7e0a4c1f90");
  member.set_etag("AAAAAAAAAAE");
  member.mutable_create_time()->set_seconds(1714642200);
  member.mutable_update_time()->set_seconds(1714642200);
  member.mutable_update_time()->set_nanos(123456000);
  member.set_kind(Member::STATE);
  member.set_category(Member::FULL_MEMBER);
  member.set_display_name("Australia");
  member.set_formal_name("Commonwealth of Australia");
  member.set_region_code("AU");
  for (const char* name : {"Australie", "Austrália", "Úc"}) {
    member.add_other_names()->set_text(name);
  }
  member.set_admission_basis(std::string(293 - member.ByteSizeLong() - 3, 'x'));
  return member;
}

void BM_GetMember(benchmark::State& state) {
  const std::string bytes = NewMember().SerializeAsString();
  for (auto _ : state) {
    const auto match = Table().Find("GET", "/v1/members/aus");
    membership::v1::GetMemberRequest request;
    if (!ReadRequest(*match, {}, {}, request).ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(request.SerializeAsString());
    Member reply;
    reply.ParseFromString(bytes);
    benchmark::DoNotOptimize(ContentOf(*match->binding, reply));
  }
}
BENCHMARK(BM_GetMember);

void BM_UpdateMember(benchmark::State& state) {
  const Binding& binding = *Table().Find("GET", "/v1/members/aus")->binding;
  const std::string json = ContentOf(binding, NewMember()).data;
  state.SetLabel(std::to_string(json.size()) + " bytes of JSON");
  for (auto _ : state) {
    const auto match = Table().Find("PATCH", "/v1/members/aus");
    const auto query = ParseQuery("updateMask=displayName,formalName");
    membership::v1::UpdateMemberRequest request;
    if (!ReadRequest(*match, *query, {"", json}, request).ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(request.SerializeAsString());
  }
}
BENCHMARK(BM_UpdateMember);

void BM_WriteByProtobuf(benchmark::State& state) {
  const Member member = NewMember();
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  for (auto _ : state) {
    std::string json;
    if (!MessageToJsonString(member, &json, options).ok()) state.SkipWithError("refused");
  }
}
BENCHMARK(BM_WriteByProtobuf);

void BM_ReadByProtobuf(benchmark::State& state) {
  std::string json = ContentOf(*Table().Find("GET", "/v1/members/aus")->binding, NewMember()).data;
  for (auto _ : state) {
    Member member;
    if (!google::protobuf::util::JsonStringToMessage(json, &member).ok()) {
      state.SkipWithError("refused");
    }
  }
}
BENCHMARK(BM_ReadByProtobuf);

}  // namespace
}  // namespace baliprocess::gateway

BENCHMARK_MAIN();
