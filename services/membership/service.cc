#include "services/membership/service.h"

#include "baliprocess/membership/v1/appointment.pb.h"
#include "baliprocess/membership/v1/external_forum.pb.h"
#include "baliprocess/membership/v1/liaison.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/base/status_macros.h"
#include "services/membership/methods.h"
#include "services/membership/rules.h"

namespace baliprocess::membership {

absl::StatusOr<resource::Registry> Resources() {
  resource::Registry registry;
  RETURN_IF_ERROR(registry.Add<v1::Member>(MemberRules()));
  RETURN_IF_ERROR(registry.Add<v1::Body>(BodyRules()));
  RETURN_IF_ERROR(registry.Add<v1::Seat>(SeatRules()));
  RETURN_IF_ERROR(registry.Add<v1::Official>(OfficialRules()));
  RETURN_IF_ERROR(registry.Add<v1::Appointment>(AppointmentRules()));
  RETURN_IF_ERROR(registry.Add<v1::ExternalForum>());
  RETURN_IF_ERROR(registry.Add<v1::Liaison>(LiaisonRules()));
  return registry;
}

rpc::MethodTable Methods(resource::Engine& engine) {
  rpc::MethodTable table(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "baliprocess.membership.v1.MembershipService"));
  engine.Bind(table);
  engine.BindLongRead(table, "GetComposition", GetComposition);
  engine.BindMutation(table, "DissolveBody", DissolveBody);
  engine.BindMutation(table, "RecordSuccession", RecordSuccession);
  engine.BindErasure(table, "EraseOfficial", EraseOfficial);
  engine.BindMutation(table, "RestoreBody", RestoreBody);
  engine.BindLongRead(table, "GetRoster", GetRoster);
  return table;
}

}  // namespace baliprocess::membership
