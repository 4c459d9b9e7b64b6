// The custom methods of the capacity-building service: what they do within a transaction.

#ifndef BALIPROCESS_SERVICES_CAPACITY_METHODS_H_
#define BALIPROCESS_SERVICES_CAPACITY_METHODS_H_

#include "absl/status/status.h"

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "common/resource/scope.h"

namespace baliprocess::capacity {

using resource::Scope;

// get_practitioner.cc, find_duplicates.cc
absl::Status GetPractitioner(Scope& scope, const v1::GetPractitionerRequest& request,
                             v1::Practitioner& reply);
absl::Status FindDuplicatePractitioners(Scope& scope,
                                        const v1::FindDuplicatePractitionersRequest& request,
                                        v1::FindDuplicatePractitionersResponse& reply);

// merge_practitioner.cc, erase_practitioner.cc
absl::Status MergePractitioner(Scope& scope, const v1::MergePractitionerRequest& request,
                               v1::Practitioner& reply);
absl::Status UnmergePractitioner(Scope& scope, const v1::UnmergePractitionerRequest& request,
                                 v1::Practitioner& reply);
absl::Status ErasePractitioner(Scope& scope, const v1::ErasePractitionerRequest& request,
                               v1::Practitioner& reply);

// get_figures.cc, list_figure_records.cc, count_practitioners.cc, strategy_progress.cc
absl::Status GetFigures(Scope& scope, const v1::GetFiguresRequest& request, v1::Figures& reply);
absl::Status ListFigureRecords(Scope& scope, const v1::ListFigureRecordsRequest& request,
                               v1::ListFigureRecordsResponse& reply);
absl::Status CountPractitioners(Scope& scope, const v1::CountPractitionersRequest& request,
                                v1::PractitionerCounts& reply);
absl::Status GetStrategyProgress(Scope& scope, const v1::GetStrategyProgressRequest& request,
                                 v1::StrategyProgress& reply);

// export_iati.cc
absl::Status ExportIati(Scope& scope, const v1::ExportIatiRequest& request, v1::IatiExport& reply);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_METHODS_H_
