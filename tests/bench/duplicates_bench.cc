// What a page of duplicates costs among 100,000 practitioners against one among 10,000, on SQLite,
// through the engine: the same hundred persons were entered twice in both. The goal is a ratio of
// at most 1.5.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "services/capacity/service.h"
#include "tests/bench/bench_store.h"

namespace baliprocess::capacity {
namespace {

using bench::BenchStore;

constexpr int kFew = 10'000;
constexpr int kMany = 100'000;
constexpr int kTwice = 100;
constexpr int kRuns = 15;
constexpr double kMostRatio = 1.5;

// The first two hundred are the hundred persons who are there twice.
std::unique_ptr<google::protobuf::Message> PractitionerOf(int row) {
  const int person = row < 2 * kTwice ? row / 2 : row;
  auto practitioner = std::make_unique<v1::Practitioner>();
  practitioner->set_name(absl::StrCat("practitioners/p", row));
  practitioner->set_member("members/m");
  practitioner->set_visibility(api::v1::Visibility::RESTRICTED);
  for (const char* kind : {"member", "birth", "email"}) {
    practitioner->add_identity_hashes(absl::StrCat(kind, " ", person));
  }
  return practitioner;
}

double TimeOfPage(int practitioners) {
  BenchStore store(kSchemaVersion, Resources, Methods);
  store.Fill(0, practitioners, PractitionerOf);
  const v1::FindDuplicatePractitionersRequest request;
  v1::FindDuplicatePractitionersResponse reply;
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    times.push_back(
        store.Call("FindDuplicatePractitioners", request, reply, api::v1::Access::SECRETARIAT));
  }
  if (reply.groups_size() != kTwice) bench::Require(absl::InternalError("duplicates are missed"));
  return bench::Median(std::move(times)) / 1000;
}

bool Run() {
  const double few = TimeOfPage(kFew);
  const double many = TimeOfPage(kMany);
  std::printf("among %d: %.2f ms, among %d: %.2f ms, ratio %.2f (goal: at most %.1f)\n", kFew, few,
              kMany, many, many / few, kMostRatio);
  return many / few <= kMostRatio;
}

}  // namespace
}  // namespace baliprocess::capacity

int main() { return baliprocess::capacity::Run() ? 0 : 1; }
