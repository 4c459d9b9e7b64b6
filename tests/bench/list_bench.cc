// What a page of a list costs as the store grows: 100 resources of a million against 100 of a
// thousand, on SQLite, through the engine. Keyset paging and indexes keep the ratio near 1; the
// goal is at most 3.
//
//   list_bench [--rows=1000000]

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "services/membership/service.h"
#include "tests/bench/bench_store.h"

ABSL_FLAG(int, rows, 1'000'000, "seats in the large store");

namespace baliprocess::membership {
namespace {

using bench::BenchStore;

constexpr int kSmallStore = 1'000;
constexpr int kBodies = 10;
constexpr int kMembers = 50;
constexpr int kPages = 200;
constexpr double kMostRatio = 3;

std::unique_ptr<google::protobuf::Message> BodyOf(int row) {
  auto body = std::make_unique<v1::Body>();
  body->set_name(absl::StrCat("bodies/b", row));
  body->set_visibility(api::v1::Visibility::PUBLIC);
  return body;
}

// Spread over the names, so that no member's seats lie together.
std::string MemberOf(int row) { return absl::StrCat("members/m", row * 7919 % kMembers); }

std::unique_ptr<google::protobuf::Message> SeatOf(int row) {
  auto seat = std::make_unique<v1::Seat>();
  seat->set_name(absl::StrCat("bodies/b", row % kBodies, "/seats/s", 10'000'000 + row));
  seat->set_uid(absl::StrCat("uid-", row));
  seat->set_etag("etag");
  seat->set_member(MemberOf(row));
  seat->set_role(v1::Seat::PARTICIPANT);
  seat->set_visibility(api::v1::Visibility::PUBLIC);
  seat->mutable_term()->mutable_start_date()->set_year(1 + row % 9999);
  seat->set_basis("Decision of the senior officials");
  return seat;
}

std::unique_ptr<BenchStore> StoreOf(int rows) {
  auto store = std::make_unique<BenchStore>(kSchemaVersion, Resources, Methods);
  store->Fill(0, kBodies, BodyOf);
  store->Fill(0, rows, SeatOf);
  return store;
}

// The median microseconds of a page, of pages one after the other from the start of the list.
double MicrosecondsPerPage(BenchStore& store, const v1::ListSeatsRequest& query) {
  v1::ListSeatsRequest request = query;
  std::vector<double> times;
  for (int page = 0; page < kPages; ++page) {
    v1::ListSeatsResponse reply;
    const double took = store.Call("ListSeats", request, reply);
    // A last page that isn't full would flatter.
    if (reply.seats_size() == query.page_size()) times.push_back(took);
    request.set_page_token(reply.next_page_token());
  }
  if (times.empty()) bench::Require(absl::InternalError("no page was full"));
  return bench::Median(std::move(times));
}

v1::ListSeatsRequest Query(const char* parent, const char* filter, int page_size) {
  v1::ListSeatsRequest request;
  request.set_parent(parent);
  request.set_filter(filter);
  request.set_page_size(page_size);
  return request;
}

bool Run(int rows) {
  const auto small = StoreOf(kSmallStore);
  std::printf("loading %d seats\n", rows);
  std::fflush(stdout);
  const auto large = StoreOf(rows);
  // The indexed filter selects 20 of the thousand, so its pages are of 20 in both.
  const std::pair<const char*, v1::ListSeatsRequest> queries[] = {
      {"100 by name, one body", Query("bodies/b3", "", 100)},
      {"100 by name, all bodies", Query("bodies/-", "", 100)},
      {"20 of a member, all bodies", Query("bodies/-", "member = 'members/m7'", 20)}};
  std::printf("%-28s %14s %14s %7s\n", "page", "1000 rows, us", "large, us", "ratio");
  bool fine = true;
  for (const auto& [name, query] : queries) {
    const double before = MicrosecondsPerPage(*small, query);
    const double after = MicrosecondsPerPage(*large, query);
    std::printf("%-28s %14.0f %14.0f %7.2f\n", name, before, after, after / before);
    fine = fine && after / before <= kMostRatio;
  }
  std::printf("goal: ratio at most %.0f\n", kMostRatio);
  return fine;
}

}  // namespace
}  // namespace baliprocess::membership

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return baliprocess::membership::Run(absl::GetFlag(FLAGS_rows)) ? 0 : 1;
}
