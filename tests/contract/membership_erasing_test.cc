// While an erasure goes through history and kept replies, others write; and it may end on the way.

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"

#include "common/resource/store/history.h"
#include "common/storage/database_layer.h"
#include "common/storage/store_error.h"
#include "common/testing/fault_database.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::Gt;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kSecret[] = "Xanthippe";

// Runs something after each write, so that it comes between two transactions of whoever writes, and
// counts.
class BetweenWrites final : public storage::DatabaseLayer {
 public:
  explicit BetweenWrites(storage::Database& below) : DatabaseLayer(below) {}
  std::function<void()> run = [] {};
  int writes = 0;

 private:
  absl::Status Run(Way way, const storage::Work& work) override {
    absl::Status status = (below().*way)(work);
    if (Writes(way)) {
      ++writes;
      run();
    }
    return status;
  }
};

class ErasingTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_OK(Try("CreateMember", R"(member_id: 'aus' member { kind: STATE category: FULL_MEMBER
        display_name: 'Australia' region_code: 'AU' })"));
    ASSERT_OK(Try("CreateBody", "body_id: 'ahg' body { kind: AD_HOC_GROUP display_name: 'AHG' }"));
    ASSERT_OK(Try("CreateOfficial", R"(official_id: 'one' official {
        display_name: 'Xanthippe One' family_name: 'Xanthippe' member: 'members/aus' })"));
    ASSERT_OK(Try("CreateAppointment", R"(parent: 'officials/one' appointment_id: 'a'
        appointment { post: STAFF title: 'Aide to Xanthippe' body: 'bodies/ahg'
                      on_behalf_of: 'members/aus' })"));
  }

  absl::Status Try(const std::string& method, const std::string& request) {
    return service_->CallText(Secretariat(), method, request).status();
  }

  absl::Status Execute(const std::string& sql) {
    return store_->Write([&](storage::Transaction& tx) { return tx.Execute(sql).status(); });
  }

  // As many replies as if that many batches of officials had been created, and changes likewise.
  void Repeat(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_OK(Execute(absl::StrCat(
          "INSERT INTO replays (caller, request_id, method, request_hash, reply, reply_time, "
          "resource) SELECT caller, 'copy-",
          i,
          "' || request_id, method, request_hash, reply, reply_time, '' FROM replays WHERE "
          "resource = 'officials/one'")));
      ASSERT_OK(Execute(
          "INSERT INTO changes (epoch, change_time, kind, type, resource, actor, method, "
          "after_body, reason, surroundings) SELECT epoch, change_time, kind, type, resource, "
          "actor, method, after_body, reason, surroundings FROM changes "
          "WHERE resource = 'officials/one' AND seq = (SELECT MIN(seq) FROM changes WHERE resource "
          "= 'officials/one')"));
    }
  }

  // The tables that have the secret somewhere.
  std::set<std::string> TablesWith(std::string_view secret) {
    std::set<std::string> found;
    const auto look = [&](storage::Transaction& tx) -> absl::Status {
      for (const char* table : {"officials", "appointments", "seats", "changes", "replays"}) {
        ASSIGN_OR_RETURN(const auto rows, tx.Query(absl::StrCat("SELECT * FROM ", table)));
        for (const auto& row : rows) {
          for (const auto& value : row) {
            if (storage::AsBytes(value).find(secret) != std::string::npos) found.insert(table);
          }
        }
      }
      return absl::OkStatus();
    };
    EXPECT_OK(store_->Read(look));
    return found;
  }

  // Another replica, which writes of the same official between the writes of the first.
  void WriteBetween(const std::string& method, const std::function<std::string(int)>& request) {
    layer_->run = [this, method, request, n = 0]() mutable {
      if (++n > 50) return;
      const absl::Status status = other_->CallText(Secretariat(), method, request(n)).status();
      if (status.ok()) ++written_between_;
    };
  }

  // Replicas that start between the writes of the first, at most so many, and write.
  void StartBetween(int starts) {
    Repeat(300);
    layer_->run = [this, left = starts]() mutable {
      if (left-- <= 0) return;
      EXPECT_OK(resource::BeginHistory(*store_));
      EXPECT_OK(other_->CallText(Secretariat(), "UpdateBody",
                                 absl::StrCat("body { name: 'bodies/ahg' mandate: 'm", left,
                                              "' } update_mask { paths: 'mandate' }")));
    };
  }

  FakeClock clock_{absl::FromUnixSeconds(1714640400)};
  const testing::TestStore test_store_{GetParam()};
  const std::unique_ptr<storage::Database> store_ = test_store_.Open();
  BetweenWrites* layer_ = new BetweenWrites(*store_);
  const std::unique_ptr<Service> service_ =
      std::make_unique<Service>(std::unique_ptr<storage::Database>(layer_), clock_);
  const std::unique_ptr<Service> other_ =
      std::make_unique<Service>(std::make_unique<BetweenWrites>(*store_), clock_);
  int written_between_ = 0;
};

TEST_P(ErasingTest, OthersGetInBetweenAndAllIsErased) {
  Repeat(600);
  EXPECT_THAT(TablesWith(kSecret), Not(IsEmpty()));
  WriteBetween("UpdateOfficial", [](int n) {
    return absl::StrCat("official { name: 'officials/one' honorific: 'Dr Xanthippe ", n,
                        "' } update_mask { paths: 'honorific' }");
  });
  const int before = layer_->writes;
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_GT(layer_->writes - before, 6);
  EXPECT_THAT(written_between_, Gt(5));
  EXPECT_THAT(TablesWith(kSecret), IsEmpty());
}

// A replica that starts begins a history: whether once on the way or again and again, all is
// erased.
TEST_P(ErasingTest, AReplicaThatStartsMeanwhileKeepsNothing) {
  StartBetween(1);
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_THAT(TablesWith(kSecret), IsEmpty());
}

TEST_P(ErasingTest, ReplicasThatStartAllTheTimeKeepNothing) {
  StartBetween(1000);
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_THAT(TablesWith(kSecret), IsEmpty());
}

TEST_P(ErasingTest, OfAPurgedResourceNothingRemains) {
  ASSERT_OK(Try("CreateSeat", R"(parent: 'bodies/ahg' seat_id: 's'
      seat { member: 'members/aus' role: PARTICIPANT basis: 'A secret basis' })"));
  ASSERT_OK(Try("DeleteSeat", "name: 'bodies/ahg/seats/s'"));
  WriteBetween("CreateBody", [](int n) {
    return absl::StrCat("body_id: 'b", n, "' body { kind: TASK_FORCE display_name: 'B' }");
  });
  ASSERT_OK(Try("PurgeDeleted", "name: 'bodies/ahg/seats/s' reason: 'x'"));
  EXPECT_THAT(written_between_, Gt(2));
  EXPECT_THAT(TablesWith("A secret basis"), IsEmpty());
  ASSERT_OK(Try("GetBody", "name: 'bodies/b1'"));
}

// What would have been refused has no effect, on history either.
TEST_P(ErasingTest, WhatIsRefusedErasesNothing) {
  const auto before = TablesWith(kSecret);
  EXPECT_THAT(Try("EraseOfficial", "name: 'officials/one' etag: 'old'"),
              HasReason(api::v1::Error::ETAG_MISMATCH));
  EXPECT_OK(Try("EraseOfficial", "name: 'officials/one' validate_only: true"));
  EXPECT_EQ(TablesWith(kSecret), before);
}

TEST_P(ErasingTest, OneThatEndedOnTheWayIsDoneByItsRepeat) {
  Repeat(250);
  auto faults = std::make_unique<testing::FaultDatabase>(
      *store_, storage::StoreError(storage::ErrorClass::kDisk, "full"));
  testing::FaultDatabase& fault = *faults;
  Service service(std::move(faults), clock_);
  const std::string request =
      "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c11' name: 'officials/one'";
  const auto erase = [&] {
    return service.CallText(Secretariat(), "EraseOfficial", request).status();
  };
  int failed = 0;
  for (int n = 1; n < 100; ++n) {
    fault.FailCommit(n);
    if (erase().ok()) break;
    ++failed;
    ASSERT_OK(Try("GetOfficial", "name: 'officials/one'"));
    EXPECT_TRUE(TablesWith(kSecret).contains("officials"));  // not told, not done
  }
  fault.Heal();
  EXPECT_GT(failed, 4);
  ASSERT_OK(erase());  // its reply is kept
  EXPECT_THAT(TablesWith(kSecret), IsEmpty());
}

TEST_P(ErasingTest, AMarkThatNobodyEndedGoesInADay) {
  ASSERT_OK(Execute(
      absl::StrCat("INSERT INTO erasures VALUES (7, ", absl::ToUnixMicros(clock_.Now()), ")")));
  const auto marks = [&] {
    int64_t count = -1;
    EXPECT_OK(store_->Read([&](storage::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT COUNT(*) FROM erasures"));
      count = storage::AsInt(rows[0][0]);
      return absl::OkStatus();
    }));
    return count;
  };
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_EQ(marks(), 1);  // its own is gone
  clock_.Advance(absl::Hours(24));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_EQ(marks(), 1);
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_EQ(marks(), 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, ErasingTest, ::testing::ValuesIn(testing::EngineNames()),
                         testing::EngineName);

}  // namespace
}  // namespace baliprocess::membership
