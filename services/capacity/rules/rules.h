// The rules of each resource, beyond what its annotations in the contract say. One file each.

#ifndef BALIPROCESS_SERVICES_CAPACITY_RULES_RULES_H_
#define BALIPROCESS_SERVICES_CAPACITY_RULES_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

#include "baliprocess/api/v1/visibility.pb.h"
#include "baliprocess/capacity/v1/budget.pb.h"
#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/capacity/v1/disbursement.pb.h"
#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/capacity/v1/secondment.pb.h"
#include "common/base/errors.h"
#include "common/resource/engine/scope.h"
#include "common/resource/store/resource_type.h"

namespace baliprocess::capacity {

resource::Rules StrategyAreaRules();
resource::Rules WorkPlanRules();
resource::Rules WorkPlanItemRules();
resource::Rules ProgressReportRules();
resource::Rules ActivityRules();
resource::Rules ProgrammeRules();
resource::Rules ParticipationRules();
resource::Rules SecondmentRules();
resource::Rules CommitmentRules();
resource::Rules DisbursementRules();
resource::Rules PartnershipRules();
resource::Rules ReportedFigureRules();

// Adds a violation unless the visibility of a record of a person is RESTRICTED, its default.
void ValidateRestricted(api::v1::Visibility::Level visibility, std::string_view prefix,
                        Violations& violations);

// Adds a violation of the amount, at `path`, unless its currency was in use on the day that it was
// paid or promised, or is today if that day isn't known.
void ValidateCurrency(const google::type::Money& amount, const google::type::Date& date,
                      const std::string& path, Violations& violations);

// Adds the violations of the budgets of a resource whose path is `prefix`.
void ValidateBudgets(const google::protobuf::RepeatedPtrField<v1::Budget>& budgets,
                     std::string_view prefix, Violations& violations);

// The position after all others of the same parent in `table`.
absl::StatusOr<int> NextPosition(resource::Scope& scope, const std::string& table,
                                 const std::string& parent);

// The practitioner that stands for the person, after all merges, of a practitioner on record.
std::string PersonOf(const v1::Practitioner& practitioner);

// RULE_BROKEN when one of the secondments overlaps with one of the others that isn't itself.
absl::Status CheckOneAtATime(const std::vector<v1::Secondment>& secondments,
                             const std::vector<v1::Secondment>& others);

// The live secondments of a person.
absl::StatusOr<std::vector<v1::Secondment>> SecondmentsOf(resource::Scope& scope,
                                                          const std::string& person);

// RULE_BROKEN unless the disbursements are in the currency of the amount of their commitment and
// don't go beyond it together; without an amount, unless they are in one currency.
absl::Status CheckDisbursed(const v1::Commitment& commitment,
                            const std::vector<v1::Disbursement>& disbursements);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_RULES_RULES_H_
