// A body's work as IATI's activities: one for the body as a whole, below it one for each of its
// programmes and activities of which the first day is known.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_ACTIVITIES_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_ACTIVITIES_H_

#include <vector>

#include "services/capacity/iati/iati_funding.h"
#include "services/capacity/iati/iati_record.h"

namespace baliprocess::capacity::iati {

// The activities, that of the body first. None when no day at all is on record. What can't be in
// them becomes an omission.
std::vector<Activity> ActivitiesOf(const Record& record, Omissions& omissions);

// The texts that the body works by, as far as they can be read somewhere: its strategies and work
// plans.
std::vector<DocumentLink> DocumentsOf(const Record& record);

}  // namespace baliprocess::capacity::iati

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_ACTIVITIES_H_
