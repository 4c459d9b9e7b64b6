#include "tests/contract/service_fixture.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/pieces.h"
#include "common/resource/store/schema.h"

namespace baliprocess::testing {
namespace {

auth::Caller CallerWith(std::string subject, api::v1::Access::Role role) {
  auth::Caller caller;
  caller.subject = std::move(subject);
  caller.roles |= 1u << role;
  return caller;
}

}  // namespace

auth::Caller Secretariat() { return CallerWith("secretary", api::v1::Access::SECRETARIAT); }
auth::Caller MemberOf(const std::string& member) {
  auth::Caller caller = CallerWith("delegate of " + member, api::v1::Access::MEMBER);
  caller.member = member;
  return caller;
}
auth::Caller Observer() { return CallerWith("observer", api::v1::Access::OBSERVER); }
auth::Caller Operator() { return CallerWith("operator", api::v1::Access::OPERATOR); }
auth::Caller Anyone() { return {}; }

google::type::Date Date(std::string_view text) { return ParseDate(text).value(); }

baliprocess::common::v1::Term TermOf(std::string_view start, std::string_view end) {
  baliprocess::common::v1::Term term;
  if (!start.empty()) *term.mutable_start_date() = Date(start);
  if (!end.empty()) *term.mutable_end_date() = Date(end);
  return term;
}

LocalService::LocalService(const Definition& definition,
                           std::unique_ptr<storage::Database> database,
                           resource::Engine::Options options)
    : database_(std::move(database)) {
  options.schema_version = definition.schema_version;
  auto engine = resource::Engine::Create(definition.resources().value(), *database_, options);
  if (!engine.ok()) {
    ADD_FAILURE() << engine.status();
    std::abort();
  }
  engine_ = *std::move(engine);
  table_ = std::make_unique<rpc::MethodTable>(definition.methods(*engine_));
  policy_ = auth::AccessPolicy::ForDescriptors({table_->service()}).value();
}

const rpc::MethodTable::Entry& LocalService::EntryOf(const std::string& method) const {
  return table_->entries().at(table_->service()->FindMethodByName(method));
}

absl::Status LocalService::CallInto(const auth::Caller& caller, const std::string& method,
                                    const google::protobuf::Message& asked,
                                    google::protobuf::Message& reply) {
  rpc::Call call = CallOf(caller, method);
  const std::unique_ptr<google::protobuf::Message> prepared(asked.New());
  prepared->CopyFrom(asked);
  table_->Prepare(*prepared);
  const google::protobuf::Message& request = *prepared;
  const std::string path = "/" + call.method->service()->full_name() + "/" + method;
  const absl::Status admitted = auth::CheckRequest(*policy_.Find(path), caller, request);
  if (!admitted.ok()) return admitted;
  const rpc::MethodTable::Entry& entry = EntryOf(method);
  if (entry.unary) return entry.unary(call, request, reply);
  ASSIGN_OR_RETURN(const auto pieces,
                   entry.stream(std::make_shared<rpc::Call>(call), request, [] {}));
  const std::unique_ptr<google::protobuf::Message> piece(reply.New());
  while (true) {
    piece->Clear();
    ASSIGN_OR_RETURN(const rpc::StreamSource::Next next, pieces->Pull(*piece));
    if (next != rpc::StreamSource::Next::kMessage) return absl::OkStatus();
    resource::AppendPiece(*piece, reply);
  }
}

void GiveRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || !HasBehavior(*field, google::api::REQUIRED)) return;
  if (!request.GetReflection()->GetString(request, field).empty()) return;
  request.GetReflection()->SetString(&request, field, NewUuid());
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> LocalService::CallText(
    const auth::Caller& caller, const std::string& method, std::string_view request) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const google::protobuf::MethodDescriptor* descriptor = EntryOf(method).method;
  const std::unique_ptr<google::protobuf::Message> message(
      factory->GetPrototype(descriptor->input_type())->New());
  if (!google::protobuf::TextFormat::ParseFromString(std::string(request), message.get())) {
    return absl::InternalError("the test's request isn't protobuf text");
  }
  GiveRequestId(*message);
  std::unique_ptr<google::protobuf::Message> reply(
      factory->GetPrototype(descriptor->output_type())->New());
  const absl::Status status = CallInto(caller, method, *message, *reply);
  if (!status.ok()) return status;
  return reply;
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> LocalService::Stream(
    const auth::Caller& caller, const std::string& method, const google::protobuf::Message& request,
    std::function<void()> wake) {
  const auto call = std::make_shared<rpc::Call>(CallOf(caller, method));
  return EntryOf(method).stream(call, request, std::move(wake));
}

absl::StatusOr<std::unique_ptr<rpc::StreamSink>> LocalService::Sink(const auth::Caller& caller,
                                                                    const std::string& method) {
  return EntryOf(method).sink(std::make_shared<rpc::Call>(CallOf(caller, method)));
}

rpc::Call LocalService::CallOf(const auth::Caller& caller, const std::string& method) const {
  rpc::Call call;
  call.method = EntryOf(method).method;
  call.caller = caller;
  call.deadline = absl::Now() + absl::Minutes(1);
  return call;
}

ServiceTest::ServiceTest()
    : clock_(absl::FromCivil(absl::CivilSecond(2024, 5, 2, 9, 0, 0), absl::UTCTimeZone())) {}

std::vector<common::v1::Change> ServiceTest::Changes(const std::string& filter,
                                                     const auth::Caller& caller) {
  common::v1::ListChangesRequest request;
  request.set_page_size(1000);
  request.set_filter(filter);
  const auto reply = tested().Call<common::v1::ListChangesResponse>(caller, "ListChanges", request);
  EXPECT_OK(reply);
  if (!reply.ok()) return {};
  EXPECT_THAT(reply->next_page_token(), "");
  return {reply->changes().begin(), reply->changes().end()};
}

std::string Wide(int characters) {
  std::string text;
  for (int i = 0; i < characters; ++i) text += "\xF0\x9F\x8F\x9D";
  return text;
}

std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const google::rpc::Status rpc = ToRpcStatus(status);
  for (const auto& detail : rpc.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info)) continue;
    const auto found = info.metadata().find(key);
    if (found != info.metadata().end()) return found->second;
  }
  return "";
}

std::string RuleOf(const absl::Status& status) { return MetadataOf(status, "rule"); }

std::vector<std::string> BadFields(const absl::Status& status) {
  std::vector<std::string> fields;
  const google::rpc::Status rpc = ToRpcStatus(status);
  for (const auto& detail : rpc.details()) {
    google::rpc::BadRequest request;
    if (!detail.UnpackTo(&request)) continue;
    for (const auto& violation : request.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

void ExpectCommittedSchema(const resource::Registry& resources, LocalService& service,
                           const std::string& name) {
  const std::string path = absl::StrCat("services/", name, "/schema.sql");
  std::ifstream file(path);
  const std::string committed{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(resource::PrintSchema(resources, service.database().dialect()), committed)
      << "The schema has changed. Raise kSchemaVersion in services/" << name
      << "/service.h and write what `" << name << " --print_schema` prints to " << path;
}

}  // namespace baliprocess::testing
