#include "services/capacity/service.h"

#include <string>
#include <utility>
#include <vector>

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/streamed_read.h"
#include "services/capacity/figures/methods.h"
#include "services/capacity/iati/export_iati.h"
#include "services/capacity/identity/hash_index.h"
#include "services/capacity/identity/identity.h"
#include "services/capacity/identity/methods.h"
#include "services/capacity/rules/rules.h"

namespace baliprocess::capacity {

absl::StatusOr<resource::Registry> Resources() {
  ASSIGN_OR_RETURN(std::vector<std::string> identity_keys, ConfiguredIdentityKeys());
  resource::Registry registry;
  RETURN_IF_ERROR(registry.Add<v1::Strategy>());
  RETURN_IF_ERROR(registry.Add<v1::StrategyArea>(StrategyAreaRules()));
  RETURN_IF_ERROR(registry.Add<v1::WorkPlan>(WorkPlanRules()));
  RETURN_IF_ERROR(registry.Add<v1::WorkPlanItem>(WorkPlanItemRules()));
  RETURN_IF_ERROR(registry.Add<v1::ProgressReport>(ProgressReportRules()));
  RETURN_IF_ERROR(registry.Add<v1::Priority>());
  RETURN_IF_ERROR(registry.Add<v1::Programme>(ProgrammeRules()));
  RETURN_IF_ERROR(registry.Add<v1::Activity>(ActivityRules()));
  RETURN_IF_ERROR(registry.Add<v1::Practitioner>(PractitionerRules(std::move(identity_keys))));
  registry.AddTable(HashTable());
  RETURN_IF_ERROR(registry.Add<v1::Participation>(ParticipationRules()));
  RETURN_IF_ERROR(registry.Add<v1::Publication>());
  RETURN_IF_ERROR(registry.Add<v1::Secondment>(SecondmentRules()));
  RETURN_IF_ERROR(registry.Add<v1::Commitment>(CommitmentRules()));
  RETURN_IF_ERROR(registry.Add<v1::Disbursement>(DisbursementRules()));
  RETURN_IF_ERROR(registry.Add<v1::Partnership>(PartnershipRules()));
  RETURN_IF_ERROR(registry.Add<v1::ReportedFigure>(ReportedFigureRules()));
  return registry;
}

rpc::MethodTable Methods(resource::Engine& engine) {
  rpc::MethodTable table(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "baliprocess.capacity.v1.CapacityService"));
  engine.Bind(table);
  // In place of the standard one: names of merged practitioners lead on.
  engine.BindRead(table, "GetPractitioner", GetPractitioner);
  engine.BindLongRead(table, "FindDuplicatePractitioners", FindDuplicatePractitioners);
  engine.BindMutation(table, "MergePractitioner", MergePractitioner);
  engine.BindMutation(table, "UnmergePractitioner", UnmergePractitioner);
  engine.BindErasure(table, "ErasePractitioner", ErasePractitioner);
  engine.BindKeptRead(table, "CountPractitioners", CountPractitioners);
  engine.BindKeptRead(table, "GetFigures", GetFigures);
  engine.BindLongRead(table, "ListFigureRecords", ListFigureRecords);
  engine.BindKeptRead(table, "GetStrategyProgress", GetStrategyProgress);
  resource::BindStreamedRead<v1::ExportIatiRequest, v1::IatiExport>(engine, table, "ExportIati",
                                                                    ExportIati);
  return table;
}

}  // namespace baliprocess::capacity
