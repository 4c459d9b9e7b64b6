// Who pays for the work of a body, and what it may cost, as IATI reports it.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_FUNDING_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_FUNDING_H_

#include <string>
#include <vector>

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/budget.pb.h"
#include "baliprocess/capacity/v1/iati.pb.h"
#include "baliprocess/capacity/v1/programme.pb.h"
#include "services/capacity/iati/iati_record.h"

namespace baliprocess::capacity::iati {

using Omissions = google::protobuf::RepeatedPtrField<v1::IatiExport::Omission>;

void Omit(const std::string& resource, v1::IatiExport::Reason reason, Omissions& omissions);

// Everybody who funds the body, whether or not an amount is known; the body itself, and the bodies
// whose work it pays for out of that.
std::vector<Participant> ParticipantsOf(const Record& record);

// Everybody who funds a programme of the body, and the body itself.
std::vector<Participant> ParticipantsOf(const Record& record, const v1::Programme& programme);

// The body itself, and those with whom it organises an activity.
std::vector<Participant> ParticipantsOf(const Record& record, const v1::Activity& activity);

// The commitments that have an amount and a day, and the disbursements that have a day, up to the
// day of the export. The others become omissions.
std::vector<Transaction> TransactionsOf(const Record& record, Omissions& omissions);

// The disbursements that lie ahead.
std::vector<PlannedDisbursement> PlannedDisbursementsOf(const Record& record);

// What `resource` may cost. Budgets of periods that IATI doesn't take become an omission.
std::vector<Budget> BudgetsOf(const std::string& resource,
                              const google::protobuf::RepeatedPtrField<v1::Budget>& budgets,
                              Omissions& omissions);

}  // namespace baliprocess::capacity::iati

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_FUNDING_H_
