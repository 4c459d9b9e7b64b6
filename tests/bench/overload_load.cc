// Offers membership batches of ten new seats, and says how many it made in time.
//
//   overload_load ADDRESS TOKEN prepare             makes the bodies and members first
//
//   overload_load ADDRESS TOKEN closed SECONDS FIRST  64 callers, each with one call at a time
//   overload_load ADDRESS TOKEN RATE SECONDS FIRST    RATE calls a second, whatever becomes of them
//
// Calls at a rate have a deadline of a second. Prints one line: calls made, done in time, refused,
// late, failed otherwise, and the seconds it took. The first second isn't counted. FIRST is the
// number of the first call: no two calls to a store have the same.

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "tests/bench/load_calls.h"

namespace {

namespace load = baliprocess::load;
namespace v1 = baliprocess::membership::v1;

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr int kConnections = 8;
constexpr int kBodies = 200;
constexpr int kMembers = 10;
constexpr int kCallers = 64;
constexpr auto kDeadline = seconds(1);
constexpr auto kPatience = seconds(20);
constexpr char kService[] = "/baliprocess.membership.v1.MembershipService/";

struct Counts {
  std::atomic<int64_t> made{0}, done{0}, refused{0}, late{0}, failed{0};
};

class Load {
 public:
  Load(const std::string& address, const std::string& token)
      : token_("Bearer " + token), stubs_(load::Connect(address, kConnections)) {}

  // Bodies and members for the seats.
  bool Prepare() { return load::PrepareForSeats(*stubs_[0], kService, token_, kBodies, kMembers); }

  // Makes the n-th call; `then` runs when it is over.
  void Make(int64_t n, std::chrono::seconds deadline, bool counts, std::function<void()> then) {
    ++under_way_;
    if (counts) ++counts_.made;
    load::Start(*stubs_[n % kConnections], absl::StrCat(kService, "BatchCreateSeats"), token_,
                Request(n), deadline,
                [=, this](const grpc::Status& status, const grpc::ByteBuffer&) {
                  if (counts) Count(status);
                  if (then) then();
                  --under_way_;
                });
  }

  void WaitForAll() {
    while (under_way_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void Print(double took) const {
    std::printf("%lld %lld %lld %lld %lld %.3f\n", Of(counts_.made), Of(counts_.done),
                Of(counts_.refused), Of(counts_.late), Of(counts_.failed), took);
  }

 private:
  static long long Of(const std::atomic<int64_t>& count) { return count.load(); }

  // All of one body, in a year that no other call has.
  grpc::ByteBuffer Request(int64_t n) const {
    v1::BatchCreateSeatsRequest request;
    request.set_parent(absl::StrCat("bodies/b", n % kBodies));
    for (int i = 0; i < kMembers; ++i) {
      auto& one = *request.add_requests();
      one.set_parent(request.parent());
      auto& seat = *one.mutable_seat();
      seat.set_member(absl::StrCat("members/m", i));
      seat.set_role(v1::Seat::PARTICIPANT);
      const auto year = static_cast<int>(1 + n / kBodies % 9999);
      seat.mutable_term()->mutable_start_date()->set_year(year);
      seat.mutable_term()->mutable_end_date()->set_year(year);
      seat.set_basis("Decision of the senior officials");
    }
    return load::Bytes(request);
  }

  void Count(const grpc::Status& status) {
    switch (status.error_code()) {
      case grpc::StatusCode::OK:
        ++counts_.done;
        break;
      case grpc::StatusCode::RESOURCE_EXHAUSTED:
        ++counts_.refused;
        break;
      case grpc::StatusCode::DEADLINE_EXCEEDED:
        ++counts_.late;
        break;
      default:
        if (++counts_.failed == 1) {
          std::fprintf(stderr, "overload_load: %d %s\n", status.error_code(),
                       status.error_message().c_str());
        }
    }
  }

  const std::string token_;
  load::Stubs stubs_;
  std::atomic<int> under_way_{0};
  Counts counts_;
};

void RunClosed(Load& load, int how_long, int64_t first) {
  std::atomic<int64_t> next{first};
  const auto counted = Clock::now() + seconds(1);
  const auto end = counted + seconds(how_long);
  std::function<void()> go = [&] {
    const auto now = Clock::now();
    if (now < end) load.Make(next++, kPatience, now >= counted, go);
  };
  for (int i = 0; i < kCallers; ++i) go();
  std::this_thread::sleep_until(end);
  load.WaitForAll();
  load.Print(how_long);
}

void RunOpen(Load& load, int rate, int how_long, int64_t first) {
  const auto start = Clock::now();
  const int64_t all = int64_t{rate} * (how_long + 1);
  for (int64_t n = 0; n < all; ++n) {
    std::this_thread::sleep_until(start + std::chrono::nanoseconds(1'000'000'000 / rate) * n);
    load.Make(first + n, kDeadline, n >= rate, nullptr);
  }
  const std::chrono::duration<double> took = Clock::now() - start - seconds(1);
  load.WaitForAll();
  load.Print(took.count());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 3 ? argv[3] : "";
  if (argc != (what == "prepare" ? 4 : 6)) {
    std::fprintf(stderr, "usage: overload_load ADDRESS TOKEN prepare|closed|RATE SECONDS FIRST\n");
    return 2;
  }
  Load load(argv[1], argv[2]);
  if (what == "prepare") return load.Prepare() ? 0 : 1;
  const int how_long = std::atoi(argv[4]);
  const int64_t first = std::atoll(argv[5]);
  if (what == "closed") {
    RunClosed(load, how_long, first);
  } else {
    RunOpen(load, std::atoi(argv[3]), how_long, first);
  }
}
