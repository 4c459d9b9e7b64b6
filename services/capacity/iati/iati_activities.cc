#include "services/capacity/iati/iati_activities.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_format.h"

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/capacity/v1/iati.pb.h"
#include "baliprocess/capacity/v1/programme.pb.h"
#include "baliprocess/capacity/v1/strategy_area.pb.h"
#include "baliprocess/common/v1/term.pb.h"
#include "common/base/date.h"
#include "common/base/regions.h"
#include "common/resource/contract/names.h"
#include "services/capacity/iati/iati_results.h"

namespace baliprocess::capacity::iati {
namespace {

using google::type::Date;
using v1::IatiExport;

// DocumentCategory
constexpr char kWebPage[] = "A12";
constexpr char kOutputs[] = "A08";
constexpr char kStrategyPaper[] = "B02";

// SectorVocabulary
constexpr char kDac[] = "1";
constexpr char kOwn[] = "99";

bool IsDay(const Date& date) { return date.day() != 0; }

// What lies ahead can only be planned.
ActivityDate Start(const Record& record, const Date& date, bool took_place) {
  const bool actual = took_place && DaysOf(date).first <= TodayOf(record);
  return {actual ? ActivityDate::kActualStart : ActivityDate::kPlannedStart, FormatDate(date), ""};
}

void AddEnd(const Record& record, const Date& date, bool took_place,
            std::vector<ActivityDate>& dates) {
  if (!IsDay(date)) return;
  const bool actual = took_place && DaysOf(date).last <= TodayOf(record);
  dates.push_back(
      {actual ? ActivityDate::kActualEnd : ActivityDate::kPlannedEnd, FormatDate(date), ""});
}

Activity::Status StatusOf(const Record& record, const common::v1::Term& term) {
  const int32_t today = TodayOf(record);
  if (term.has_end_date() && DaysOf(term.end_date()).last < today) return Activity::kClosed;
  if (term.has_start_date() && DaysOf(term.start_date()).first > today) return Activity::kPipeline;
  return Activity::kImplementation;
}

Activity::Status StatusOf(v1::Activity::State state) {
  switch (state) {
    case v1::Activity::UNDERWAY:
      return Activity::kImplementation;
    case v1::Activity::COMPLETED:
      return Activity::kClosed;
    case v1::Activity::CANCELLED:
      return Activity::kCancelled;
    default:
      return Activity::kPipeline;
  }
}

// The share of the `index`th of so many equal parts, such that all add up to 100.
std::string Share(size_t index, size_t parts) {
  const size_t hundredths = 10000 / parts + (index < 10000 % parts ? 1 : 0);
  return absl::StrFormat("%d.%02d", hundredths / 100, hundredths % 100);
}

Sector AreaSector(const Record& record, const v1::StrategyArea& area, std::string percentage) {
  const std::string strategy = resource::ParentOf(area.name());
  const auto found = record.strategies.find(strategy);
  return {kOwn, found == record.strategies.end() ? "" : found->second.uri(), area.name(),
          std::move(percentage), area.display_name()};
}

// The record doesn't tell how work divides between sectors or areas: in equal parts.
std::vector<Sector> SectorsOf(const Record& record, const std::set<std::string>& areas) {
  std::vector<Sector> sectors = {
      {kDac, "", "15190", Share(0, 2),
       "Facilitation of orderly, safe, regular and responsible migration and mobility"},
      {kDac, "", "15136", Share(1, 2), "Immigration"}};
  std::vector<const v1::StrategyArea*> visible;
  for (const std::string& area : areas) {
    const auto found = record.areas.find(area);
    if (found != record.areas.end()) visible.push_back(&found->second);
  }
  for (size_t i = 0; i < visible.size(); ++i) {
    sectors.push_back(AreaSector(record, *visible[i], Share(i, visible.size())));
  }
  return sectors;
}

template <typename T>
std::set<std::string> AreasOf(const T& resource) {
  return {resource.areas().begin(), resource.areas().end()};
}

std::set<std::string> AllAreas(const Record& record) {
  std::set<std::string> all;
  for (const auto& programme : record.programmes) all.merge(AreasOf(programme));
  for (const auto& activity : record.activities) all.merge(AreasOf(activity));
  return all;
}

std::string Or(const std::string& text, const std::string& otherwise) {
  return text.empty() ? otherwise : text;
}

void AddWebPage(const std::string& uri, const std::string& title,
                std::vector<DocumentLink>& documents) {
  if (!uri.empty()) documents.push_back({uri, title, kWebPage, "", ""});
}

template <typename T>
Activity Described(const Record& record, const T& resource, Omissions& omissions) {
  Activity activity;
  activity.identifier = IdentifierOf(record, resource.name());
  activity.last_updated = FormatMoment(absl::FromUnixSeconds(resource.update_time().seconds()));
  activity.title = resource.display_name();
  activity.description = Or(resource.summary(), resource.display_name());
  activity.participants = ParticipantsOf(record, resource);
  activity.sectors = SectorsOf(record, AreasOf(resource));
  activity.budgets = BudgetsOf(resource.name(), resource.budgets(), omissions);
  AddWebPage(resource.uri(), resource.display_name(), activity.documents);
  return activity;
}

Activity ActivityOf(const Record& record, const v1::Programme& programme, Omissions& omissions) {
  Activity activity = Described(record, programme, omissions);
  activity.status = StatusOf(record, programme.term());
  activity.dates = {Start(record, programme.term().start_date(), true)};
  AddEnd(record, programme.term().end_date(), true, activity.dates);
  return activity;
}

Activity ActivityOf(const Record& record, const v1::Activity& resource, Omissions& omissions) {
  Activity activity = Described(record, resource, omissions);
  const bool ended = resource.state() == v1::Activity::COMPLETED;
  const bool begun = ended || resource.state() == v1::Activity::UNDERWAY;
  activity.status = StatusOf(resource.state());
  activity.dates = {Start(record, resource.start_date(), begun)};
  AddEnd(record, resource.end_date(), ended, activity.dates);
  const std::string& region = resource.venue().region_code();
  if (region.empty()) return activity;
  // Records of before codes were judged may have any two letters. What is a region is in IATI's
  // list.
  if (WhyNotRegion(region) == nullptr) {
    activity.country = region;
  } else {
    Omit(resource.name(), IatiExport::UNKNOWN_COUNTRY, omissions);
  }
  return activity;
}

// Every day that is on record of the body's work.
std::set<std::string> Days(const Record& record) {
  std::set<std::string> days;
  const auto add = [&days](const Date& date) {
    if (IsDay(date)) days.insert(FormatDate(date));
  };
  for (const auto& programme : record.programmes) add(programme.term().start_date());
  for (const auto& activity : record.activities) add(activity.start_date());
  for (const auto& publication : record.publications) add(publication.publish_date());
  for (const auto& commitment : record.commitments) add(commitment.commit_date());
  for (const auto& disbursement : record.disbursements) add(disbursement.disburse_date());
  for (const auto& result : ResultsOf(record.figures)) {
    for (const auto& indicator : result.indicators) {
      for (const Actual& actual : indicator) days.insert(actual.first_day);
    }
  }
  return days;
}

// When the body began; where that isn't known to the day, the first day on record, which says so.
std::optional<ActivityDate> StartOfBody(const Record& record) {
  const Date& founded = record.body.term().start_date();
  if (IsDay(founded)) return Start(record, founded, true);
  const std::set<std::string> days = Days(record);
  if (days.empty()) return std::nullopt;
  ActivityDate start = Start(record, *ParseDate(*days.begin()), true);
  start.note = "The first day on record";
  return start;
}

std::optional<Activity> BodyActivity(const Record& record, Omissions& omissions) {
  const auto start = StartOfBody(record);
  if (!start) Omit(record.body.name(), IatiExport::NO_ACTIVITY_DATE, omissions);
  Activity activity;
  activity.identifier = IdentifierOf(record, record.body.name());
  activity.title = record.body.display_name();
  activity.description = Or(record.body.mandate(), record.body.display_name());
  activity.participants = ParticipantsOf(record);
  activity.status = StatusOf(record, record.body.term());
  activity.sectors = SectorsOf(record, AllAreas(record));
  activity.transactions = TransactionsOf(record, omissions);
  activity.planned = PlannedDisbursementsOf(record);
  activity.results = ResultsOf(record.figures);
  if (!start) return std::nullopt;
  activity.dates = {*start};
  AddEnd(record, record.body.term().end_date(), true, activity.dates);
  return activity;
}

// The activities of a file, which refer to each other.
class Hierarchy {
 public:
  // `root` is at the top, and is the parent of all that have no other.
  explicit Hierarchy(Activity root) { activities_.push_back(std::move(root)); }

  // Adds what `name` is reported as, below what `parent` is.
  void Add(const std::string& name, const std::string& parent, Activity activity) {
    Activity& above = Find(parent);
    activity.hierarchy = above.hierarchy + 1;
    activity.related.push_back({RelatedActivity::kParent, above.identifier});
    above.related.push_back({RelatedActivity::kChild, activity.identifier});
    places_[name] = activities_.size();
    activities_.push_back(std::move(activity));
  }

  bool Has(const std::string& name) const { return places_.contains(name); }

  // What `name` is reported as; the root when it isn't reported itself.
  Activity& Find(const std::string& name) {
    const auto found = places_.find(name);
    return activities_[found == places_.end() ? 0 : found->second];
  }

  std::vector<Activity> Take() { return std::move(activities_); }

 private:
  std::vector<Activity> activities_;
  std::map<std::string, size_t> places_;
};

// With the most particular of what a publication belongs to.
void AddPublications(const Record& record, Hierarchy& hierarchy) {
  for (const auto& publication : record.publications) {
    if (publication.uri().empty() || !publication.has_publish_date()) continue;
    const bool of_activity = hierarchy.Has(publication.activity());
    hierarchy.Find(of_activity ? publication.activity() : publication.programme())
        .documents.push_back({publication.uri(), publication.display_name(), kOutputs,
                              publication.language_code(),
                              DayOf(publication.publish_date()).value_or("")});
  }
}

}  // namespace

std::vector<Activity> ActivitiesOf(const Record& record, Omissions& omissions) {
  auto root = BodyActivity(record, omissions);
  const bool empty = !root;
  Hierarchy hierarchy(root ? *std::move(root) : Activity());
  for (const auto& programme : record.programmes) {
    if (IsDay(programme.term().start_date())) {
      hierarchy.Add(programme.name(), "", ActivityOf(record, programme, omissions));
    } else {
      Omit(programme.name(), IatiExport::NO_ACTIVITY_DATE, omissions);
    }
  }
  for (const auto& activity : record.activities) {
    if (IsDay(activity.start_date())) {
      hierarchy.Add(activity.name(), activity.programme(), ActivityOf(record, activity, omissions));
    } else {
      Omit(activity.name(), IatiExport::NO_ACTIVITY_DATE, omissions);
    }
  }
  AddPublications(record, hierarchy);
  return empty ? std::vector<Activity>() : hierarchy.Take();
}

std::vector<DocumentLink> DocumentsOf(const Record& record) {
  std::vector<DocumentLink> documents;
  const auto add = [&documents](const auto& text) {
    if (!text.uri().empty()) {
      documents.push_back({text.uri(), text.display_name(), kStrategyPaper, "", ""});
    }
  };
  for (const auto& [name, strategy] : record.strategies) {
    if (strategy.body() == record.body.name()) add(strategy);
  }
  for (const auto& plan : record.work_plans) add(plan);
  return documents;
}

}  // namespace baliprocess::capacity::iati
