// Reads on a standby. Here the server of the store is its own standby, as its URL says; two servers
// are in tests/faults/standby_reads_test.py.

#include <memory>
#include <string>
#include <vector>

#include "common/base/steady_time.h"
#include "common/storage/standby.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

class StandbyTest : public ::testing::Test {
 protected:
  StandbyTest() {
    EXPECT_OK(Execute(*db_, "CREATE TABLE t (id BIGINT)"));
    EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (7)"));
  }

  std::unique_ptr<Standby> Open(const std::string& parameter) {
    const std::string separator = store_.target().find('?') == std::string::npos ? "?" : "&";
    auto standby = Standby::Open(store_.target(), store_.target() + separator + parameter, {});
    EXPECT_OK(standby);
    return standby.ok() ? *std::move(standby) : nullptr;
  }

  // The number of rows is asked first.
  static Standby::Question HowMany(int64_t& count, absl::Status judgement = absl::OkStatus()) {
    return {"SELECT COUNT(*) FROM t", {}, [&count, judgement](const std::vector<Row>& rows) {
              count = AsInt(rows.at(0).at(0));
              return judgement;
            }};
  }

  testing::TestStore store_{testing::kPostgres};
  std::unique_ptr<Database> db_ = store_.Open();
  std::unique_ptr<Standby> standby_ = Open("target_session_attrs=any");
};

TEST_F(StandbyTest, TheQuestionAndTheWorkAreOfOneSnapshot) {
  int64_t before = 0;
  int64_t after = 0;
  EXPECT_OK(standby_->Read(HowMany(before), [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Query("SELECT 1").status());
    EXPECT_OK(Execute(*db_, "INSERT INTO t VALUES (8)"));
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT COUNT(*) FROM t"));
    after = AsInt(rows[0][0]);
    return absl::OkStatus();
  }));
  EXPECT_EQ(before, 1);
  EXPECT_EQ(after, 1);
}

TEST_F(StandbyTest, OneQueryIsReadAsIt) {
  int64_t count = 0;
  const auto read = [&](const std::string& column, absl::Status judgement = absl::OkStatus()) {
    const std::string sql = "SELECT " + column + ", CAST('x' AS BYTEA) AS data FROM t";
    int64_t id = 0;
    const absl::Status status =
        standby_->ReadOne(HowMany(count, judgement), [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(const auto rows, tx.QueryUpTo({{"data"}, 100}, sql, {}));
          id = AsInt(rows.at(0).at(0));
          return absl::OkStatus();
        });
    EXPECT_EQ(id, status.ok() ? 7 : 0);
    return status;
  };
  EXPECT_OK(read("id"));
  EXPECT_EQ(ClassOf(read("nothing")), ErrorClass::kOther);
  EXPECT_OK(read("id"));
  EXPECT_EQ(read("id", absl::UnavailableError("old")), absl::UnavailableError("old"));
  EXPECT_OK(read("id"));
  EXPECT_EQ(count, 1);
  EXPECT_EQ(SelectInt(*db_,
                      "SELECT COUNT(*) FROM pg_stat_activity"
                      " WHERE state LIKE 'idle in transaction%'"),
            0);
  EXPECT_FALSE(standby_
                   ->ReadOne(HowMany(count),
                             [](Transaction& tx) {
                               EXPECT_OK(tx.Query("SELECT 1"));
                               return tx.Query("SELECT 1").status();
                             })
                   .ok());
  EXPECT_OK(standby_->ReadOne(HowMany(count), [](Transaction&) { return absl::OkStatus(); }));
}

TEST_F(StandbyTest, AWorkThatAsksNothingIsJudgedToo) {
  int64_t count = 0;
  const Work nothing = [](Transaction&) { return absl::OkStatus(); };
  EXPECT_OK(standby_->Read(HowMany(count), nothing));
  EXPECT_EQ(count, 1);
  EXPECT_EQ(standby_->Read(HowMany(count, absl::UnavailableError("old")), nothing),
            absl::UnavailableError("old"));
}

TEST_F(StandbyTest, WhatIsRefusedIsTheAnswerWhateverTheWorkMakesOfIt) {
  int64_t count = 0;
  int statements = 0;
  const auto status =
      standby_->Read(HowMany(count, absl::UnavailableError("old")), [&](Transaction& tx) {
        for (int i = 0; i < 3; ++i) statements += tx.Query("SELECT 1").ok() ? 1 : 0;
        return absl::OkStatus();
      });
  EXPECT_EQ(status, absl::UnavailableError("old"));
  EXPECT_EQ(statements, 0);
  EXPECT_OK(standby_->Read(HowMany(count), [](Transaction&) { return absl::OkStatus(); }));
}

TEST_F(StandbyTest, AWorksErrorIsItsOwnAndAStatementsIsTheStores) {
  int64_t count = 0;
  EXPECT_EQ(standby_->Read(HowMany(count), [](Transaction&) { return absl::NotFoundError("x"); }),
            absl::NotFoundError("x"));
  const auto failed = standby_->Read(
      HowMany(count), [](Transaction& tx) { return tx.Query("SELECT nothing").status(); });
  EXPECT_EQ(ClassOf(failed), ErrorClass::kOther);
  EXPECT_OK(standby_->Read(HowMany(count), [](Transaction&) { return absl::OkStatus(); }));
}

// Whoever falls back to the primary for it has waited long enough.
TEST_F(StandbyTest, WhileAllItsConnectionsAreInUseNobodyWaitsForLong) {
  const std::string url = store_.target() +
                          (store_.target().find('?') == std::string::npos ? "?" : "&") +
                          "target_session_attrs=any";
  ASSERT_OK_AND_ASSIGN(const auto narrow,
                       Standby::Open(store_.target(), url, {.max_connections = 2}));
  int64_t count = 0;
  int64_t inner = 0;
  EXPECT_OK(narrow->Read(HowMany(count), [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Query("SELECT 1").status());
    const SteadyTime begun = SteadyNow();
    const absl::Status status =
        narrow->Read(HowMany(inner), [](Transaction&) { return absl::OkStatus(); });
    EXPECT_EQ(ClassOf(status), ErrorClass::kConflict) << status;
    EXPECT_LT(Since(begun), absl::Seconds(5));
    return absl::OkStatus();
  }));
}

TEST_F(StandbyTest, NothingIsWrittenThere) {
  int64_t count = 0;
  for (const Work& work :
       {Work([](Transaction& tx) { return tx.Execute("DELETE FROM t").status(); }),
        Work([](Transaction& tx) { return tx.Send("DELETE FROM t"); }),
        Work([](Transaction& tx) { return tx.Query("DELETE FROM t RETURNING id").status(); })}) {
    EXPECT_FALSE(standby_->Read(HowMany(count), work).ok());
  }
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t"), 1);
}

TEST_F(StandbyTest, AMarkIsWrittenOnThePrimary) {
  EXPECT_OK(standby_->Mark("INSERT INTO t VALUES (?)", {int64_t{9}}));
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM t WHERE id = 9"), 1);
  EXPECT_FALSE(standby_->Mark("INSERT INTO nothing VALUES (1)", {}).ok());
  EXPECT_OK(standby_->Mark("DELETE FROM t WHERE id = ?", {int64_t{9}}));
}

TEST_F(StandbyTest, APrimaryIsNoStandbyUnlessTheUrlSaysSo) {
  int64_t count = 0;
  const auto read = Open("connect_timeout=2")->Read(HowMany(count), [](Transaction&) {
    return absl::OkStatus();
  });
  EXPECT_EQ(ClassOf(read), ErrorClass::kConnectionLost);
}

TEST_F(StandbyTest, AfterItsEndNothingIsWaitedFor) {
  standby_->Stop();
  int64_t count = 0;
  EXPECT_EQ(ClassOf(standby_->Mark("SELECT pg_sleep(60)", {})), ErrorClass::kConnectionLost);
  EXPECT_EQ(ClassOf(standby_->Read(
                HowMany(count),
                [](Transaction& tx) { return tx.Query("SELECT 1 FROM pg_sleep(60)").status(); })),
            ErrorClass::kConnectionLost);
  // A start that failed is tried again.
  standby_->Start();
  EXPECT_OK(standby_->Mark("SELECT 1", {}));
}

TEST(StandbyUrlTest, MalformedOnesAreToldAtOnce) {
  EXPECT_EQ(ClassOf(Standby::Open("postgresql://a/b", "mysql://a/b", {}).status()),
            ErrorClass::kOther);
  EXPECT_EQ(ClassOf(Standby::Open("postgresql://a/b", "postgresql://a/b?nonsense=1", {}).status()),
            ErrorClass::kOther);
}

}  // namespace
}  // namespace baliprocess::storage
