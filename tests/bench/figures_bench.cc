// What the figures of one year cost with ten years of records around them against that year alone,
// on SQLite, through the engine: a million participations against a hundred thousand, of which the
// year has the same. The goals are a ratio of at most 1.5, at most 50 ms for an observer when
// nothing is kept from before, and at most 1 ms for anybody when it is: then it costs a look for
// changes.
//
//   figures_bench [--participations=1000000]

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "services/capacity/service.h"
#include "tests/bench/bench_store.h"

ABSL_FLAG(int, participations, 1'000'000, "participations in the large store");

namespace baliprocess::capacity {
namespace {

using bench::BenchStore;

constexpr int kYears = 10;
constexpr int kFirstYear = 2015;
constexpr int kYear = 2019;  // with years before and after it
constexpr int kWorkshopsPerYear = 50;
constexpr int kPractitioners = 20'000;
constexpr int kMembers = 45;
constexpr int kAgencies = 4 * kMembers;
constexpr int kRuns = 15;
constexpr double kMostRatio = 1.5;
constexpr double kMostMade = 50;  // ms
constexpr double kMostKept = 1;

std::string PractitionerName(int row) { return absl::StrCat("practitioners/p", row); }
std::string MemberName(int row) { return absl::StrCat("members/m", row % kMembers); }

std::unique_ptr<google::protobuf::Message> PractitionerOf(int row) {
  auto practitioner = std::make_unique<v1::Practitioner>();
  practitioner->set_name(PractitionerName(row));
  practitioner->set_member(MemberName(row));
  practitioner->set_visibility(api::v1::Visibility::RESTRICTED);
  // One in twenty was entered twice.
  if (row % 20 == 1) {
    practitioner->set_merged_into(PractitionerName(row - 1));
    practitioner->set_survivor(PractitionerName(row - 1));
  }
  return practitioner;
}

std::unique_ptr<google::protobuf::Message> WorkshopOf(int row) {
  auto workshop = std::make_unique<v1::Activity>();
  workshop->set_name(absl::StrCat("activities/w", row));
  workshop->set_body("bodies/rso");
  workshop->set_kind(row % 2 == 0 ? v1::Activity::WORKSHOP : v1::Activity::TRAINING);
  workshop->set_state(v1::Activity::COMPLETED);
  workshop->set_display_name("A workshop");
  workshop->set_visibility(api::v1::Visibility::PUBLIC);
  workshop->mutable_start_date()->set_year(kFirstYear + row / kWorkshopsPerYear);
  workshop->mutable_start_date()->set_month(1 + row % 12);
  return workshop;
}

std::unique_ptr<google::protobuf::Message> ParticipationOf(int row, int per_workshop) {
  auto participation = std::make_unique<v1::Participation>();
  participation->set_name(
      absl::StrCat("activities/w", row / per_workshop, "/participations/p", row % per_workshop));
  const int practitioner = static_cast<int>(int64_t{row} * 7919 % kPractitioners);
  participation->set_practitioner(PractitionerName(practitioner));
  participation->set_member(MemberName(practitioner));
  participation->set_agency(absl::StrCat("Agency ", practitioner % kAgencies));
  participation->set_from_state(true);
  participation->set_role(v1::Participation::TRAINEE);
  participation->set_attendance(v1::Participation::ATTENDED);
  participation->set_visibility(api::v1::Visibility::RESTRICTED);
  return participation;
}

// With the years from `first` to `last`, each with its workshops and their participations.
std::unique_ptr<BenchStore> StoreOf(int first, int last, int per_workshop) {
  auto store = std::make_unique<BenchStore>(kSchemaVersion, Resources, Methods);
  const int from = (first - kFirstYear) * kWorkshopsPerYear;
  const int to = (last + 1 - kFirstYear) * kWorkshopsPerYear;
  store->Fill(0, kPractitioners, PractitionerOf);
  store->Fill(from, to, WorkshopOf);
  store->Fill(from * per_workshop, to * per_workshop,
              [&](int row) { return ParticipationOf(row, per_workshop); });
  return store;
}

struct Question {
  const char* name;
  const char* method;
  std::unique_ptr<google::protobuf::Message> request;
  std::unique_ptr<google::protobuf::Message> reply;
  api::v1::Access::Role asker;
};

std::vector<Question> Questions() {
  common::v1::Term year;
  year.mutable_start_date()->set_year(kYear);
  year.mutable_end_date()->set_year(kYear);
  v1::GetFiguresRequest figures;
  figures.set_body("bodies/rso");
  *figures.mutable_period() = year;
  v1::CountPractitionersRequest counts;
  *counts.mutable_period() = year;
  counts.set_group_by(v1::CountPractitionersRequest::MEMBER);
  std::vector<Question> questions;
  for (const auto asker : {api::v1::Access::OBSERVER, api::v1::Access::PUBLIC}) {
    const bool as_observer = asker == api::v1::Access::OBSERVER;
    questions.push_back({as_observer ? "figures, observer" : "figures, public", "GetFigures",
                         std::make_unique<v1::GetFiguresRequest>(figures),
                         std::make_unique<v1::Figures>(), asker});
    questions.push_back({as_observer ? "counts, observer" : "counts, public", "CountPractitioners",
                         std::make_unique<v1::CountPractitionersRequest>(counts),
                         std::make_unique<v1::PractitionerCounts>(), asker});
  }
  return questions;
}

// The medians of the milliseconds that an answer takes after a change, and when it is kept.
struct Times {
  double made = 0;
  double kept = 0;
};

Times Ask(BenchStore& store, Question& question, std::string& reply) {
  const auto ask = [&] {
    return store.Call(question.method, *question.request, *question.reply, question.asker) / 1000;
  };
  std::vector<double> made;
  std::vector<double> kept;
  for (int run = 0; run < kRuns; ++run) {
    store.LogChange(*PractitionerOf(0));
    made.push_back(ask());
    reply = question.reply->SerializeAsString();
    kept.push_back(ask());
    if (question.reply->SerializeAsString() != reply) {
      bench::Require(absl::InternalError("what was kept is another answer"));
    }
  }
  return {bench::Median(std::move(made)), bench::Median(std::move(kept))};
}

bool Run(int participations) {
  const int per_workshop = participations / kYears / kWorkshopsPerYear;
  std::printf("loading %d participations\n", participations);
  std::fflush(stdout);
  const auto alone = StoreOf(kYear, kYear, per_workshop);
  const auto among = StoreOf(kFirstYear, kFirstYear + kYears - 1, per_workshop);
  std::printf("%-20s %14s %14s %7s %9s\n", "", "alone, ms", "ten years, ms", "ratio", "kept, ms");
  bool fine = true;
  for (Question& question : Questions()) {
    std::string reply_alone;
    std::string reply_among;
    const Times before = Ask(*alone, question, reply_alone);
    const Times after = Ask(*among, question, reply_among);
    if (reply_among != reply_alone) {
      bench::Require(absl::InternalError("the year has other figures among others"));
    }
    const double ratio = after.made / before.made;
    std::printf("%-20s %14.1f %14.1f %7.2f %9.3f\n", question.name, before.made, after.made, ratio,
                after.kept);
    const bool fast = question.asker == api::v1::Access::PUBLIC || after.made <= kMostMade;
    fine = fine && ratio <= kMostRatio && fast && after.kept <= kMostKept;
  }
  std::printf("goals: ratio at most %.1f, observer at most %.0f ms, kept at most %.0f ms\n",
              kMostRatio, kMostMade, kMostKept);
  return fine;
}

}  // namespace
}  // namespace baliprocess::capacity

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return baliprocess::capacity::Run(absl::GetFlag(FLAGS_participations)) ? 0 : 1;
}
