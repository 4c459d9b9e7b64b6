#include "services/capacity/figures/trained.h"

#include <algorithm>
#include <map>
#include <utility>

#include "baliprocess/capacity/v1/activity.pb.h"
#include "services/capacity/figures/disclosure.h"

namespace baliprocess::capacity {
namespace {

// Counts what is different among attendances, those of an activity together. Made once for many
// counts, as each would need its memory.
class Counter {
 public:
  explicit Counter(const Attendances& attendances)
      : counted_(static_cast<size_t>(attendances.persons), 0),
        at_activity_(counted_.size(), 0),
        states_(attendances.members.size(), 0) {}

  void Start() {
    ++count_;
    numbers_ = {};
    activity_ = -1;
  }
  void Add(const Attendance& attendance) {
    if (attendance.activity != activity_) {
      activity_ = attendance.activity;
      ++visit_;
    }
    numbers_.practitioners += IsNew(counted_[attendance.person], count_);
    numbers_.attendances += IsNew(at_activity_[attendance.person], visit_);
    if (attendance.from_state) numbers_.member_states += IsNew(states_[attendance.member], count_);
  }
  const TrainedNumbers& numbers() const { return numbers_; }

 private:
  static int64_t IsNew(int32_t& last, int32_t now) { return std::exchange(last, now) != now; }

  std::vector<int32_t> counted_;      // by person: the count that had it last
  std::vector<int32_t> at_activity_;  // by person: the visit of an activity, in a count, likewise
  std::vector<int32_t> states_;       // by member, likewise
  int32_t count_ = 0;
  int32_t visit_ = 0;
  int32_t activity_ = -1;
  TrainedNumbers numbers_;
};

using Groups = std::map<std::string, std::vector<const Attendance*>>;

// In groups by a number that each attendance has, called as `key_of` says.
template <typename NumberOf, typename KeyOf>
Groups GroupBy(const Attendances& attendances, const NumberOf& number_of, const KeyOf& key_of) {
  std::vector<std::vector<const Attendance*>> by_number;
  for (const Attendance& attendance : attendances.all) {
    const auto number = static_cast<size_t>(number_of(attendance));
    if (number >= by_number.size()) by_number.resize(number + 1);
    by_number[number].push_back(&attendance);
  }
  Groups groups;
  for (size_t number = 0; number < by_number.size(); ++number) {
    auto& group = groups[key_of(number)];
    group.insert(group.end(), by_number[number].begin(), by_number[number].end());
  }
  return groups;
}

std::string KindName(const AttendedActivity& activity) {
  return v1::Activity::Kind_Name(static_cast<v1::Activity::Kind>(activity.kind));
}

Groups GroupByArea(const Attendances& attendances) {
  Groups groups;
  for (const Attendance& attendance : attendances.all) {
    const auto& areas = attendances.activities[attendance.activity].areas;
    for (const std::string& area : areas) groups[area].push_back(&attendance);
    if (areas.empty()) groups[""].push_back(&attendance);
  }
  return groups;
}

Groups GroupByActivity(const Attendances& attendances,
                       const std::function<std::string(const AttendedActivity&)>& key_of) {
  return GroupBy(
      attendances, [](const Attendance& attendance) { return attendance.activity; },
      [&](size_t number) { return key_of(attendances.activities[number]); });
}

Groups GroupsOf(const Attendances& attendances, Grouping grouping) {
  switch (grouping) {
    case Grouping::kMember:
      return GroupBy(
          attendances, [](const Attendance& attendance) { return attendance.member; },
          [&](size_t number) { return attendances.members[number]; });
    case Grouping::kAgency:
      return GroupBy(
          attendances, [](const Attendance& attendance) { return attendance.agency; },
          [&](size_t number) { return attendances.agencies[number]; });
    case Grouping::kArea:
      return GroupByArea(attendances);
    case Grouping::kBody:
      return GroupByActivity(attendances, [](const auto& activity) { return activity.body; });
    case Grouping::kActivity:
      return GroupByActivity(attendances, [](const auto& activity) { return activity.name; });
    case Grouping::kActivityKind:
      return GroupByActivity(attendances, KindName);
  }
  return {};
}

}  // namespace

TrainedNumbers TrainedInAll(const Attendances& attendances, const Wanted& wanted) {
  std::vector<bool> counts;
  for (const auto& activity : attendances.activities) counts.push_back(wanted(activity));
  Counter counter(attendances);
  counter.Start();
  for (const Attendance& attendance : attendances.all) {
    if (counts[attendance.activity]) counter.Add(attendance);
  }
  return counter.numbers();
}

std::vector<TrainedGroup> TrainedInGroups(const Attendances& attendances, Grouping grouping) {
  Counter counter(attendances);
  std::vector<TrainedGroup> groups;
  for (const auto& [key, group] : GroupsOf(attendances, grouping)) {
    if (group.empty()) continue;
    counter.Start();
    for (const Attendance* attendance : group) counter.Add(*attendance);
    groups.push_back({key, counter.numbers()});
  }
  return groups;
}

ForPublic JudgePeriod(const Attendances& attendances) {
  ForPublic told;
  const int64_t total = TrainedInAll(attendances).practitioners;
  for (const Grouping grouping : {Grouping::kMember, Grouping::kArea, Grouping::kActivityKind,
                                  Grouping::kAgency, Grouping::kBody, Grouping::kActivity}) {
    std::vector<int64_t> persons;
    for (const TrainedGroup& group : TrainedInGroups(attendances, grouping)) {
      persons.push_back(group.numbers.practitioners);
    }
    told.numbers = told.numbers && !AnySmall(persons, total);
    told.total = told.total && TotalIsSafe(persons);
  }
  return told;
}

}  // namespace baliprocess::capacity
