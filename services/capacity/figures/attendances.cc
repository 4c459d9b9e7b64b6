#include "services/capacity/figures/attendances.h"

#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/strategy_area.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/store/table.h"

namespace baliprocess::capacity {
namespace {

using resource::Scope;
using storage::Row;

// What separates the lists of an activity, the parts and the items of a list, and the parts of an
// item. No text of a resource has them.
constexpr char kLists = '\x1d';
constexpr char kItems = '\x1e';
constexpr char kParts = '\x1f';

// Takes what stands before the next separator off `rest`.
std::string_view Next(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

// Texts by numbers from 0. The texts that are asked for outlive the object.
class Numbers {
 public:
  int32_t Of(std::string_view text) {
    return numbers_.try_emplace(absl::string_view(text.data(), text.size()), size()).first->second;
  }
  void Set(std::string_view text, int32_t number) {
    numbers_[absl::string_view(text.data(), text.size())] = number;
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts(numbers_.size());
    for (const auto& [text, number] : numbers_) texts[number] = std::string(text);
    return texts;
  }
  int32_t size() const { return static_cast<int32_t>(numbers_.size()); }

 private:
  absl::flat_hash_map<absl::string_view, int32_t> numbers_;
};

// One row per activity: its attendances are one text, made where they are read, as rows of their
// own would cost more than all else. A list is of those whom one member sent, its items are
// practitioners, each with its agency.
Sql ActivityRows(const Scope& scope, const std::string& body, const Period& period,
                 Belonging belonging, bool with_agencies) {
  const std::string concatenate(scope.dialect().concatenate);
  const auto quoted = [](char separator) { return std::string{'\'', separator, '\''}; };
  const std::string parts = absl::StrCat(" || ", quoted(kParts), " || ");
  const std::string item =
      with_agencies ? absl::StrCat("x.practitioner", parts, "x.agency") : "x.practitioner";
  Sql sql;
  sql.Add(absl::StrCat(
              "SELECT a.name, a.body, a.kind, "
              "CASE WHEN a.start_date_first >= ? AND a.start_date_last <= ? THEN 1 ELSE 0 END, "
              "(SELECT ",
              concatenate, "(l.list, ", quoted(kLists), ") FROM (SELECT x.member", parts,
              "CASE WHEN x.from_state THEN '1' ELSE '' END", parts, concatenate, "(", item, ", ",
              quoted(kItems), ") AS list FROM participations x WHERE ", kTrained,
              " GROUP BY x.member, x.from_state) l)"),
          {period.first, period.last});
  const Sql from = Trainings(scope, body, period, belonging);
  return sql.Add(from.text, from.params);
}

class Reader {
 public:
  explicit Reader(Attendances& found) : found_(found) {}

  // `rows` of names of practitioners and of who stands for them.
  void AddMerged(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      persons_.Set(storage::AsText(row[0]), persons_.Of(storage::AsText(row[1])));
    }
  }
  void AddActivity(const Row& row) {
    AttendedActivity& activity = found_.activities.emplace_back();
    activity.name = storage::AsText(row[0]);
    activity.body = storage::AsText(row[1]);
    activity.kind = storage::AsInt(row[2]);
    activity.certain = storage::AsInt(row[3]) != 0;
    for (std::string_view lists = storage::AsText(row[4]); !lists.empty();) {
      AddList(Next(lists, kLists));
    }
  }
  void Finish() {
    found_.members = members_.Texts();
    found_.agencies = agencies_.Texts();
    found_.persons = persons_.size();
  }

 private:
  void AddList(std::string_view list) {
    Attendance attendance;
    attendance.activity = static_cast<int32_t>(found_.activities.size()) - 1;
    attendance.member = members_.Of(Next(list, kParts));
    attendance.from_state = !Next(list, kParts).empty();
    while (!list.empty()) {
      std::string_view item = Next(list, kItems);
      attendance.person = persons_.Of(Next(item, kParts));
      attendance.agency = agencies_.Of(item);
      found_.all.push_back(attendance);
    }
  }

  Attendances& found_;
  Numbers members_;
  Numbers agencies_;
  Numbers persons_;
};

// The areas of the activities.
absl::Status ReadAreas(Scope& scope, const Sql& trainings, std::vector<AttendedActivity>& found) {
  const resource::ResourceType& type = *scope.registry().Find(v1::StrategyArea::descriptor());
  absl::flat_hash_map<std::string, AttendedActivity*> by_name;
  for (AttendedActivity& activity : found) by_name[activity.name] = &activity;
  const Sql visible = VisibleNames(scope, type);
  Sql sql;
  sql.Add("SELECT referrer, target FROM resource_references WHERE referrer IN (SELECT a.name")
      .Add(trainings.text, trainings.params)
      .Add(absl::StrCat(") AND target IN (", visible.text, ")"), visible.params);
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query(sql.text, sql.params));
  for (const Row& row : rows) {
    const auto activity = by_name.find(storage::AsText(row[0]));
    if (activity != by_name.end()) activity->second->areas.push_back(storage::AsText(row[1]));
  }
  return absl::OkStatus();
}

}  // namespace

void Attendances::KeepCertain() {
  std::erase_if(all, [&](const Attendance& one) { return !activities[one.activity].certain; });
}

absl::StatusOr<Attendances> ReadAttendances(Scope& scope, const std::string& body,
                                            const Period& period, Belonging belonging,
                                            bool with_agencies) {
  const Sql sql = ActivityRows(scope, body, period, belonging, with_agencies);
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query(sql.text, sql.params));
  ASSIGN_OR_RETURN(
      const auto merged,
      scope.tx().Query("SELECT name, survivor FROM practitioners WHERE survivor > ''"));
  Attendances found;
  Reader reader(found);
  reader.AddMerged(merged);
  for (const Row& row : rows) reader.AddActivity(row);
  reader.Finish();
  RETURN_IF_ERROR(ReadAreas(scope, Trainings(scope, body, period, belonging), found.activities));
  return found;
}

}  // namespace baliprocess::capacity
