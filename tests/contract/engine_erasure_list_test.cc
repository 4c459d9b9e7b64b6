// What was erased is erased again in a store that was set back, by the list of erasures.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/resource/store/erasure_list.h"
#include "common/storage/database_layer.h"
#include "common/storage/observed_database.h"
#include "common/storage/store_error.h"
#include "common/testing/fault_database.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using resource::ErasureList;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kSecret[] = "Xanthippe";

class Listing : public testing::LocalService {
 public:
  Listing(std::unique_ptr<storage::Database> database, const FakeClock& clock,
          const ErasureList& list)
      : LocalService({kSchemaVersion, Resources, Methods}, std::move(database),
                     {.clock = &clock,
                      .since_start = &clock.since_start(),
                      .ask_peer = {},
                      .erasure_list = &list}) {}
};

// Another replica marks the erasure with this id right after this one has read the marks.
class MarksFirst final : public storage::DatabaseLayer {
 public:
  MarksFirst(storage::Database& below, std::string id) : DatabaseLayer(below), id_(std::move(id)) {}
  bool marked() const { return marked_; }

 private:
  // Reads on, and tells whether the marks were read.
  class Watched final : public storage::Transaction {
   public:
    Watched(storage::Transaction& below, bool& seen) : below_(below), seen_(seen) {}
    absl::StatusOr<std::vector<storage::Row>> Query(
        std::string_view sql, const std::vector<storage::Value>& params) override {
      seen_ = seen_ || sql.find("engine_state WHERE key LIKE") != std::string_view::npos;
      return below_.Query(sql, params);
    }
    absl::StatusOr<std::vector<storage::Row>> QueryUpTo(
        const storage::ByteBudget& budget, std::string_view sql,
        const std::vector<storage::Value>& params) override {
      return below_.QueryUpTo(budget, sql, params);
    }
    absl::StatusOr<int64_t> Execute(std::string_view sql,
                                    const std::vector<storage::Value>& params) override {
      return below_.Execute(sql, params);
    }
    absl::Status Send(std::string_view sql, const std::vector<storage::Value>& params) override {
      return below_.Send(sql, params);
    }

   private:
    storage::Transaction& below_;
    bool& seen_;
  };

  absl::Status Run(Way way, const storage::Work& work) override {
    bool seen = false;
    const absl::Status status = (below().*way)([&](storage::Transaction& tx) {
      Watched watched(tx, seen);
      return work(watched);
    });
    if (seen && !marked_.exchange(true)) {
      EXPECT_OK(below().Write([&](storage::Transaction& tx) {
        return resource::MarkErasure(tx, id_, absl::UnixEpoch());
      }));
    }
    return status;
  }

  const std::string id_;
  std::atomic<bool> marked_ = false;
};

class ErasureListTest : public ::testing::TestWithParam<std::string> {
 protected:
  ErasureListTest() {
    std::string pattern = ::testing::TempDir() + "/erasures-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    Start(store_.Open());
  }
  ~ErasureListTest() override { std::filesystem::remove_all(directory_); }

  void Start(std::unique_ptr<storage::Database> database) {
    service_.reset();
    if (list_ == nullptr) list_ = ErasureList::Open(list_path()).value();
    service_ = std::make_unique<Listing>(std::move(database), clock_, *list_);
  }
  void Restart() {
    service_.reset();
    Start(store_.Open());
  }
  // The service goes on with a store that fails where it is told to, with this error.
  testing::FaultDatabase& RestartWith(storage::ErrorClass error) {
    service_.reset();
    below_ = store_.Open();
    auto layer =
        std::make_unique<testing::FaultDatabase>(*below_, storage::StoreError(error, "failed"));
    testing::FaultDatabase& fault = *layer;
    Start(std::move(layer));
    return fault;
  }
  std::string list_path() const { return directory_ + "/list"; }

  absl::Status Try(const std::string& method, const std::string& request) {
    return service_->CallText(Secretariat(), method, request).status();
  }
  void AddPerson(const std::string& id) {
    ASSERT_OK(Try("CreateOfficial",
                  absl::StrCat("official_id: '", id, "' official { display_name: 'Xanthippe' }")));
    ASSERT_OK(Try("UpdateOfficial", absl::StrCat("official { name: 'officials/", id,
                                                 "' honorific: 'Dr Xanthippe' } "
                                                 "update_mask { paths: 'honorific' }")));
  }
  void AddDeletedBody(const std::string& id) {
    ASSERT_OK(Try("CreateBody", absl::StrCat("body_id: '", id,
                                             "' body { kind: TASK_FORCE "
                                             "display_name: 'Body of Xanthippe' }")));
    ASSERT_OK(Try("DeleteBody", absl::StrCat("name: 'bodies/", id, "'")));
  }
  void AddBodyWithSeat() {
    ASSERT_OK(Try("CreateMember", R"(member_id: 'aus' member { kind: STATE category: FULL_MEMBER
        display_name: 'Australia' region_code: 'AU' })"));
    ASSERT_OK(Try("CreateBody", "body_id: 'b' body { kind: TASK_FORCE display_name: 'B' }"));
    ASSERT_OK(Try("CreateSeat", R"(parent: 'bodies/b' seat_id: 's'
        seat { member: 'members/aus' role: PARTICIPANT })"));
  }
  std::string Uid(const std::string& official) {
    v1::GetOfficialRequest request;
    request.set_name("officials/" + official);
    const auto found = service_->Call<v1::Official>(Secretariat(), "GetOfficial", request);
    EXPECT_OK(found);
    return found.ok() ? found->uid() : "";
  }
  absl::Status Purge(const std::string& name) {
    return Try("PurgeDeleted", absl::StrCat("name: '", name, "' reason: 'x'"));
  }

  void Execute(const std::string& sql) {
    EXPECT_OK(service_->database().Write(
        [&](storage::Transaction& tx) { return tx.Execute(sql).status(); }));
  }
  void ForgetMarks() { Execute("DELETE FROM engine_state WHERE key LIKE 'erased.%'"); }

  size_t Undone() {
    const auto contents = list_->Read();
    EXPECT_OK(contents);
    const auto undone = resource::UndoneErasures(*contents, service_->database());
    EXPECT_OK(undone);
    return undone->size();
  }

  // The tables that have the secret somewhere.
  std::set<std::string> TablesWithSecret() {
    std::set<std::string> found;
    EXPECT_OK(service_->database().Read([&](storage::Transaction& tx) -> absl::Status {
      for (const char* table : {"officials", "bodies", "changes", "replays"}) {
        ASSIGN_OR_RETURN(const auto rows, tx.Query(absl::StrCat("SELECT * FROM ", table)));
        for (const auto& row : rows) {
          for (const auto& value : row) {
            if (storage::AsBytes(value).find(kSecret) != std::string::npos) found.insert(table);
          }
        }
      }
      return absl::OkStatus();
    }));
    return found;
  }
  std::string List() const {
    std::ifstream file(list_path());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FakeClock clock_{absl::FromUnixSeconds(1714640400)};
  const testing::TestStore store_{GetParam()};
  std::string directory_;
  std::unique_ptr<ErasureList> list_;
  std::unique_ptr<storage::Database> below_;
  std::unique_ptr<Listing> service_;
};
using SetBackTest = ErasureListTest;

TEST_P(SetBackTest, WhatWasErasedSinceTheCopyIsErasedAgain) {
  AddPerson("before");
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/before'"));
  AddPerson("after");
  AddDeletedBody("purged");
  ASSERT_OK(
      Try("CreateBody", "body_id: 'live' body { kind: TASK_FORCE display_name: 'Xanthippe' }"));
  const std::string copy = directory_ + "/copy.db";
  ASSERT_OK(service_->database().CopyTo({.path = copy}));
  clock_.Advance(absl::Hours(1));
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/after'"));
  ASSERT_OK(Purge("bodies/purged"));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/live'"));
  ASSERT_OK(Purge("bodies/live"));
  EXPECT_THAT(TablesWithSecret(), IsEmpty());
  clock_.Advance(absl::Hours(1));

  ASSERT_OK_AND_ASSIGN(auto database, storage::Database::Open(copy));
  Start(std::move(database));
  EXPECT_THAT(TablesWithSecret(), IsEmpty());
  EXPECT_EQ(Undone(), 0u);
  v1::GetOfficialRequest request;
  request.set_name("officials/after");
  ASSERT_OK_AND_ASSIGN(const auto erased,
                       service_->Call<v1::Official>(Secretariat(), "GetOfficial", request));
  // It was erased when it was.
  EXPECT_EQ(erased.erase_time().seconds(), 1714640400 + 3600);
  for (const char* name : {"bodies/purged", "bodies/live"}) {
    EXPECT_THAT(Try("GetBody", absl::StrCat("name: '", name, "'")),
                HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  }
}

TEST_P(ErasureListTest, TheListNamesNobody) {
  AddPerson("xanthippe");
  AddDeletedBody("xanthippe");
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/xanthippe'"));
  ASSERT_OK(Purge("bodies/xanthippe"));
  ASSERT_OK(Try("EraseNames", "display_name: 'Xanthippe'"));
  EXPECT_THAT(List(), HasSubstr("\"PERSONAL\""));
  EXPECT_THAT(List(), HasSubstr("\"RESOURCE\""));
  EXPECT_THAT(List(), HasSubstr("\"TEXT\""));
  EXPECT_THAT(List(), Not(HasSubstr("anthippe")));
}

// A service that was ended before it could mark them, or while it did them again, does them once
// more: what is there is as it was.
TEST_P(ErasureListTest, WhatIsDoneMoreThanOnceIsDone) {
  AddPerson("one");
  AddDeletedBody("again");
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  ASSERT_OK(Purge("bodies/again"));
  // Another one of the same name isn't the one that was purged.
  ASSERT_OK(Try("CreateBody", "body_id: 'again' body { kind: TASK_FORCE display_name: 'New' }"));
  EXPECT_EQ(Undone(), 0u);
  for (int i = 0; i < 2; ++i) {
    ForgetMarks();
    EXPECT_EQ(Undone(), 2u);
    Restart();
    EXPECT_EQ(Undone(), 0u);
    EXPECT_THAT(TablesWithSecret(), IsEmpty());
    EXPECT_OK(Try("GetBody", "name: 'bodies/again'"));
  }
}

// What is below another was removed before it, and is again.
TEST_P(SetBackTest, ParentsAreRemovedAfterTheirChildren) {
  AddBodyWithSeat();
  const std::string copy = directory_ + "/copy.db";
  ASSERT_OK(service_->database().CopyTo({.path = copy}));
  for (const char* name : {"bodies/b/seats/s", "bodies/b"}) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_OK(Try(name == std::string("bodies/b") ? "DeleteBody" : "DeleteSeat",
                  absl::StrCat("name: '", name, "'")));
    ASSERT_OK(Purge(name));
  }
  Start(storage::Database::Open(copy).value());
  EXPECT_EQ(Undone(), 0u);
  EXPECT_THAT(Try("GetBody", "name: 'bodies/b'"), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(ErasureListTest, WhatCantBeDoneIsLeftToTheOperator) {
  AddBodyWithSeat();
  v1::GetBodyRequest request;
  request.set_name("bodies/b");
  ASSERT_OK_AND_ASSIGN(const auto body,
                       service_->Call<v1::Body>(Secretariat(), "GetBody", request));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"RESOURCE", absl::StrCat("\"type\":\"baliprocess.net/Body\",\"uid\":\"", body.uid(), "\"")},
      {"RESOURCE", "\"type\":\"baliprocess.net/Unicorn\",\"uid\":\"u\""},
      {"FROM_A_NEWER_PROGRAM", "\"type\":\"baliprocess.net/Body\",\"uid\":\"u\""},
      {"TEXT", "\"hash\":\"00\",\"key\":\"of another store\""}};
  {
    std::ofstream file(list_path(), std::ios::app);
    for (const auto& [kind, rest] : cases) {
      file << "{\"id\":\"" << NewUuid() << "\",\"eraseTime\":\"2024-05-02T10:00:00Z\","
           << "\"erased\":[{\"kind\":\"" << kind << "\"," << rest << "}]}\n";
    }
  }
  EXPECT_EQ(Undone(), cases.size());
  Restart();
  EXPECT_EQ(Undone(), cases.size());
  EXPECT_OK(Try("GetBody", "name: 'bodies/b'"));
}

// What the store itself refuses of one, such as an id that no PostgreSQL has, keeps no other from
// being done, nor the service from starting; nor does what is unknown within one.
TEST_P(ErasureListTest, OneThatCantBeDoneHidesNoOther) {
  AddPerson("one");
  AddPerson("two");
  const std::string time = "\"eraseTime\":\"2024-05-02T10:00:00Z\"";
  const auto personal = [&](const std::string& uid) {
    return absl::StrCat(R"({"kind":"PERSONAL","type":"baliprocess.net/Official","uid":")", uid,
                        "\"}");
  };
  const std::string unknown = R"({"kind":"RESOURCE","type":"baliprocess.net/Unicorn","uid":"u"})";
  std::vector<std::string> lines = {personal("no\\u0000id"), personal(std::string(100'000, 'x')),
                                    absl::StrCat(unknown, ",", personal(Uid("one"))),
                                    personal(Uid("two"))};
  {
    std::ofstream file(list_path(), std::ios::app);
    for (const std::string& erased : lines) {
      file << "{\"id\":\"" << NewUuid() << "\"," << time << ",\"erased\":[" << erased << "]}\n";
    }
  }
  Restart();
  EXPECT_THAT(TablesWithSecret(), IsEmpty());
  EXPECT_GE(Undone(), 1u);
  EXPECT_LE(Undone(), 2u);
}

// Two replicas start at once: the second finds the mark in its transaction, and does nothing.
TEST_P(ErasureListTest, WhatAnotherReplicaHasDoneMeanwhileIsDone) {
  AddPerson("one");
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  const std::string id = list_->Read().value().erasures.at(0).id();
  AddPerson("two");
  const std::string other = Uid("two");
  ForgetMarks();
  // In the place of the one that was erased, so that it shows whether it is erased again.
  std::string text = List();
  text.replace(text.find("\"uid\":\"") + 7, other.size(), other);
  std::ofstream(list_path()) << text;
  service_.reset();
  below_ = store_.Open();
  auto layer = std::make_unique<MarksFirst>(*below_, id);
  const MarksFirst& marks = *layer;
  Start(std::move(layer));
  EXPECT_TRUE(marks.marked());
  EXPECT_OK(Try("GetOfficial", "name: 'officials/two'"));
  EXPECT_THAT(TablesWithSecret(), ::testing::Contains("officials"));
}

// An erasure that came to nothing may stand in the list when the disk failed.
TEST_P(SetBackTest, WhatCameBackToLifeSinceIsLeft) {
  AddDeletedBody("alive");
  const std::string copy = directory_ + "/copy.db";
  ASSERT_OK(service_->database().CopyTo({.path = copy}));
  ASSERT_OK(Purge("bodies/alive"));
  service_.reset();
  list_ = ErasureList::Open(directory_ + "/another").value();
  Start(storage::Database::Open(copy).value());
  clock_.Advance(absl::Seconds(1));
  ASSERT_OK(Try("UndeleteBody", "name: 'bodies/alive'"));
  service_.reset();
  list_ = ErasureList::Open(list_path()).value();
  Start(storage::Database::Open(copy).value());
  EXPECT_EQ(Undone(), 0u);
  EXPECT_OK(Try("GetBody", "name: 'bodies/alive'"));
}

TEST_P(ErasureListTest, AnErasureThatCantBeListedIsRefused) {
  AddPerson("one");
  const auto before = TablesWithSecret();
  std::filesystem::rename(directory_, directory_ + ".away");
  EXPECT_THAT(Try("EraseOfficial", "name: 'officials/one'"),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_OK(Try("EraseOfficial", "name: 'officials/one' validate_only: true"));
  EXPECT_EQ(TablesWithSecret(), before);
  std::filesystem::rename(directory_ + ".away", directory_);
  EXPECT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_THAT(TablesWithSecret(), IsEmpty());
}

// The disk of the list went away after the erasure had begun: the transaction in which other
// writers wait isn't begun any more.
TEST_P(ErasureListTest, TheListIsTriedAgainBeforeTheLastTransaction) {
  class Watches final : public storage::StoreObserver {
   public:
    explicit Watches(std::string directory) : directory_(std::move(directory)) {}
    void StatementEnded(std::string_view sql, absl::Duration, const absl::Status&) override {
      // The number that an erasure gets before it goes through the history.
      if (sql.starts_with("INSERT INTO erasures") && !away_.exchange(true)) {
        std::filesystem::rename(directory_, directory_ + ".away");
      }
      if (away_ && sql.starts_with("INSERT INTO engine_state")) ++marks_;
    }
    void TransactionEnded(bool, absl::Duration, const absl::Status&) override {}
    void Listened(const absl::Status&) override {}
    int marks() const { return marks_; }
    bool away() const { return away_; }

   private:
    const std::string directory_;
    std::atomic<bool> away_ = false;
    std::atomic<int> marks_ = 0;
  };
  AddPerson("one");
  Watches watches(directory_);
  service_.reset();
  below_ = store_.Open();
  Start(std::make_unique<storage::ObservedDatabase>(*below_, watches));
  EXPECT_THAT(Try("EraseOfficial", "name: 'officials/one'"),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_TRUE(watches.away());
  EXPECT_EQ(watches.marks(), 0);
  std::filesystem::rename(directory_ + ".away", directory_);
  EXPECT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  service_.reset();
}

// What failed for certain is withdrawn; of what was done without the caller knowing, the store
// knows.
TEST_P(ErasureListTest, WhatWasntDoneIsWithdrawn) {
  AddPerson("one");
  testing::FaultDatabase& fault = RestartWith(storage::ErrorClass::kTimeout);
  int failed = 0;
  for (int n = 1; n < 100; ++n, ++failed) {
    fault.FailCommit(n);
    if (Try("EraseOfficial", "name: 'officials/one'").ok()) break;
    EXPECT_EQ(Undone(), 0u);
  }
  fault.Heal();
  EXPECT_GT(failed, 2);
  EXPECT_EQ(Undone(), 0u);
  EXPECT_THAT(List(), HasSubstr("\"withdrawn\":true"));
  EXPECT_EQ(list_->Read().value().erasures.size(), 1u);
  EXPECT_THAT(TablesWithSecret(), IsEmpty());
}

TEST_P(ErasureListTest, WhatMayHaveBeenDoneIsntWithdrawn) {
  AddPerson("one");
  testing::FaultDatabase& fault = RestartWith(storage::ErrorClass::kConnectionLost);
  for (int n = 1; n < 100 && TablesWithSecret().contains("officials"); ++n) {
    fault.LoseAnswer(n);
    EXPECT_FALSE(Try("EraseOfficial", "name: 'officials/one'").ok());
  }
  fault.Heal();
  EXPECT_THAT(List(), Not(HasSubstr("withdrawn")));
  EXPECT_EQ(list_->Read().value().erasures.size(), 1u);
  EXPECT_EQ(Undone(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Engines, ErasureListTest, ::testing::ValuesIn(testing::EngineNames()),
                         testing::EngineName);
INSTANTIATE_TEST_SUITE_P(Sqlite, SetBackTest, ::testing::Values(testing::kSqlite),
                         testing::EngineName);

}  // namespace
}  // namespace baliprocess::membership
