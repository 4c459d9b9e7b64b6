// What a page of a list costs as the store grows: 100 resources of a million against 100 of a
// thousand, on SQLite, through the engine. Keyset paging and indexes keep the ratio near 1; the
// goal is at most 3.
//
//   list_bench [--rows=1000000]

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/table.h"
#include "services/membership/service.h"

ABSL_FLAG(int, rows, 1'000'000, "seats in the large store");

namespace baliprocess::membership {
namespace {

constexpr int kSmallStore = 1'000;
constexpr int kMembers = 50;
constexpr int kRowsPerTransaction = 20'000;
constexpr int kPages = 200;

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "list_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

// Spread over the names, so that no member's seats lie together.
std::string MemberOf(int row) { return absl::StrCat("members/m", row * 7919 % kMembers); }

v1::Seat SeatOf(int row) {
  v1::Seat seat;
  seat.set_name(absl::StrCat("bodies/b", row % 10, "/seats/s", 10'000'000 + row));
  seat.set_uid(absl::StrCat("uid-", row));
  seat.set_etag("etag");
  seat.set_member(MemberOf(row));
  seat.set_role(v1::Seat::PARTICIPANT);
  seat.set_visibility(api::v1::Visibility::PUBLIC);
  seat.mutable_term()->mutable_start_date()->set_year(1 + row % 9999);
  seat.set_basis("Decision of the senior officials");
  return seat;
}

class Store {
 public:
  explicit Store(int rows)
      : directory_(std::filesystem::temp_directory_path() / "list-bench-XXXXXX") {
    if (mkdtemp(directory_.data()) == nullptr) Require(absl::InternalError("mkdtemp failed"));
    auto database = storage::Database::Open(directory_ + "/store.db");
    Require(database.status());
    database_ = *std::move(database);
    auto engine = resource::Engine::Create(Resources().value(), *database_,
                                           {.schema_version = kSchemaVersion, .ask_peer = {}});
    Require(engine.status());
    engine_ = *std::move(engine);
    table_ = std::make_unique<rpc::MethodTable>(Methods(*engine_));
    Fill(rows);
  }
  ~Store() {
    engine_.reset();
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // The median microseconds of a page, of pages one after the other from the start of the list.
  double MicrosecondsPerPage(const v1::ListSeatsRequest& query) {
    const auto& entry = table_->entries().at(table_->service()->FindMethodByName("ListSeats"));
    rpc::Call call;
    call.method = entry.method;
    call.caller.subject = "reader";
    call.caller.roles |= 1u << api::v1::OBSERVER;
    v1::ListSeatsRequest request = query;
    std::vector<double> times;
    for (int page = 0; page < kPages; ++page) {
      v1::ListSeatsResponse reply;
      const auto start = std::chrono::steady_clock::now();
      Require(entry.unary(call, request, reply));
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - start;
      // A last page that isn't full would flatter.
      if (reply.seats_size() == query.page_size()) times.push_back(took.count());
      request.set_page_token(reply.next_page_token());
    }
    if (times.empty()) Require(absl::InternalError("no page was full"));
    std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
    return times[times.size() / 2];
  }

 private:
  void Fill(int rows) {
    const auto insert = [&](const google::protobuf::Message& message, storage::Transaction& tx) {
      return resource::Insert(tx, *engine_->registry().Find(message.GetDescriptor()),
                              {kSchemaVersion}, message);
    };
    Require(database_->Write([&](storage::Transaction& tx) -> absl::Status {
      for (int i = 0; i < 10; ++i) {
        v1::Body body;
        body.set_name(absl::StrCat("bodies/b", i));
        body.set_visibility(api::v1::Visibility::PUBLIC);
        RETURN_IF_ERROR(insert(body, tx));
      }
      return absl::OkStatus();
    }));
    for (int from = 0; from < rows; from += kRowsPerTransaction) {
      Require(database_->Write([&](storage::Transaction& tx) -> absl::Status {
        for (int row = from; row < std::min(rows, from + kRowsPerTransaction); ++row) {
          RETURN_IF_ERROR(insert(SeatOf(row), tx));
        }
        return absl::OkStatus();
      }));
    }
  }

  std::string directory_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<rpc::MethodTable> table_;
};

v1::ListSeatsRequest Query(const char* parent, const char* filter, int page_size) {
  v1::ListSeatsRequest request;
  request.set_parent(parent);
  request.set_filter(filter);
  request.set_page_size(page_size);
  return request;
}

void Run(int rows) {
  Store small(kSmallStore);
  std::printf("loading %d seats\n", rows);
  std::fflush(stdout);
  Store large(rows);
  // The indexed filter selects 20 of the thousand, so its pages are of 20 in both.
  const std::pair<const char*, v1::ListSeatsRequest> queries[] = {
      {"100 by name, one body", Query("bodies/b3", "", 100)},
      {"100 by name, all bodies", Query("bodies/-", "", 100)},
      {"20 of a member, all bodies", Query("bodies/-", "member = 'members/m7'", 20)}};
  std::printf("%-28s %14s %14s %7s\n", "page", "1000 rows, us", "large, us", "ratio");
  for (const auto& [name, query] : queries) {
    const double before = small.MicrosecondsPerPage(query);
    const double after = large.MicrosecondsPerPage(query);
    std::printf("%-28s %14.0f %14.0f %7.2f\n", name, before, after, after / before);
  }
  std::printf("goal: ratio at most 3\n");
}

}  // namespace
}  // namespace baliprocess::membership

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  baliprocess::membership::Run(absl::GetFlag(FLAGS_rows));
}
