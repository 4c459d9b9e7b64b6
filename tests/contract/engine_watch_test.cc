// WatchChanges: every change, once, in order, from wherever the reader left off.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"

#include "tests/contract/membership_fixture.h"
#include "tests/contract/threads.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {
namespace {

using common::v1::Change;
using common::v1::WatchChangesRequest;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::InParallel;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::WatchReader;

// Changes as text, to compare. Tokens differ each time they are made.
std::vector<std::string> Lines(const std::vector<Change>& changes) {
  std::vector<std::string> lines;
  for (const Change& change : changes) {
    lines.push_back(absl::StrCat(Change::Kind_Name(change.kind()), " ", change.resource(), " ",
                                 std::hash<std::string>()(change.after().value())));
  }
  return lines;
}

WatchChangesRequest FromStart() {
  WatchChangesRequest request;
  request.set_from_start(true);
  return request;
}
WatchChangesRequest ResumeAt(const std::string& token) {
  WatchChangesRequest request;
  request.set_resume_token(token);
  return request;
}

class WatchTest : public MembershipTest {
 protected:
  // `writers` threads at work on few resources, then a last change of `bodies/end`.
  static void WriteAtOnce(Service& service, int writers, int each, int first = 0) {
    InParallel(writers, [&](int writer) {
      for (int n = 0; n < each;) {
        const std::string name = absl::StrCat("bodies/b", (writer + n) % 4);
        v1::UpdateBodyRequest request;
        request.set_allow_missing(true);
        request.mutable_body()->set_name(name);
        request.mutable_body()->set_kind(v1::Body::TASK_FORCE);
        request.mutable_body()->set_display_name(
            absl::StrCat("By ", first + writer, " number ", n));
        const auto body = service.Call<v1::Body>(Secretariat(), "UpdateBody", request);
        if (ReasonOf(body.status()) == api::v1::Error::CONFLICT) continue;
        ASSERT_OK(body);
        ++n;
      }
    });
  }

  // Each version of a resource follows from the one before.
  static void ExpectChained(const std::vector<Change>& changes) {
    std::map<std::string, std::string> latest;
    for (const Change& change : changes) {
      std::string& last = latest[change.resource()];
      EXPECT_EQ(change.before().value(), last) << change.resource();
      last = change.after().value();
    }
  }
};

TEST_P(WatchTest, MissesNothingAndRepeatsNothingWhileEightWrite) {
  WatchReader reader(*service_, Secretariat());
  ASSERT_OK(reader.status());
  constexpr int kWriters = 8;
  constexpr int kEach = 12;
  std::thread writers([&] {
    WriteAtOnce(*service_, kWriters, kEach);
    AddBody("end");
  });
  const std::vector<Change> changes = reader.ReadThrough("bodies/end");
  writers.join();
  ASSERT_OK(reader.status());
  EXPECT_THAT(changes, SizeIs(kWriters * kEach + 1));
  ExpectChained(changes);

  // Who comes later, or goes on from anywhere, sees the same.
  WatchReader later(*service_, Secretariat(), FromStart());
  EXPECT_EQ(Lines(later.ReadThrough("bodies/end")), Lines(changes));
  Restart();
  for (const size_t at : {size_t{0}, changes.size() / 3, changes.size() - 2}) {
    WatchReader resumed(*service_, Secretariat(), ResumeAt(changes[at].resume_token()));
    EXPECT_EQ(Lines(resumed.ReadThrough("bodies/end")),
              Lines({changes.begin() + at + 1, changes.end()}));
  }
  EXPECT_EQ(Lines(Changes()), Lines(changes));
}

TEST_P(WatchTest, ReplicasShareTheLog) {
  if (store_.is_sqlite()) GTEST_SKIP() << "a file belongs to one process";
  Service other(store_.Open(), clock_);
  WatchReader here(*service_, Secretariat());
  WatchReader there(other, Secretariat());
  std::thread writers([&] {
    std::thread second([&] { WriteAtOnce(other, 4, 10, 4); });
    WriteAtOnce(*service_, 4, 10);
    second.join();
    AddBody("end");
  });
  const std::vector<Change> seen_here = here.ReadThrough("bodies/end");
  const std::vector<Change> seen_there = there.ReadThrough("bodies/end");
  writers.join();
  EXPECT_THAT(seen_here, SizeIs(81));
  EXPECT_EQ(Lines(seen_there), Lines(seen_here));
  ExpectChained(seen_here);
  WatchReader resumed(other, Secretariat(), ResumeAt(seen_here[40].resume_token()));
  EXPECT_THAT(resumed.ReadThrough("bodies/end"), SizeIs(40));
}

TEST_P(WatchTest, BeginsWithWhatComesNext) {
  AddBody("before");
  WatchReader reader(*service_, Secretariat());
  const std::string token = reader.resume_token();
  EXPECT_FALSE(token.empty());
  AddBody("after");
  EXPECT_THAT(reader.ReadThrough("bodies/after"), SizeIs(1));
  WatchReader again(*service_, Secretariat(), ResumeAt(token));
  EXPECT_THAT(again.ReadThrough("bodies/after"), SizeIs(1));
}

TEST_P(WatchTest, ReadsPageAfterPage) {
  AddBody("ahg");
  for (int i = 0; i < 600; ++i) {
    ASSERT_OK(Try("UpdateBody", absl::StrCat("body { name: 'bodies/ahg' mandate: '", i, "' }")));
  }
  AddBody("end");
  WatchReader reader(*service_, Secretariat(), FromStart());
  const auto changes = reader.ReadThrough("bodies/end");
  EXPECT_THAT(changes, SizeIs(602));
  ExpectChained({changes.begin(), changes.end() - 1});
}

TEST_P(WatchTest, FiltersByType) {
  WatchChangesRequest request;
  request.add_types("baliprocess.net/Member");
  WatchReader reader(*service_, Secretariat(), request);
  AddBody("ahg");
  AddState("aus", "AU");
  EXPECT_THAT(reader.ReadThrough("members/aus"), SizeIs(1));
}

// Or a reader would learn when records that it may not see are worked on.
TEST_P(WatchTest, WhatIsLeftOutSaysNothing) {
  WatchChangesRequest request;
  request.add_types("baliprocess.net/Member");
  auto source = service_->Watch(Secretariat(), request);
  ASSERT_OK(source);
  common::v1::WatchChangesResponse message;
  ASSERT_OK((*source)->Pull(message));
  AddBody("ahg");
  ASSERT_OK_AND_ASSIGN(const auto idle, (*source)->Pull(message));
  EXPECT_EQ(idle, rpc::StreamSource::Next::kIdle);
}

// A watch that was told nothing yet, and counts its wakes.
class WokenWatch {
 public:
  WokenWatch(Service& service, const auth::Caller& caller) {
    auto source = service.Watch(caller, {}, [this] {
      const std::lock_guard lock(mutex_);
      ++wakes_;
      woken_.notify_all();
    });
    EXPECT_OK(source);
    source_ = *std::move(source);
    EXPECT_NE(Next(), nullptr);
  }
  // The bytes of what it is told now; nullptr for nothing.
  rpc::SharedBytes Next() {
    rpc::SharedBytes bytes;
    EXPECT_OK(source_->PullBytes(bytes));
    return bytes;
  }
  int wakes() {
    const std::lock_guard lock(mutex_);
    return wakes_;
  }
  // Waits until it was woken more often than `before`, and there is something for it.
  rpc::SharedBytes NextAfter(int before) {
    for (int i = 0; i < 20; ++i) {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, std::chrono::seconds(2), [&] { return wakes_ > before; });
      before = wakes_;
      lock.unlock();
      if (rpc::SharedBytes bytes = Next()) return bytes;
    }
    return nullptr;
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  int wakes_ = 0;
  std::unique_ptr<rpc::StreamSource> source_;  // last: it ends before the waker's state goes
};

TEST_P(WatchTest, ReadersOfOneClearanceShareWhatWasRead) {
  WokenWatch first(*service_, Observer());
  WokenWatch second(*service_, Observer());
  WokenWatch other(*service_, Secretariat());
  // The same memory, unless a bell that rang meanwhile had it read again: then the next time.
  bool shared = false;
  for (int i = 0; i < 20 && !shared; ++i) {
    const int wakes = first.wakes();
    AddBody(absl::StrCat("b", i));
    const rpc::SharedBytes bytes = first.NextAfter(wakes);
    ASSERT_NE(bytes, nullptr);
    const rpc::SharedBytes again = second.Next();
    ASSERT_NE(again, nullptr);
    const rpc::SharedBytes more = other.Next();
    ASSERT_NE(more, nullptr);
    EXPECT_NE(bytes, more);
    shared = bytes == again;
  }
  EXPECT_TRUE(shared || !store_.is_sqlite());
}

TEST_P(WatchTest, WhatWasReadForAllIsNotToldAfterItWasHidden) {
  WokenWatch quick(*service_, Observer());
  WokenWatch slow(*service_, Observer());
  ASSERT_OK(Try("CreateBody", R"pb(
    body_id: "ahg"
    body { kind: TASK_FORCE display_name: "Secret soon" visibility: MEMBERS })pb"));
  const rpc::SharedBytes seen = quick.NextAfter(0);
  ASSERT_NE(seen, nullptr);
  EXPECT_NE(seen->find("Secret soon"), std::string::npos);
  const int before = slow.wakes();
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/ahg' visibility: RESTRICTED }"));
  const rpc::SharedBytes told = slow.NextAfter(before);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->find("Secret soon"), std::string::npos);
}

TEST_P(WatchTest, RefusesWhatItCantDo) {
  AddBody("ahg");
  WatchChangesRequest request;
  request.add_types("baliprocess.net/Member");
  request.add_types("baliprocess.net/Meeting");
  EXPECT_THAT(BadFields(service_->Watch(Secretariat(), request).status()), ElementsAre("types[1]"));
  const std::string token = WatchReader(*service_, Secretariat()).resume_token();
  WatchChangesRequest both = ResumeAt(token);
  both.set_from_start(true);
  EXPECT_THAT(BadFields(service_->Watch(Secretariat(), both).status()), ElementsAre("from_start"));
  for (const std::string& bad : {token.substr(1), token + "A", std::string("x")}) {
    EXPECT_THAT(service_->Watch(Secretariat(), ResumeAt(bad)).status(),
                HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  }
  testing::TestStore foreign(GetParam());
  Service stranger(foreign.Open(), clock_);
  EXPECT_THAT(stranger.Watch(Secretariat(), ResumeAt(token)).status(),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST_P(WatchTest, HistoryBeyondItsRetentionIsGone) {
  service_.reset();
  service_ = std::make_unique<Service>(store_.Open(), clock_, absl::Hours(24 * 30));
  AddBody("a");
  AddBody("b");
  WatchReader early(*service_, Secretariat(), FromStart());
  const auto first = early.ReadThrough("bodies/b");
  ASSERT_THAT(first, SizeIs(2));
  clock_.Advance(absl::Hours(24 * 20));
  AddBody("c");
  clock_.Advance(absl::Hours(24 * 11));
  WatchReader standing(*service_, Secretariat(), ResumeAt(first[0].resume_token()));
  ASSERT_OK(service_->engine().KeepHouse());

  EXPECT_THAT(service_->Watch(Secretariat(), ResumeAt(first[0].resume_token())).status(),
              HasReason(api::v1::Error::HISTORY_COMPACTED));
  standing.ReadThrough("bodies/c");
  EXPECT_THAT(standing.status(), HasReason(api::v1::Error::HISTORY_COMPACTED));
  // Who has seen all that is gone goes on.
  WatchReader current(*service_, Secretariat(), ResumeAt(first[1].resume_token()));
  EXPECT_THAT(current.ReadThrough("bodies/c"), SizeIs(1));
  WatchReader oldest(*service_, Secretariat(), FromStart());
  EXPECT_THAT(oldest.ReadThrough("bodies/c"), SizeIs(1));
  clock_.Advance(absl::Hours(24 * 40));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), IsEmpty());
  WatchReader now(*service_, Secretariat());
  ASSERT_OK(now.status());
  AddBody("d");
  EXPECT_THAT(now.ReadThrough("bodies/d"), SizeIs(1));
}

// Nor from memory, where pages are kept that another reader has read before.
TEST_P(WatchTest, WhatWasReadForAllIsNotToldBeyondItsRetention) {
  service_.reset();
  service_ = std::make_unique<Service>(store_.Open(), clock_, absl::Hours(24 * 30));
  for (int i = 0; i < 60; ++i) {
    WatchReader quick(*service_, Secretariat());
    WatchReader slow(*service_, Secretariat());
    const std::string id = absl::StrCat("b", i);
    AddBody(id);
    ASSERT_THAT(quick.ReadThrough("bodies/" + id), SizeIs(1));
    clock_.Advance(absl::Hours(24 * 31));
    ASSERT_OK(service_->engine().KeepHouse());
    EXPECT_THAT(slow.Read(1), IsEmpty());
    EXPECT_THAT(slow.status(), HasReason(api::v1::Error::HISTORY_COMPACTED));
  }
}

TEST_P(WatchTest, EndsWithTheEngine) {
  auto reader = std::make_unique<WatchReader>(*service_, Secretariat());
  service_->engine().Stop();
  reader.reset();
  service_.reset();
}

INSTANTIATE_ON_ENGINES(WatchTest);

}  // namespace
}  // namespace baliprocess::membership
