// The custom methods that count: what they do within a transaction.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_METHODS_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_METHODS_H_

#include "absl/status/status.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::capacity {

using resource::Scope;

absl::Status GetFigures(Scope& scope, const v1::GetFiguresRequest& request, v1::Figures& reply);
absl::Status ListFigureRecords(Scope& scope, const v1::ListFigureRecordsRequest& request,
                               v1::ListFigureRecordsResponse& reply);
absl::Status CountPractitioners(Scope& scope, const v1::CountPractitionersRequest& request,
                                v1::PractitionerCounts& reply);
absl::Status GetStrategyProgress(Scope& scope, const v1::GetStrategyProgressRequest& request,
                                 v1::StrategyProgress& reply);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_METHODS_H_
