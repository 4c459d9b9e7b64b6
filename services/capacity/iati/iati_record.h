// What the IATI files of a body are made of.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_RECORD_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_RECORD_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/capacity/v1/disbursement.pb.h"
#include "baliprocess/capacity/v1/iati.pb.h"
#include "baliprocess/capacity/v1/programme.pb.h"
#include "baliprocess/capacity/v1/publication.pb.h"
#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "baliprocess/capacity/v1/strategy.pb.h"
#include "baliprocess/capacity/v1/strategy_area.pb.h"
#include "baliprocess/capacity/v1/work_plan.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "common/resource/engine/scope.h"
#include "services/capacity/iati/iati_file.h"

namespace baliprocess::capacity::iati {

// As far as the caller may see it; each list by name.
struct Record {
  absl::Time now;
  Organisation reporter;
  Contact contact;
  membership::v1::Body body;
  std::vector<v1::Programme> programmes;
  std::vector<v1::Activity> activities;
  std::vector<v1::Publication> publications;
  std::vector<v1::Commitment> commitments;
  std::vector<v1::Disbursement> disbursements;  // of these commitments
  std::vector<v1::ReportedFigure> figures;
  std::vector<v1::WorkPlan> work_plans;
  std::map<std::string, v1::Strategy> strategies;  // of every body
  std::map<std::string, v1::StrategyArea> areas;   // likewise
  // The members, bodies and outside forums that fund or take part, by name.
  std::map<std::string, Organisation> parties;
};

// Whether IATI takes the text for an identifier, or the end of one.
bool IsIdentifier(std::string_view text);

// What is on record of the body of a request. As long as the engine hasn't asked membership for
// what it takes, an error to pass on.
absl::StatusOr<Record> ReadRecord(resource::Scope& scope, const v1::ExportIatiRequest& request);

// The organisation that takes part or funds; by its display name when it isn't on record.
Organisation PartyOf(const Record& record, const common::v1::Party& party);

// The identifier of an activity: that of the organisation, and the name of the body, programme or
// activity that it reports. It stays the same.
std::string IdentifierOf(const Record& record, const std::string& name);

// The day of the export (`yyyymmdd`), in UTC.
int32_t TodayOf(const Record& record);

// The date as IATI has dates; nullopt when it isn't known to the day.
std::optional<std::string> DayOf(const google::type::Date& date);

}  // namespace baliprocess::capacity::iati

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_RECORD_H_
