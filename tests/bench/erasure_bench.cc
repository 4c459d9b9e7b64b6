// How long others wait to write while a person, or a name, is erased from 200,000 kept replies and
// as many changes, of which one in a hundred has the person: on SQLite, through the engine. The
// goal is that none waits a quarter of a second.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/steady_time.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

constexpr int kRows = 200'000;
constexpr int kOneIn = 100;
constexpr absl::Duration kLongest = absl::Milliseconds(250);

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

class Bench {
 public:
  Bench() : service_(store_.Open(), clock_) {
    Call("CreateMember", R"(member_id: 'aus' member { kind: STATE category: FULL_MEMBER
        display_name: 'Australia' region_code: 'AU' })");
    Call("CreateBody", "body_id: 'b' body { kind: AD_HOC_GROUP display_name: 'B' }");
    for (const char* id : {"one", "two"}) {
      Call("CreateOfficial", absl::StrCat("official_id: '", id, "' official { display_name: '", id,
                                          " Somebody' member: 'members/aus' position_title: '",
                                          std::string(100, 'x'), "' }"));
    }
    Require(service_.database().Write([](storage::Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(
          tx.Execute(Fill("replays", "'copy-' || i, method, request_hash, reply, reply_time, ''",
                          "caller, request_id, method, request_hash, reply, "
                          "reply_time, resource",
                          "caller"))
              .status());
      return tx
          .Execute(Fill("changes",
                        "change_time, kind, type, resource, actor, method, after_body, "
                        "surroundings",
                        "epoch, change_time, kind, type, resource, actor, method, after_body, "
                        "surroundings",
                        "epoch"))
          .status();
    }));
    // What was filled in is copied from the log into the file, which the next write waits for.
    Call("UpdateBody", "body { name: 'bodies/b' display_name: 'C' }");
  }

  void Call(const std::string& method, const std::string& request) {
    Require(service_.CallText(testing::Secretariat(), method, request).status());
  }

  // Calls a method, and writes meanwhile. Whether no write took too long.
  bool During(const std::string& method, const std::string& request) {
    std::atomic<bool> over = false;
    std::vector<absl::Duration> took;
    std::thread others([&] {
      for (int i = 0; !over; ++i) {
        const SteadyTime from = SteadyNow();
        Call("UpdateBody", absl::StrCat("body { name: 'bodies/b' display_name: '", i, "' }"));
        took.push_back(Since(from));
      }
    });
    const SteadyTime from = SteadyNow();
    Call(method, request);
    const absl::Duration erased = Since(from);
    over = true;
    others.join();
    std::sort(took.begin(), took.end());
    std::printf("%s: %s; %zu writes meanwhile: p50 %s, p99 %s, longest %s (goal: at most %s)\n",
                method.c_str(), Text(erased).c_str(), took.size(),
                Text(took[took.size() / 2]).c_str(), Text(took[took.size() * 99 / 100]).c_str(),
                Text(took.back()).c_str(), Text(kLongest).c_str());
    return took.back() <= kLongest;
  }

 private:
  // Copies of what was recorded of the two officials, the first one in a hundred times.
  static std::string Fill(const std::string& table, const std::string& values,
                          const std::string& columns, const std::string& first) {
    return absl::StrCat(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ", kRows,
        ") INSERT INTO ", table, " (", columns, ") SELECT ", first, ", ", values,
        " FROM n CROSS JOIN ", table, " AS copied WHERE copied.resource = CASE WHEN i % ", kOneIn,
        " = 0 THEN 'officials/one' ELSE 'officials/two' END");
  }

  static std::string Text(absl::Duration time) {
    return absl::FormatDuration(absl::Trunc(time, absl::Microseconds(10)));
  }

  FakeClock clock_{absl::FromUnixSeconds(1714640400)};
  const testing::TestStore store_{testing::kSqlite};
  Service service_;
};

}  // namespace
}  // namespace baliprocess::membership

int main() {
  baliprocess::membership::Bench bench;
  const bool person = bench.During("EraseOfficial", "name: 'officials/one'");
  const bool name = bench.During("EraseNames", "display_name: 'two Somebody'");
  return person && name ? 0 : 1;
}
