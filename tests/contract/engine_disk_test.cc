// A disk that is full or fails: callers are told to try again, reads go on, health knows, and all
// is well when there is room again.

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

#include "common/resource/program/store_probe.h"
#include "common/storage/store_error.h"
#include "common/testing/fault_database.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using resource::StoreProbe;
using storage::ErrorClass;
using testing::HasReason;
using testing::IsOk;
using ::testing::Not;

std::string CreateRequest(const std::string& id) {
  return absl::StrCat("body_id: '", id, "' body { kind: TASK_FORCE display_name: 'Task force' }");
}

// Whether a status says when to try again.
bool SaysWhen(const absl::Status& status) {
  return status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value();
}

class DiskTest : public ::testing::TestWithParam<std::string> {
 protected:
  absl::Status Try(const std::string& method, const std::string& request) {
    return service_->CallText(Secretariat(), method, request).status();
  }

  void Serve(std::unique_ptr<storage::Database> database) {
    service_ = std::make_unique<Service>(std::move(database), clock_);
  }

  FakeClock clock_{absl::FromUnixSeconds(1714640400)};
  std::unique_ptr<Service> service_;
};

TEST_P(DiskTest, CallersAreToldToTryAgainAndOfCorruptionNothing) {
  const testing::TestStore test_store(GetParam());
  const auto store = test_store.Open();
  for (const ErrorClass error : {ErrorClass::kDisk, ErrorClass::kOther}) {
    auto faults = std::make_unique<testing::FaultDatabase>(
        *store, storage::StoreError(error, "a fault of the disk"));
    testing::FaultDatabase& fault = *faults;
    Serve(std::move(faults));
    fault.FailStatement(1);
    const absl::Status status = Try("CreateBody", CreateRequest("a"));
    EXPECT_EQ(SaysWhen(status), error == ErrorClass::kDisk) << status;
    if (error == ErrorClass::kDisk) {
      EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    }
    service_.reset();
  }
}

TEST_P(DiskTest, OnceAWriteHasFailedOnlyAWriteThatSucceedsMakesItWell) {
  const testing::TestStore test_store(GetParam());
  const auto store = test_store.Open();
  testing::FaultDatabase faults(*store, storage::StoreError(ErrorClass::kDisk, "full"));
  auto layer = std::make_unique<StoreProbe>(faults);
  StoreProbe& probe = *layer;
  Serve(std::move(layer));
  faults.FailStatement(1);
  EXPECT_OK(probe.Ping());  // doesn't write
  EXPECT_FALSE(faults.struck());
  EXPECT_FALSE(Try("CreateBody", CreateRequest("a")).ok());
  for (int i = 0; i < 3; ++i) {
    faults.FailCommit(1);
    EXPECT_THAT(probe.Ping(), Not(IsOk()));
    EXPECT_OK(Try("ListBodies", ""));
  }
  EXPECT_OK(probe.Ping());
  faults.FailStatement(1);
  EXPECT_OK(probe.Ping());
  EXPECT_FALSE(faults.struck());
  service_.reset();
}

// Does something else before a write that succeeded returns, once.
class Between final : public storage::DatabaseLayer {
 public:
  explicit Between(storage::Database& below) : DatabaseLayer(below) {}
  std::function<void()> then;

 private:
  absl::Status Run(Way way, const storage::Work& work) override {
    absl::Status status = (below().*way)(work);
    if (Writes(way) && status.ok() && then) std::exchange(then, nullptr)();
    return status;
  }
};

TEST_P(DiskTest, AFailureThatComesWhileTheProbeSucceedsIsNotForgotten) {
  const testing::TestStore test_store(GetParam());
  const auto store = test_store.Open();
  testing::FaultDatabase faults(*store, storage::StoreError(ErrorClass::kDisk, "full"));
  Between between(faults);
  auto layer = std::make_unique<StoreProbe>(between);
  StoreProbe& probe = *layer;
  Serve(std::move(layer));
  const auto fail = [&] {
    faults.FailStatement(1);
    const auto ask = [](storage::Transaction& tx) { return tx.Query("SELECT 1").status(); };
    EXPECT_FALSE(probe.Write(ask).ok());
  };
  fail();
  between.then = fail;
  EXPECT_OK(probe.Ping());
  faults.FailStatement(1);
  EXPECT_THAT(probe.Ping(), Not(IsOk())) << "it writes again";
  EXPECT_OK(probe.Ping());
  service_.reset();
}

TEST_P(DiskTest, OtherFailuresAreNotTheDisks) {
  const testing::TestStore test_store(GetParam());
  const auto store = test_store.Open();
  testing::FaultDatabase faults(*store, storage::StoreError(ErrorClass::kOther, "a defect"));
  StoreProbe probe(faults);
  faults.FailStatement(1);
  EXPECT_FALSE(
      probe.Write([](storage::Transaction& tx) { return tx.Query("SELECT 1").status(); }).ok());
  faults.FailStatement(1);
  EXPECT_OK(probe.Ping());
  EXPECT_FALSE(faults.struck());
}

INSTANTIATE_TEST_SUITE_P(Engines, DiskTest, ::testing::ValuesIn(testing::EngineNames()),
                         testing::EngineName);

// A file system of a few megabytes, seen by this thread and by those that it starts from now on.
class SmallDisk {
 public:
  static constexpr char kSize[] = "size=8m";

  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // False where this process may not.
  bool Mount() {
    path_ = std::filesystem::temp_directory_path() / "bali-disk-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr || unshare(CLONE_NEWNS) != 0) return false;
    mounted_ = mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               mount("none", path_.c_str(), "tmpfs", 0, kSize) == 0;
    return mounted_;
  }

  std::string store() const { return path_ + "/store.db"; }

  // Takes all room that is left; gives it back.
  void Fill() const {
    std::ofstream filler(path_ + "/filler", std::ios::binary);
    while (filler.write(std::string(4096, 'x').data(), 4096).flush()) continue;
  }
  void Empty() const { std::filesystem::remove(path_ + "/filler"); }

 private:
  std::string path_;
  bool mounted_ = false;
};

class FullDiskTest : public DiskTest {};

TEST_P(FullDiskTest, IsUnavailableUntilThereIsRoom) {
  SmallDisk disk;
  if (!disk.Mount()) GTEST_SKIP() << "this process may not mount a file system";
  auto store = storage::Database::Open(disk.store());
  ASSERT_OK(store);
  auto layer = std::make_unique<StoreProbe>(**store);
  StoreProbe& probe = *layer;
  Serve(std::move(layer));
  ASSERT_OK(Try("CreateBody", CreateRequest("before")));
  disk.Fill();
  // The last pages of the log take some.
  absl::Status status;
  int made = 0;
  while (status.ok() && made < 1000) {
    status = Try("CreateBody", CreateRequest(absl::StrCat("b", made)));
    if (status.ok()) ++made;
  }
  EXPECT_THAT(status, HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_TRUE(SaysWhen(status));
  EXPECT_THAT(probe.Ping(), Not(IsOk()));
  EXPECT_OK(Try("GetBody", "name: 'bodies/before'"));
  const std::string refused = absl::StrCat("bodies/b", made);
  EXPECT_THAT(Try("GetBody", absl::StrCat("name: '", refused, "'")),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  disk.Empty();
  EXPECT_OK(probe.Ping());
  EXPECT_OK(Try("CreateBody", CreateRequest(absl::StrCat("b", made))));
  EXPECT_OK(Try("GetBody", absl::StrCat("name: '", refused, "'")));
  service_.reset();
}

INSTANTIATE_TEST_SUITE_P(Engines, FullDiskTest, ::testing::Values(testing::kSqlite),
                         testing::EngineName);

}  // namespace
}  // namespace baliprocess::membership
