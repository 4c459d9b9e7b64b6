// The attendances of trainees, read in one pass: whatever is counted of them is counted from here.

#ifndef BALIPROCESS_SERVICES_CAPACITY_FIGURES_ATTENDANCES_H_
#define BALIPROCESS_SERVICES_CAPACITY_FIGURES_ATTENDANCES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/resource/engine/scope.h"
#include "services/capacity/figures/figures.h"

namespace baliprocess::capacity {

// An activity at which trainees may have been.
struct AttendedActivity {
  std::string name;
  std::string body;
  int64_t kind = 0;  // v1::Activity::Kind
  // Whether it is in the period whichever day its date stands for.
  bool certain = false;
  // The areas of it that the caller may see.
  std::vector<std::string> areas;
};

// What is said of an attendance, by its place in the lists of Attendances.
struct Attendance {
  int32_t activity = 0;
  int32_t person = 0;  // whom the practitioner stands for after all merges
  int32_t member = 0;
  int32_t agency = 0;
  bool from_state = false;
};

struct Attendances {
  std::vector<AttendedActivity> activities;
  std::vector<std::string> members;
  std::vector<std::string> agencies;
  int32_t persons = 0;          // persons are numbers below this one
  std::vector<Attendance> all;  // those of an activity stand together

  // Takes out those that aren't certainly in the period.
  void KeepCertain();
};

// The attendances of trainees at activities of a body, or of all when `body` is empty. They are
// read from an index alone, and it is read faster without the agencies, which are then all "".
absl::StatusOr<Attendances> ReadAttendances(resource::Scope& scope, const std::string& body,
                                            const Period& period, Belonging belonging,
                                            bool with_agencies);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_FIGURES_ATTENDANCES_H_
