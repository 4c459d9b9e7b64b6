// Reads on a standby: never older than the bound, never behind what the caller has seen.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/position_header.h"
#include "common/base/steady_time.h"
#include "common/resource/store/position.h"
#include "common/resource/store/snapshot_state.h"
#include "common/resource/store/token_keys.h"
#include "common/storage/standby.h"
#include "common/storage/store_error.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::baliprocess::testing::HasReason;
using resource::ChangePosition;
using storage::Transaction;
using ::testing::Not;

constexpr absl::Duration kAge = absl::Seconds(1);
constexpr absl::Duration kSoon = absl::Seconds(30);

// A standby of any store, in this process: it reads the store as it is or, while it is paused, as
// it was then.
class FakeStandby final : public storage::Standby {
 public:
  explicit FakeStandby(storage::Database& store) : store_(store) {}
  ~FakeStandby() override { Resume(); }

  absl::Status Read(const Question& question, const storage::Work& work) override {
    const storage::Work asked = [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows, tx.Query(question.sql, question.params));
      RETURN_IF_ERROR(question.judge(rows));
      return work(tx);
    };
    std::unique_lock lock(mutex_);
    if (!fault_.ok()) return fault_;
    changed_.wait(lock, [&] { return task_ == nullptr; });
    if (!paused_) {
      lock.unlock();
      return store_.Read(asked);
    }
    absl::Status status;
    bool done = false;
    task_ = [&](Transaction& tx) {
      status = asked(tx);
      done = true;
    };
    changed_.notify_all();
    changed_.wait(lock, [&] { return done; });
    return status;
  }

  absl::Status ReadOne(const Question& question, const storage::Work& work) override {
    return Read(question, work);
  }

  absl::Status Mark(std::string_view sql, const std::vector<storage::Value>& params) override {
    return store_.Write([&](Transaction& tx) { return tx.Execute(sql, params).status(); });
  }

  void Leave() override {}
  void Stop() override {}
  void Start() override {}

  void Pause() {
    std::unique_lock lock(mutex_);
    paused_ = true;
    bool begun = false;
    holder_ = std::thread([this, &begun] {
      const absl::Status status = store_.Read([&](Transaction& tx) -> absl::Status {
        RETURN_IF_ERROR(tx.Query("SELECT COUNT(*) FROM changes").status());
        std::unique_lock held(mutex_);
        begun = true;
        changed_.notify_all();
        while (paused_ || task_ != nullptr) {
          if (task_ != nullptr) {
            task_(tx);
            task_ = nullptr;
          }
          changed_.notify_all();
          changed_.wait(held, [&] { return !paused_ || task_ != nullptr; });
        }
        return absl::OkStatus();
      });
      EXPECT_OK(status);
    });
    changed_.wait(lock, [&] { return begun; });
  }

  void Resume() {
    {
      const std::lock_guard lock(mutex_);
      paused_ = false;
    }
    changed_.notify_all();
    if (holder_.joinable()) holder_.join();
  }

  void Fail(absl::Status fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }

 private:
  storage::Database& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool paused_ = false;
  std::function<void(Transaction&)> task_;
  absl::Status fault_;
  std::thread holder_;
};

class StandbyTest : public MembershipTest {
 protected:
  class WithStandby : public testing::LocalService {
   public:
    WithStandby(std::unique_ptr<storage::Database> database, const FakeClock& clock,
                storage::Standby& standby)
        : LocalService({kSchemaVersion, Resources, Methods}, std::move(database),
                       {.clock = &clock,
                        .since_start = &clock.since_start(),
                        .ask_peer = {},
                        .standby = &standby,
                        .standby_age = kAge}) {}
  };

  StandbyTest() {
    service_.reset();
    auto database = store_.Open();
    standby_ = std::make_unique<FakeStandby>(*database);
    with_standby_ = std::make_unique<WithStandby>(std::move(database), clock_, *standby_);
    AddBody("old");
    AwaitStandby();
  }
  ~StandbyTest() override { standby_->Resume(); }

  testing::LocalService& tested() override { return *with_standby_; }

  template <typename Reply>
  struct Answer {
    absl::Status status;
    Reply reply;
    std::string position;
  };

  template <typename Reply>
  Answer<Reply> Ask(const std::string& method, const google::protobuf::Message& request,
                    const std::string& position) {
    const rpc::MethodTable& table = tested().table();
    rpc::Call call;
    call.method = table.service()->FindMethodByName(method);
    call.caller = Secretariat();
    call.deadline = absl::Now() + absl::Minutes(1);
    call.position = position;
    Answer<Reply> answer;
    answer.status = table.entries().at(call.method).unary(call, request, answer.reply);
    answer.position = call.reply_position;
    return answer;
  }

  Answer<v1::Body> Get(const std::string& id, const std::string& position = "") {
    v1::GetBodyRequest request;
    request.set_name("bodies/" + id);
    return Ask<v1::Body>("GetBody", request, position);
  }

  Answer<v1::Body> Create(const std::string& id) {
    v1::CreateBodyRequest request;
    request.set_body_id(id);
    request.mutable_body()->set_display_name(id);
    request.mutable_body()->set_kind(v1::Body::WORKING_GROUP);
    return Ask<v1::Body>("CreateBody", request, "");
  }

  // What a metric of the engine says.
  double Number(const std::string& name, const std::string& label) {
    telemetry::Families families;
    tested().engine().AddMetrics(families);
    for (const auto& family : families.Take()) {
      for (const auto& metric : family.metric) {
        const bool has_label = !metric.label.empty() && metric.label[0].value == label;
        if (family.name == name && (has_label || metric.label.empty())) {
          return metric.counter.value + metric.gauge.value;
        }
      }
    }
    return -1;
  }
  double ByStandby() { return Number("bali_store_reads_total", "standby"); }
  double ByPrimary(const std::string& why) {
    return Number("bali_store_reads_by_primary_total", why);
  }

  void Await(const std::string& what, const std::function<bool()>& condition) {
    const SteadyTime begun = SteadyNow();
    while (!condition()) {
      ASSERT_LT(Since(begun), kSoon) << what;
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  // Until reads go there.
  void AwaitStandby() {
    const double before = ByStandby();
    Await("the standby answers", [&] {
      EXPECT_OK(Get("old").status);
      return ByStandby() > before;
    });
  }

  // A token of this store's own, whether or not it ever was there.
  std::string TokenOf(ChangePosition position) {
    const auto keys =
        resource::KeepTokenKeys(tested().database(), clock_.Now(), absl::InfiniteDuration());
    EXPECT_OK(keys);
    return keys.ok() ? SealPosition(resource::Sealer(keys->front().key), position) : "";
  }

  std::unique_ptr<FakeStandby> standby_;
  std::unique_ptr<WithStandby> with_standby_;
};
INSTANTIATE_ON_ENGINES(StandbyTest);

TEST_P(StandbyTest, AnOldAnswerIsNoOlderThanTheBound) {
  standby_->Pause();
  const SteadyTime paused = SteadyNow();
  ASSERT_OK(Create("new").status);
  Await("the write is seen", [&] { return Get("new").status.ok(); });
  EXPECT_LT(Since(paused), 4 * kAge);  // a loaded machine's
  EXPECT_GT(ByPrimary("old") + ByPrimary("away"), 0);
  Await("the standby isn't tried", [&] { return Number("bali_store_standby_used", "") == 0; });
  EXPECT_GT(Number("bali_store_standby_age_seconds", ""), absl::ToDoubleSeconds(kAge));
  EXPECT_OK(Get("new").status);
  standby_->Resume();
  AwaitStandby();
}

TEST_P(StandbyTest, WhatTheCallerWroteIsSeen) {
  for (int i = 0; i < 20; ++i) {
    if (i % 2 == 0) standby_->Pause();
    const auto written = Create(absl::StrCat("new", i));
    ASSERT_OK(written.status);
    ASSERT_NE(written.position, "");
    const auto read = Get(absl::StrCat("new", i), written.position);
    EXPECT_OK(read.status);
    EXPECT_NE(read.position, "");
    if (i % 2 == 1) standby_->Resume();
  }
}

TEST_P(StandbyTest, WhatTheCallerHasSeenIsSeenAgain) {
  standby_->Pause();
  ASSERT_OK(Create("new").status);  // by somebody else
  const auto seen = Get("new", "of no store");
  ASSERT_OK(seen.status);
  EXPECT_OK(Get("new", seen.position).status);
  standby_->Resume();
  // Once it is as far, the standby answers that caller, too.
  const double before = ByStandby();
  Await("the standby answers", [&] {
    EXPECT_OK(Get("new", seen.position).status);
    return ByStandby() > before;
  });
}

TEST_P(StandbyTest, AReplyOfAStandbyHasAPosition) {
  const auto first = Get("old");
  ASSERT_OK(first.status);
  standby_->Pause();
  ASSERT_OK(Create("new").status);
  // Of what it has, that of a paused one is no promise of more.
  EXPECT_OK(Get("old", first.position).status);
  EXPECT_EQ(ByPrimary("behind"), 0);
}

TEST_P(StandbyTest, WhatCannotBeReadAsksForTheNewest) {
  standby_->Pause();
  ASSERT_OK(Create("new").status);
  const std::string of_another = SealPosition(resource::Sealer("another service's"), {1, 1});
  for (const std::string& position :
       {std::string(kNewestPosition), std::string("garbage"), of_another,
        Get("old").position + ",garbage", std::string(100000, 'x'),
        std::string("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s")}) {
    EXPECT_OK(Get("new", position).status) << position.substr(0, 100);
  }
  EXPECT_GE(ByPrimary("asked"), 6);
}

// Other services do with each question, and don't look at the position: it isn't read from the
// store.
TEST_P(StandbyTest, WhoAsksForTheNewestIsToldToAskForItAgain) {
  EXPECT_EQ(Get("old", kNewestPosition).position, kNewestPosition);
  EXPECT_EQ(Get("absent", absl::StrCat(" ", kNewestPosition)).position, kNewestPosition);
  EXPECT_NE(Get("old", "garbage").position, kNewestPosition);
}

// One that has no connection left may have one soon: it is tried for as long as an answer may be
// old. A machine that is busy may have looked at it long before; so there are several attempts.
TEST_P(StandbyTest, AStandbyThatIsBusyStaysInUseForAWhile) {
  bool stayed = false;
  for (int i = 0; i < 5 && !stayed; ++i) {
    const SteadyTime begun = SteadyNow();
    standby_->Fail(StoreError(storage::ErrorClass::kConflict, "busy"));
    EXPECT_OK(Get("old").status);
    Await("the standby isn't tried", [&] { return Number("bali_store_standby_used", "") == 0; });
    stayed = Since(begun) > kAge / 2;
    standby_->Fail(absl::OkStatus());
    AwaitStandby();
  }
  EXPECT_TRUE(stayed);
}

TEST_P(StandbyTest, OfSeveralPositionsAllAreMeant) {
  const std::string before = Get("old").position;
  standby_->Pause();
  const std::string written = Create("new").position;
  EXPECT_OK(Get("new", absl::StrCat(before, ", ", written)).status);
  EXPECT_OK(Get("new", absl::StrCat(written, ",", before)).status);
}

TEST_P(StandbyTest, AResumeTokenIsAPosition) {
  standby_->Pause();
  ASSERT_OK(Create("new").status);
  const auto changes = Changes();
  ASSERT_FALSE(changes.empty());
  EXPECT_OK(Get("new", changes.back().resume_token()).status);
}

// Such as that of a change that a failover has lost.
TEST_P(StandbyTest, APositionOfAnotherHistoryMakesNothingOld) {
  standby_->Pause();
  ASSERT_OK(Create("new").status);
  const double before = ByStandby();
  EXPECT_OK(Get("new", TokenOf({1, 1})).status);
  EXPECT_OK(Get("new", TokenOf({int64_t{1} << 60, 1})).status);
  EXPECT_EQ(ByStandby(), before);
}

TEST_P(StandbyTest, AWriteThatFailsTellsAPositionToo) {
  standby_->Pause();
  ASSERT_OK(Create("new").status);
  const auto again = Create("new");
  EXPECT_THAT(again.status, HasReason(api::v1::Error::RESOURCE_EXISTS));
  EXPECT_OK(Get("new", again.position).status);
}

TEST_P(StandbyTest, WhatAStandbyFailsThePrimaryDoes) {
  for (const auto error : {storage::ErrorClass::kConnectionLost, storage::ErrorClass::kConflict,
                           storage::ErrorClass::kTimeout, storage::ErrorClass::kOther}) {
    standby_->Fail(StoreError(error, "it fails"));
    for (int i = 0; i < 20; ++i) EXPECT_OK(Get("old").status);
    standby_->Fail(absl::OkStatus());
    AwaitStandby();
  }
  EXPECT_GT(ByPrimary("failed"), 0);
}

TEST_P(StandbyTest, ErrorsOfAStandbysAnswerAreTold) {
  const double before = ByStandby();
  Await("the standby answers", [&] {
    EXPECT_THAT(Get("absent").status, HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
    return ByStandby() > before;
  });
}

// What another process does when it starts.
TEST_P(StandbyTest, BeatsThatAreGoneAreWrittenAgain) {
  const auto forget = resource::ForgetBeats();
  ASSERT_OK(standby_->Mark(forget.sql, forget.params));
  AwaitStandby();
}

TEST(SnapshotStateTest, IsBehindWhatItsHistoryDoesNotKnow) {
  const resource::SnapshotState known = {.last = {5, 10}, .has_epoch = true, .beat = {}};
  EXPECT_TRUE(known.HasReached({}));
  EXPECT_TRUE(known.HasReached({5, 10}));
  EXPECT_TRUE(known.HasReached({4, 99}));
  EXPECT_FALSE(known.HasReached({5, 11}));
  EXPECT_FALSE(known.HasReached({6, 1}));
  const resource::SnapshotState unknown = {.last = {5, 10}, .has_epoch = false, .beat = {}};
  EXPECT_TRUE(unknown.HasReached({}));
  EXPECT_FALSE(unknown.HasReached({4, 9}));
}

}  // namespace
}  // namespace baliprocess::membership
