// Dates in words, as papers have them: as precisely as they are known, and no more.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_LONG_DATES_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_LONG_DATES_H_

#include <string>

#include "google/type/date.pb.h"

namespace baliprocess::balictl {

// `2 May 2024`, `May 2024` or `2024`; "" for no date.
std::string LongDate(const google::type::Date& date);

// `2 to 3 May 2024`, `30 May to 2 June 2024`, `May to June 2024`; one date where there is no other,
// or the same.
std::string LongDates(const google::type::Date& first, const google::type::Date& last);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_LONG_DATES_H_
