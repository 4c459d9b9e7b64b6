// Computed figures against a naive recount: of one large year, and of many random histories.

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using v1::Activity;
using v1::ReportedFigure;

constexpr int kHistories = 200;
constexpr int kSteps = 40;
constexpr uint32_t kSeed = 20240502;

// The measures in the order of their numbers.
using Numbers = std::map<ReportedFigure::Measure, int64_t>;

class HistoriesTest : public CapacityTest {
 protected:
  Numbers Found(const std::string& year) {
    Numbers numbers;
    const auto figures = TryFigures(year, year, Secretariat());
    EXPECT_OK(figures);
    if (!figures.ok()) return numbers;
    for (const auto& entry : figures->entries()) {
      numbers[entry.measure()] = entry.computed().value();
    }
    return numbers;
  }
  // What the records behind the figures count as, counted.
  Numbers Listed(const std::string& year) {
    Numbers numbers;
    for (int measure = 1; measure <= 7; ++measure) {
      const auto found = Call<v1::ListFigureRecordsResponse>(
          "ListFigureRecords", absl::StrCat("page_size: 1000 body: 'bodies/rso' measure: ", measure,
                                            " period { ", PeriodText(year, year), " }"));
      EXPECT_OK(found);
      if (!found.ok()) return {};
      EXPECT_EQ(found->next_page_token(), "");
      std::set<std::string> things;
      for (const auto& record : found->records()) things.insert(record.counts_as());
      numbers[static_cast<ReportedFigure::Measure>(measure)] = static_cast<int64_t>(things.size());
    }
    return numbers;
  }
};
INSTANTIATE_ON_ENGINES(HistoriesTest);

// The whole year of a support office: 17 dialogues; 7 workshops and trainings with 348 persons from
// 14 member states among 900 attendances, some of them entered under two records; 12 publications,
// 8 meetings, 21 events.
class LargeYear : public HistoriesTest {
 protected:
  static constexpr int kPersons = 348;
  static constexpr int kDuplicates = 20;
  static constexpr int kAttendances = 900;
  static constexpr int kStates = 14;
  static constexpr int kWorkshops = 7;

  void AddMembers() {
    const char* codes[kStates][2] = {{"bgd", "BD"}, {"mys", "MY"}, {"mdv", "MV"}, {"pak", "PK"},
                                     {"phl", "PH"}, {"lka", "LK"}, {"tha", "TH"}, {"are", "AE"},
                                     {"usa", "US"}, {"vnm", "VN"}, {"ind", "IN"}, {"chn", "CN"},
                                     {"jpn", "JP"}, {"kor", "KR"}};
    for (const auto& [id, region] : codes) {
      states_.push_back(absl::StrCat("members/", id));
      Membership("CreateMember", absl::StrCat("member_id: '", id,
                                              "' member { kind: STATE category: FULL_MEMBER "
                                              "display_name: '",
                                              id, "' region_code: '", region, "' }"));
    }
  }
  void AddActivities(const std::string& prefix, const std::string& kind, int count) {
    for (int i = 0; i < count; ++i) {
      Add("Activity", "activity", absl::StrCat(prefix, i),
          absl::StrCat("body: 'bodies/rso' state: COMPLETED display_name: 'x' kind: ", kind,
                       " start_date { year: 2023 month: ", 1 + i % 12, " }"));
    }
  }
  // Practitioner p0 to p347, and p348 to p367, who are p0 to p19 once more.
  void AddPractitioners() {
    std::string request;
    for (int i = 0; i < kPersons + kDuplicates; ++i) {
      const int person = i % kPersons;
      absl::StrAppend(&request, "requests { practitioner_id: 'p", i, "' practitioner { member: '",
                      states_[person % kStates], "' identity { full_name: 'Person ", person,
                      "' } } } ");
    }
    ASSERT_OK(Try("BatchCreatePractitioners", request));
  }
  // Every record once, then random ones, until there are 900 attendances.
  void AddAttendances() {
    std::mt19937 random(kSeed);
    std::set<std::pair<int, int>> taken;
    for (int i = 0; i < kPersons + kDuplicates; ++i) {
      // Whoever is there twice under two records attends two activities.
      taken.insert({i >= kPersons ? (i + 1) % kWorkshops : i % kWorkshops, i});
    }
    while (taken.size() < kAttendances) {
      taken.insert(
          {static_cast<int>(random() % kWorkshops), static_cast<int>(random() % 300) + 20});
    }
    std::map<int, std::string> lists;
    for (const auto& [workshop, practitioner] : taken) {
      absl::StrAppend(&lists[workshop], "requests { participation { practitioner: 'practitioners/p",
                      practitioner, "' } } ");
    }
    for (const auto& [workshop, list] : lists) {
      ASSERT_OK(Try("BatchCreateParticipations",
                    absl::StrCat("parent: 'activities/w", workshop, "' ", list)));
    }
  }
  void AddPublications(int count) {
    for (int i = 0; i < count; ++i) {
      Add("Publication", "publication", absl::StrCat("pub", i),
          absl::StrCat("body: 'bodies/rso' kind: REPORT display_name: 'x' publish_date { "
                       "year: 2023 month: ",
                       1 + i % 12, " }"));
    }
  }
  static Numbers Expected(int64_t persons) {
    return {{ReportedFigure::DIALOGUES, 17},
            {ReportedFigure::WORKSHOPS_AND_TRAININGS, kWorkshops},
            {ReportedFigure::PRACTITIONERS_TRAINED, persons},
            {ReportedFigure::MEMBER_STATES_REACHED, kStates},
            {ReportedFigure::PUBLICATIONS, 12},
            {ReportedFigure::MEETINGS_SUPPORTED, 8},
            {ReportedFigure::EXTERNAL_EVENTS, 21}};
  }

  std::vector<std::string> states_;
};
INSTANTIATE_ON_ENGINES(LargeYear);

TEST_P(LargeYear, IsCountedExactlyThroughMergesAndDeletions) {
  AddMembers();
  AddActivities("d", "DIALOGUE", 17);
  AddActivities("w", "WORKSHOP", kWorkshops);
  AddActivities("m", "MEETING_SUPPORT", 8);
  AddActivities("e", "EXTERNAL_EVENT", 21);
  AddPublications(12);
  AddPractitioners();
  AddAttendances();
  EXPECT_EQ(Found("2023"), Expected(kPersons + kDuplicates));

  // The duplicates are found, and merged.
  const auto duplicates =
      Call<v1::FindDuplicatePractitionersResponse>("FindDuplicatePractitioners", "");
  ASSERT_OK(duplicates);
  ASSERT_EQ(duplicates->groups_size(), kDuplicates);
  for (const auto& group : duplicates->groups()) {
    ASSERT_EQ(group.practitioners_size(), 2);
    ASSERT_OK(
        Try("MergePractitioner", absl::StrCat("name: '", group.practitioners(1).name(), "' into: '",
                                              group.practitioners(0).name(), "'")));
  }
  EXPECT_EQ(Found("2023"), Expected(kPersons));
  const auto counts = Call<v1::PractitionerCounts>(
      "CountPractitioners", absl::StrCat("period { ", PeriodText("2023", "2023"), " }"));
  ASSERT_OK(counts);
  EXPECT_EQ(counts->total().practitioners().value(), kPersons);
  EXPECT_EQ(counts->total().attendances().value(), kAttendances);
  EXPECT_EQ(counts->total().member_states().value(), kStates);

  // One merge is taken back, and made again.
  const std::string merged = duplicates->groups(0).practitioners(1).name();
  const std::string into = duplicates->groups(0).practitioners(0).name();
  ASSERT_OK(Try("UnmergePractitioner", absl::StrCat("name: '", merged, "'")));
  EXPECT_EQ(Found("2023"), Expected(kPersons + 1));
  ASSERT_OK(Try("MergePractitioner", absl::StrCat("name: '", merged, "' into: '", into, "'")));

  // Without their only attendance persons aren't counted, with it they are again.
  const auto attendances = Call<v1::ListParticipationsResponse>(
      "ListParticipations",
      "parent: 'activities/-' filter: 'practitioner = \"practitioners/p347\"'");
  ASSERT_OK(attendances);
  for (const auto& attendance : attendances->participations()) {
    ASSERT_OK(Try("DeleteParticipation", absl::StrCat("name: '", attendance.name(), "'")));
  }
  EXPECT_EQ(Found("2023"), Expected(kPersons - 1));
  for (const auto& attendance : attendances->participations()) {
    ASSERT_OK(Try("UndeleteParticipation", absl::StrCat("name: '", attendance.name(), "'")));
  }
  EXPECT_EQ(Found("2023"), Expected(kPersons));
}

// What was done, as simply as it can be written down.
class Model {
 public:
  struct ActivityFacts {
    Activity::Kind kind;
    Activity::State state;
    std::string date;  // may be empty
  };
  struct ParticipationFacts {
    std::string activity;
    std::string practitioner;
    std::string member;
    bool attended = true;
    bool deleted = false;
  };

  std::map<std::string, ActivityFacts> activities;
  std::map<std::string, std::optional<std::string>> merged_into;  // by practitioner
  std::map<std::string, std::string> member_of;
  std::map<std::string, ParticipationFacts> participations;
  std::map<std::string, bool> publications;  // by name: whether it is deleted

  std::string PersonOf(std::string practitioner) const {
    while (merged_into.at(practitioner)) practitioner = *merged_into.at(practitioner);
    return practitioner;
  }

  Numbers Recount(const std::string& year) const {
    Numbers numbers;
    for (int measure = 1; measure <= 7; ++measure) {
      numbers[static_cast<ReportedFigure::Measure>(measure)] = 0;
    }
    std::set<std::string> persons;
    std::set<std::string> states;
    for (const auto& [name, activity] : activities) {
      if (!Counts(activity, year)) continue;
      switch (activity.kind) {
        case Activity::DIALOGUE:
          ++numbers[ReportedFigure::DIALOGUES];
          break;
        case Activity::MEETING_SUPPORT:
          ++numbers[ReportedFigure::MEETINGS_SUPPORTED];
          break;
        case Activity::EXTERNAL_EVENT:
          ++numbers[ReportedFigure::EXTERNAL_EVENTS];
          break;
        case Activity::WORKSHOP:
        case Activity::TRAINING:
          ++numbers[ReportedFigure::WORKSHOPS_AND_TRAININGS];
          CountTrained(name, persons, states);
          break;
        default:
          break;
      }
    }
    numbers[ReportedFigure::PRACTITIONERS_TRAINED] = static_cast<int64_t>(persons.size());
    numbers[ReportedFigure::MEMBER_STATES_REACHED] = static_cast<int64_t>(states.size());
    for (const auto& [name, deleted] : publications) {
      if (!deleted) ++numbers[ReportedFigure::PUBLICATIONS];
    }
    return numbers;
  }

 private:
  static bool Counts(const ActivityFacts& activity, const std::string& year) {
    return activity.state == Activity::COMPLETED && activity.date.substr(0, 4) == year;
  }
  void CountTrained(const std::string& activity, std::set<std::string>& persons,
                    std::set<std::string>& states) const {
    for (const auto& [name, participation] : participations) {
      if (participation.activity != activity || participation.deleted || !participation.attended) {
        continue;
      }
      persons.insert(PersonOf(participation.practitioner));
      if (participation.member != "members/iom") states.insert(participation.member);
    }
  }
};

// One history: random steps, each done by the service and, if it wasn't refused, by the model.
class History {
 public:
  using Try = std::function<absl::Status(const std::string& method, const std::string& request)>;

  History(int number, Try attempt)
      : id_(absl::StrCat("h", number)),
        year_(absl::StrCat(1800 + number)),
        try_(std::move(attempt)),
        random_(kSeed + static_cast<uint32_t>(number)) {}

  void Step() {
    switch (Any(10)) {
      case 0:
      case 1:
        return AddActivity();
      case 2:
        return AddPractitioner();
      case 3:
      case 4:
      case 5:
        return Attend();
      case 6:
        return Merge();
      case 7:
        return Unmerge();
      case 8:
        return DeleteOrUndelete();
      default:
        return Any(2) == 0 ? Publish() : ChangeState();
    }
  }

  const std::string& year() const { return year_; }
  const Model& model() const { return model_; }

 private:
  int Any(size_t count) { return static_cast<int>(random_() % count); }
  template <typename Map>
  std::string AnyKey(const Map& map) {
    return std::next(map.begin(), Any(map.size()))->first;
  }
  std::string NewId() { return absl::StrCat(id_, "-", ++last_); }

  void AddActivity() {
    const auto kind = Any(2) == 0 ? Activity::WORKSHOP : static_cast<Activity::Kind>(1 + Any(9));
    const auto state = static_cast<Activity::State>(Any(6) == 0 ? 1 + Any(4) : 3);
    const std::string dates[] = {year_, year_ + "-03", year_ + "-12-31",
                                 absl::StrCat(std::stoi(year_) + 1000), ""};
    const std::string date = dates[Any(7) % 5];
    const std::string id = NewId();
    const std::string start =
        date.empty() ? "" : absl::StrCat("start_date { ", DateText(date), " }");
    if (try_("CreateActivity", absl::StrCat("activity_id: '", id,
                                            "' activity { body: 'bodies/rso' display_name: 'x' "
                                            "kind: ",
                                            Activity::Kind_Name(kind), " state: ",
                                            Activity::State_Name(state), " ", start, " }"))
            .ok()) {
      model_.activities["activities/" + id] = {kind, state, date};
    }
  }
  void AddPractitioner() {
    const char* members[] = {"members/aus", "members/idn", "members/nzl", "members/iom"};
    const std::string member = members[Any(4)];
    const std::string id = NewId();
    if (try_("CreatePractitioner",
             absl::StrCat("practitioner_id: '", id, "' practitioner { member: '", member, "' }"))
            .ok()) {
      model_.merged_into["practitioners/" + id] = std::nullopt;
      model_.member_of["practitioners/" + id] = member;
    }
  }
  void Attend() {
    if (model_.activities.empty() || model_.merged_into.empty()) return;
    const std::string activity = AnyKey(model_.activities);
    const std::string practitioner = AnyKey(model_.merged_into);
    const bool attended = Any(5) > 0;
    const std::string id = NewId();
    if (try_("CreateParticipation",
             absl::StrCat("parent: '", activity, "' participation_id: '", id,
                          "' participation { practitioner: '", practitioner,
                          "' attendance: ", attended ? "ATTENDED" : "ABSENT", " }"))
            .ok()) {
      model_.participations[absl::StrCat(activity, "/participations/", id)] = {
          activity, practitioner, model_.member_of[practitioner], attended, false};
    }
  }
  void Merge() {
    if (model_.merged_into.empty()) return;
    const std::string name = AnyKey(model_.merged_into);
    const std::string into = AnyKey(model_.merged_into);
    if (try_("MergePractitioner", absl::StrCat("name: '", name, "' into: '", into, "'")).ok()) {
      model_.merged_into[name] = into;
    }
  }
  void Unmerge() {
    if (model_.merged_into.empty()) return;
    const std::string name = AnyKey(model_.merged_into);
    if (try_("UnmergePractitioner", absl::StrCat("name: '", name, "'")).ok()) {
      model_.merged_into[name] = std::nullopt;
    }
  }
  void DeleteOrUndelete() {
    if (model_.participations.empty()) return;
    const std::string name = AnyKey(model_.participations);
    bool& deleted = model_.participations[name].deleted;
    const char* method = deleted ? "UndeleteParticipation" : "DeleteParticipation";
    if (try_(method, absl::StrCat("name: '", name, "'")).ok()) deleted = !deleted;
  }
  void Publish() {
    if (!model_.publications.empty() && Any(2) == 0) {
      const std::string name = AnyKey(model_.publications);
      bool& deleted = model_.publications[name];
      const char* method = deleted ? "UndeletePublication" : "DeletePublication";
      if (try_(method, absl::StrCat("name: '", name, "'")).ok()) deleted = !deleted;
      return;
    }
    const std::string id = NewId();
    if (try_("CreatePublication", absl::StrCat("publication_id: '", id,
                                               "' publication { body: 'bodies/rso' kind: REPORT "
                                               "display_name: 'x' publish_date { ",
                                               DateText(year_), " } }"))
            .ok()) {
      model_.publications["publications/" + id] = false;
    }
  }
  void ChangeState() {
    if (model_.activities.empty()) return;
    const std::string name = AnyKey(model_.activities);
    const auto state = static_cast<Activity::State>(1 + Any(4));
    if (try_("UpdateActivity", absl::StrCat("activity { name: '", name,
                                            "' state: ", Activity::State_Name(state), " }"))
            .ok()) {
      model_.activities[name].state = state;
    }
  }

  const std::string id_;
  const std::string year_;
  const Try try_;
  std::mt19937 random_;
  int last_ = 0;
  Model model_;
};

TEST_P(HistoriesTest, AreCountedAsANaiveRecountDoes) {
  int64_t trained = 0;
  for (int number = 0; number < kHistories; ++number) {
    History history(number, [this](const std::string& method, const std::string& request) {
      return Try(method, request);
    });
    Numbers recounted;
    for (int step = 0; step < kSteps; ++step) {
      history.Step();
      if (step % 20 != 19) continue;
      recounted = history.model().Recount(history.year());
      ASSERT_EQ(Found(history.year()), recounted) << "history " << number << ", step " << step;
    }
    ASSERT_EQ(Listed(history.year()), recounted) << "history " << number;
    trained += recounted[ReportedFigure::PRACTITIONERS_TRAINED];
  }
  // Histories in which nobody is trained prove little.
  EXPECT_GT(trained, kHistories / 2);
}

}  // namespace
}  // namespace baliprocess::capacity
