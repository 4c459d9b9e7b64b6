#include "tests/contract/membership_fixture.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <utility>

#include "google/rpc/error_details.pb.h"

namespace baliprocess::membership {
namespace {

auth::Caller CallerWith(std::string subject, api::v1::Role role) {
  auth::Caller caller;
  caller.subject = std::move(subject);
  caller.roles |= 1u << role;
  return caller;
}

}  // namespace

auth::Caller Secretariat() { return CallerWith("secretary", api::v1::SECRETARIAT); }
auth::Caller MemberOf(const std::string& member) {
  auth::Caller caller = CallerWith("delegate of " + member, api::v1::MEMBER);
  caller.member = member;
  return caller;
}
auth::Caller Observer() { return CallerWith("observer", api::v1::OBSERVER); }
auth::Caller Operator() { return CallerWith("operator", api::v1::OPERATOR); }
auth::Caller Anyone() { return {}; }

google::type::Date Date(std::string_view text) { return ParseDate(text).value(); }

baliprocess::common::v1::Term TermOf(std::string_view start, std::string_view end) {
  baliprocess::common::v1::Term term;
  if (!start.empty()) *term.mutable_start_date() = Date(start);
  if (!end.empty()) *term.mutable_end_date() = Date(end);
  return term;
}

Service::Service(std::unique_ptr<storage::Database> database, const Clock& clock,
                 absl::Duration change_retention)
    : database_(std::move(database)) {
  auto engine = resource::Engine::Create(
      Resources().value(), *database_,
      {.schema_version = kSchemaVersion, .change_retention = change_retention, .clock = &clock});
  if (!engine.ok()) {
    ADD_FAILURE() << engine.status();
    std::abort();
  }
  engine_ = *std::move(engine);
  table_ = std::make_unique<rpc::MethodTable>(Methods(*engine_));
}

const rpc::MethodTable::Entry& Service::EntryOf(const std::string& method) const {
  return table_->entries().at(table_->service()->FindMethodByName(method));
}

absl::Status Service::CallInto(const auth::Caller& caller, const std::string& method,
                               const google::protobuf::Message& request,
                               google::protobuf::Message& reply) {
  rpc::Call call;
  const rpc::MethodTable::Entry& entry = EntryOf(method);
  call.method = entry.method;
  call.caller = caller;
  call.deadline = absl::Now() + absl::Minutes(1);
  return entry.unary(call, request, reply);
}

absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Service::CallText(
    const auth::Caller& caller, const std::string& method, std::string_view request) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const google::protobuf::MethodDescriptor* descriptor = EntryOf(method).method;
  const std::unique_ptr<google::protobuf::Message> message(
      factory->GetPrototype(descriptor->input_type())->New());
  if (!google::protobuf::TextFormat::ParseFromString(std::string(request), message.get())) {
    return absl::InternalError("the test's request isn't protobuf text");
  }
  std::unique_ptr<google::protobuf::Message> reply(
      factory->GetPrototype(descriptor->output_type())->New());
  const absl::Status status = CallInto(caller, method, *message, *reply);
  if (!status.ok()) return status;
  return reply;
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Service::Watch(
    const auth::Caller& caller, const common::v1::WatchChangesRequest& request,
    std::function<void()> wake) {
  auto call = std::make_shared<rpc::Call>();
  const rpc::MethodTable::Entry& entry = EntryOf("WatchChanges");
  call->method = entry.method;
  call->caller = caller;
  return entry.stream(call, request, std::move(wake));
}

MembershipTest::MembershipTest()
    : clock_(absl::FromCivil(absl::CivilSecond(2024, 5, 2, 9, 0, 0), absl::UTCTimeZone())),
      store_(GetParam()),
      service_(std::make_unique<Service>(store_.Open(), clock_)) {}

void MembershipTest::Restart() {
  service_.reset();
  service_ = std::make_unique<Service>(store_.Open(), clock_);
}

std::vector<common::v1::Change> MembershipTest::Changes(const std::string& filter,
                                                        const auth::Caller& caller) {
  common::v1::ListChangesRequest request;
  request.set_page_size(1000);
  request.set_filter(filter);
  const auto reply =
      service_->Call<common::v1::ListChangesResponse>(caller, "ListChanges", request);
  EXPECT_OK(reply);
  if (!reply.ok()) return {};
  EXPECT_THAT(reply->next_page_token(), "");
  return {reply->changes().begin(), reply->changes().end()};
}

v1::Member MembershipTest::AddState(const std::string& alpha_3, const std::string& alpha_2) {
  v1::CreateMemberRequest request;
  request.set_member_id(alpha_3);
  v1::Member& member = *request.mutable_member();
  member.set_kind(v1::Member::STATE);
  member.set_category(v1::Member::FULL_MEMBER);
  member.set_display_name("State " + alpha_2);
  member.set_region_code(alpha_2);
  const auto created = Call<v1::Member>("CreateMember", request);
  EXPECT_OK(created);
  return created.value_or(v1::Member());
}

v1::Body MembershipTest::AddBody(const std::string& id, int max_chairs, const std::string& parent) {
  v1::CreateBodyRequest request;
  request.set_body_id(id);
  v1::Body& body = *request.mutable_body();
  body.set_kind(v1::Body::WORKING_GROUP);
  body.set_display_name("Body " + id);
  body.set_max_chairs(max_chairs);
  body.set_parent_body(parent);
  const auto created = Call<v1::Body>("CreateBody", request);
  EXPECT_OK(created);
  return created.value_or(v1::Body());
}

v1::Official MembershipTest::AddOfficial(const std::string& id, const std::string& name) {
  v1::CreateOfficialRequest request;
  request.set_official_id(id);
  request.mutable_official()->set_display_name(name);
  request.mutable_official()->mutable_contact()->set_email("someone@example.org");
  const auto created = Call<v1::Official>("CreateOfficial", request);
  EXPECT_OK(created);
  return created.value_or(v1::Official());
}

absl::StatusOr<v1::Seat> MembershipTest::TryAddSeat(const std::string& body,
                                                    const std::string& member, v1::Seat::Role role,
                                                    std::string_view start, std::string_view end) {
  v1::CreateSeatRequest request;
  request.set_parent(body);
  request.mutable_seat()->set_member(member);
  request.mutable_seat()->set_role(role);
  *request.mutable_seat()->mutable_term() = TermOf(start, end);
  return Call<v1::Seat>("CreateSeat", request);
}

absl::StatusOr<v1::Body> MembershipTest::GetBody(const auth::Caller& caller,
                                                 const std::string& name) {
  v1::GetBodyRequest request;
  request.set_name(name);
  return service_->Call<v1::Body>(caller, "GetBody", request);
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

}  // namespace baliprocess::membership
