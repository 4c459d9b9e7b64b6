// What every store does, whichever engine it is: values, errors, transactions.

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "common/base/errors.h"
#include "tests/contract/storage_fixture.h"

namespace baliprocess::storage {
namespace {

using ::testing::ElementsAre;

class StorageContractTest : public StorageTest {};
INSTANTIATE_TEST_SUITE_P(Engines, StorageContractTest, ::testing::ValuesIn(testing::EngineNames()),
                         testing::EngineName);

constexpr char kCreateValues[] =
    "CREATE TABLE v (id BIGINT PRIMARY KEY, t TEXT, i BIGINT, d DOUBLE PRECISION, b BOOLEAN,"
    " y BYTEA)";

TEST_P(StorageContractTest, ValuesRoundTripExactly) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  const std::string all_bytes = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    return bytes;
  }();
  const std::vector<Row> rows = {
      {int64_t{1}, "text", int64_t{1} << 40, 0.1, true, Bytes{all_bytes}},
      {int64_t{2}, "", std::numeric_limits<int64_t>::max(), -0.0, false, Bytes{""}},
      {int64_t{3}, std::monostate(), std::monostate(), std::monostate(), std::monostate(),
       std::monostate()},
      {int64_t{4}, "Bali Pröcess ᮘᮜᮤ 🌏 ' \" ? $1 \\ %", std::numeric_limits<int64_t>::min(),
       std::numeric_limits<double>::denorm_min(), true, Bytes{std::string(3, '\0')}},
      {int64_t{5}, std::string(100'000, 'x'), int64_t{-1}, std::numeric_limits<double>::max(), true,
       Bytes{std::string(1'000'000, '\xff')}},
      {int64_t{6}, "1", int64_t{0}, 3.0, false, Bytes{"\\x00"}},
  };
  for (const Row& row : rows) {
    ASSERT_OK(Execute(*db_, "INSERT INTO v VALUES (?, ?, ?, ?, ?, ?)", row));
  }
  const std::vector<Row> stored = Select(*db_, "SELECT * FROM v ORDER BY id");
  ASSERT_EQ(stored.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Row expected = rows[i];
    // A BOOLEAN reads back as a number.
    if (const bool* flag = std::get_if<bool>(&expected[4])) expected[4] = int64_t{*flag ? 1 : 0};
    EXPECT_EQ(stored[i], expected) << "row " << i;
  }
}

TEST_P(StorageContractTest, TextWithNulIsKeptOrRefusedAndNeverCut) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  const std::string text("a\0b", 3);
  if (Execute(*db_, "INSERT INTO v (id, t) VALUES (1, ?)", {text}).ok()) {
    EXPECT_EQ(AsText(Select(*db_, "SELECT t FROM v")[0][0]), text);
  } else {
    EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM v"), 0);
  }
}

TEST_P(StorageContractTest, ValuesSelectRows) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  ASSERT_OK(Execute(*db_, "INSERT INTO v VALUES (7, 'a', 1099511627776, 0.5, TRUE, ?)",
                    {Bytes{std::string("\0x", 2)}}));
  const auto count = [&](std::string_view where, const Value& value) {
    return SelectInt(*db_, std::string("SELECT COUNT(*) FROM v WHERE ") + std::string(where),
                     {value});
  };
  EXPECT_EQ(count("t = ?", "a"), 1);
  EXPECT_EQ(count("i = ?", int64_t{1} << 40), 1);
  EXPECT_EQ(count("d = ?", 0.5), 1);
  EXPECT_EQ(count("b = ?", true), 1);
  EXPECT_EQ(count("b = ?", false), 0);
  EXPECT_EQ(count("y = ?", Bytes{std::string("\0x", 2)}), 1);
  EXPECT_EQ(count("t = ?", std::monostate()), 0);
}

TEST_P(StorageContractTest, ComputedNumbersAreNumbers) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  ASSERT_OK(Execute(*db_, "INSERT INTO v (id, i) VALUES (1, 1099511627776), (2, 1)"));
  const Row row =
      Select(*db_, "SELECT COUNT(*), SUM(i), MAX(i), AVG(id), i > 0 FROM v GROUP BY i > 0")[0];
  EXPECT_THAT(row, ElementsAre(Value(int64_t{2}), Value((int64_t{1} << 40) + 1),
                               Value(int64_t{1} << 40), Value(1.5), Value(int64_t{1})));
}

TEST_P(StorageContractTest, QuestionMarksInQuotesAndCommentsAreNotParameters) {
  ASSERT_OK(Execute(*db_, "CREATE TABLE q (\"a?\" TEXT)"));
  ASSERT_OK(Execute(*db_, "INSERT INTO q (\"a?\") VALUES ('it''s ?') -- really?"));
  EXPECT_EQ(
      SelectInt(*db_, "SELECT COUNT(*) FROM q WHERE \"a?\" = 'it''s ?' AND \"a?\" <> ?", {"other"}),
      1);
}

TEST_P(StorageContractTest, OneStatementTakesNullAndValueAlike) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  constexpr char kInsert[] = "INSERT INTO v (id, t, i) VALUES (?, ?, ?)";
  ASSERT_OK(Execute(*db_, kInsert, {int64_t{1}, std::monostate(), int64_t{5}}));
  ASSERT_OK(Execute(*db_, kInsert, {int64_t{2}, "t", std::monostate()}));
  ASSERT_OK(Execute(*db_, kInsert, {int64_t{3}, std::monostate(), std::monostate()}));
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM v WHERE t IS NULL"), 2);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM v WHERE i IS NULL"), 2);
}

TEST_P(StorageContractTest, MoreStatementsThanAreKept) {
  for (int i = 0; i < 600; ++i) {
    ASSERT_EQ(SelectInt(*db_, "SELECT " + std::to_string(i)), i);
  }
  EXPECT_EQ(SelectInt(*db_, "SELECT 0"), 0);
}

TEST_P(StorageContractTest, ExecuteCountsChangedRows) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  ASSERT_OK(db_->Write([](Transaction& tx) -> absl::Status {
    const auto count = [&](std::string_view sql) { return tx.Execute(sql).value_or(-1); };
    EXPECT_EQ(count("INSERT INTO v (id) VALUES (1), (2), (3)"), 3);
    EXPECT_EQ(count("INSERT INTO v (id) VALUES (1) ON CONFLICT DO NOTHING"), 0);
    EXPECT_EQ(count("INSERT INTO v (id, i) VALUES (1, 9) ON CONFLICT (id)"
                    " DO UPDATE SET i = excluded.i RETURNING id"),
              1);
    EXPECT_EQ(count("UPDATE v SET i = 1 WHERE id > 1"), 2);
    EXPECT_EQ(count("CREATE TABLE other (id BIGINT)"), 0);
    EXPECT_EQ(count("SELECT id FROM v"), 0);
    EXPECT_EQ(count("DELETE FROM v WHERE id = 99"), 0);
    EXPECT_EQ(count("DELETE FROM v"), 3);
    return absl::OkStatus();
  }));
}

TEST_P(StorageContractTest, TextComparesByBytes) {
  ASSERT_OK(Execute(*db_, kCreateValues));
  ASSERT_OK(Execute(*db_,
                    "INSERT INTO v (id, t) VALUES (1, 'b'), (2, 'B'), (3, 'a-c'), (4, 'ab'),"
                    " (5, 'é'), (6, 'z')"));
  std::vector<int64_t> order;
  for (const Row& row : Select(*db_, "SELECT id FROM v ORDER BY t")) order.push_back(AsInt(row[0]));
  EXPECT_THAT(order, ElementsAre(2, 3, 4, 1, 6, 5));
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM v WHERE (t, id) > (?, ?)", {"ab", int64_t{3}}),
            4);
}

TEST_P(StorageContractTest, LikeTellsCase) {
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM (SELECT 'Bali' AS t) s WHERE t LIKE 'Ba%'"), 1);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM (SELECT 'Bali' AS t) s WHERE t LIKE 'ba%'"), 0);
}

TEST_P(StorageContractTest, ErrorsAreClassified) {
  ASSERT_OK(Execute(*db_,
                    "CREATE TABLE p (id BIGINT PRIMARY KEY, u TEXT UNIQUE, n BIGINT NOT NULL"
                    " CHECK (n > 0))"));
  ASSERT_OK(Execute(*db_, "INSERT INTO p VALUES (1, 'a', 1)"));
  const auto class_of = [&](std::string_view sql) { return ClassOf(Execute(*db_, sql)); };
  EXPECT_EQ(class_of("INSERT INTO p VALUES (2, 'b', 1)"), ErrorClass::kNone);
  EXPECT_EQ(class_of("INSERT INTO p VALUES (1, 'c', 1)"), ErrorClass::kUnique);
  EXPECT_EQ(class_of("INSERT INTO p VALUES (3, 'a', 1)"), ErrorClass::kUnique);
  EXPECT_EQ(class_of("INSERT INTO p VALUES (3, 'c', 0)"), ErrorClass::kCheck);
  EXPECT_EQ(class_of("INSERT INTO p VALUES (3, 'c', NULL)"), ErrorClass::kCheck);
  EXPECT_EQ(class_of("SELEKT"), ErrorClass::kOther);
  EXPECT_EQ(class_of("SELECT no_such_column FROM p"), ErrorClass::kOther);
  EXPECT_EQ(class_of("SELECT \"no_such_column\" FROM p"), ErrorClass::kOther);
  EXPECT_EQ(class_of("INSERT INTO p VALUES (?, 'x', 1)"), ErrorClass::kOther);
  EXPECT_EQ(class_of("SELECT 1; SELECT 2"), ErrorClass::kOther);
  EXPECT_EQ(ClassOf(NotFound("members/AUS")), ErrorClass::kNone);
  EXPECT_EQ(SelectInt(*db_, "SELECT COUNT(*) FROM p"), 2);
}

TEST_P(StorageContractTest, AnErrorRollsBackAndPassesThroughUntouched) {
  CreateCounter(*db_);
  const absl::Status refused = RuleBroken("seat_overlap", "the seat overlaps", "bodies/ahg");
  const absl::Status status = db_->Write([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Execute("UPDATE counter SET n = 5").status());
    return refused;
  });
  EXPECT_EQ(status, refused);
  EXPECT_EQ(ClassOf(status), ErrorClass::kNone);
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 0);
  EXPECT_EQ(db_->Read([&](Transaction&) { return refused; }), refused);
}

TEST_P(StorageContractTest, AFailedStatementFailsItsTransaction) {
  CreateCounter(*db_);
  const absl::Status status = db_->Write([](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Execute("UPDATE counter SET n = 5").status());
    EXPECT_EQ(ClassOf(tx.Execute("INSERT INTO counter VALUES (1, 1)").status()),
              ErrorClass::kUnique);
    EXPECT_FALSE(tx.Query("SELECT 1").ok());
    return absl::OkStatus();  // as if nothing had happened
  });
  EXPECT_EQ(ClassOf(status), ErrorClass::kUnique);
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 0);
}

TEST_P(StorageContractTest, ReadsCannotWrite) {
  CreateCounter(*db_);
  EXPECT_FALSE(
      db_->Read([](Transaction& tx) { return tx.Execute("UPDATE counter SET n = 1").status(); })
          .ok());
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 0);
}

TEST_P(StorageContractTest, ReadOneIsForOneQuery) {
  CreateCounter(*db_);
  int64_t n = -1;
  const auto query = [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT n FROM counter WHERE id = ?", {int64_t{1}}));
    n = AsInt(rows[0][0]);
    return absl::OkStatus();
  };
  ASSERT_OK(db_->ReadOne(query));
  EXPECT_EQ(n, 0);
  EXPECT_FALSE(db_->ReadOne([&](Transaction& tx) -> absl::Status {
                    RETURN_IF_ERROR(query(tx));
                    return query(tx);
                  })
                   .ok());
  // It holds no snapshot.
  ASSERT_OK(Execute(*db_, "UPDATE counter SET n = 1"));
  ASSERT_OK(db_->ReadOne(query));
  EXPECT_EQ(n, 1);
}

TEST_P(StorageContractTest, AQueryStopsWithTheRowThatExceedsItsBudget) {
  ASSERT_OK(
      Execute(*db_, "CREATE TABLE bodies (id BIGINT PRIMARY KEY, a BYTEA NOT NULL, b BYTEA)"));
  for (int64_t id = 0; id < 10; ++id) {
    ASSERT_OK(Execute(*db_, "INSERT INTO bodies VALUES (?, ?, ?)",
                      {id, Bytes{std::string(60'000, 'a')},
                       id % 2 == 0 ? Value(Bytes{std::string(40'000, 'b')}) : Value()}));
  }
  std::vector<Row> rows;
  const auto read = [&](int64_t bytes, const char* order) {
    return db_->ReadOne([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(rows, tx.QueryUpTo({{"a", "b"}, bytes},
                                          absl::StrCat("SELECT id, b, a FROM bodies WHERE id >= ? "
                                                       "ORDER BY id ",
                                                       order, " LIMIT 7"),
                                          {int64_t{1}}));
      return absl::OkStatus();
    });
  };
  // 60, 100, 60, 100, ... KB from the first; 60, 100, ... from the last.
  for (const auto& [bytes, expected] : std::vector<std::pair<int64_t, size_t>>{
           {0, 1}, {59'999, 1}, {60'000, 2}, {160'000, 3}, {219'999, 3}, {10'000'000, 7}}) {
    ASSERT_OK(read(bytes, "ASC"));
    EXPECT_EQ(rows.size(), expected) << bytes;
    ASSERT_OK(read(bytes, "DESC"));
    EXPECT_EQ(rows.size(), expected) << bytes;
  }
  ASSERT_EQ(rows[0].size(), 3u);
  EXPECT_EQ(AsInt(rows[0][0]), 9);
  EXPECT_TRUE(IsNull(rows[0][1]));
  EXPECT_EQ(AsBytes(rows[1][2]), std::string(60'000, 'a'));
}

TEST_P(StorageContractTest, ReadOneCannotWrite) {
  CreateCounter(*db_);
  EXPECT_FALSE(db_->ReadOne([](Transaction& tx) {
                    return tx.Query("UPDATE counter SET n = 1 RETURNING n").status();
                  })
                   .ok());
  EXPECT_FALSE(
      db_->ReadOne([](Transaction& tx) { return tx.Execute("UPDATE counter SET n = 1").status(); })
          .ok());
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 0);
}

TEST_P(StorageContractTest, AReadOneThatFailsHurtsNoOther) {
  const auto db = store_.Open({.max_connections = 1});
  EXPECT_EQ(
      ClassOf(db->ReadOne([](Transaction& tx) { return tx.Query("SELECT nothing").status(); })),
      ErrorClass::kOther);
  EXPECT_EQ(db->ReadOne([](Transaction&) { return NotFound("members/aus"); }),
            NotFound("members/aus"));
  EXPECT_OK(db->Ping());
}

TEST_P(StorageContractTest, AReadSeesOneSnapshotAndTheNextANewOne) {
  CreateCounter(*db_);
  ASSERT_OK(db_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto before, tx.Query("SELECT n FROM counter"));
    std::thread([&] { EXPECT_OK(Execute(*db_, "UPDATE counter SET n = 1")); }).join();
    ASSIGN_OR_RETURN(const auto after, tx.Query("SELECT n FROM counter"));
    EXPECT_EQ(before, after);
    return absl::OkStatus();
  }));
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 1);
}

TEST_P(StorageContractTest, AFailedReadHoldsNoSnapshot) {
  CreateCounter(*db_);
  EXPECT_FALSE(db_->Read([](Transaction& tx) -> absl::Status {
                    RETURN_IF_ERROR(tx.Query("SELECT n FROM counter").status());
                    return tx.Query("SELECT nothing").status();
                  })
                   .ok());
  ASSERT_OK(Execute(*db_, "UPDATE counter SET n = 1"));
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 1);
}

TEST_P(StorageContractTest, SchemaChangesAreTransactionalAndSeenByPreparedStatements) {
  CreateCounter(*db_);
  ASSERT_EQ(Select(*db_, "SELECT * FROM counter")[0].size(), 2);
  const absl::Status stopped = absl::CancelledError("stop");
  EXPECT_EQ(db_->Write([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Execute("ALTER TABLE counter ADD COLUMN t TEXT").status());
    return stopped;
  }),
            stopped);
  ASSERT_EQ(Select(*db_, "SELECT * FROM counter")[0].size(), 2);
  ASSERT_OK(db_->Write([](Transaction& tx) {
    return tx.Execute("ALTER TABLE counter ADD COLUMN t TEXT").status();
  }));
  EXPECT_EQ(Select(*db_, "SELECT * FROM counter")[0].size(), 3);
}

TEST_P(StorageContractTest, SerialKeysCount) {
  ASSERT_OK(Execute(
      *db_, "CREATE TABLE s (seq " + std::string(db_->dialect().serial_primary_key) + ", t TEXT)"));
  for (int i = 1; i <= 3; ++i) {
    ASSERT_OK(db_->Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows, tx.Query("INSERT INTO s (t) VALUES ('x') RETURNING seq"));
      EXPECT_THAT(rows, ElementsAre(ElementsAre(Value(int64_t{i}))));
      return absl::OkStatus();
    }));
  }
}

TEST_P(StorageContractTest, WhatWasCommittedIsThereAfterReopening) {
  CreateCounter(*db_);
  ASSERT_OK(Execute(*db_, "UPDATE counter SET n = 42"));
  db_.reset();
  db_ = store_.Open();
  EXPECT_EQ(SelectInt(*db_, "SELECT n FROM counter"), 42);
}

// A query without end neither holds up a thread for ever nor spoils its connection.
TEST_P(StorageContractTest, AReadThatTakesTooLongFails) {
  const auto db = store_.Open({.max_connections = 1, .longest_read = absl::Milliseconds(50)});
  const absl::Status status = db->Read([](Transaction& tx) {
    return tx
        .Query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i % 1000 + 1 FROM n) "
            "SELECT MAX(i) FROM n")
        .status();
  });
  EXPECT_EQ(ClassOf(status), ErrorClass::kTimeout) << status;
  EXPECT_OK(db->Ping());
}

TEST_P(StorageContractTest, PingAnswers) { EXPECT_OK(db_->Ping()); }

TEST(DatabaseTest, ReadersOfOtherTypesAnswerZero) {
  EXPECT_EQ(AsInt("1"), 0);
  EXPECT_EQ(AsInt(true), 1);
  EXPECT_EQ(AsText(std::monostate()), "");
  EXPECT_EQ(AsText(Bytes{"b"}), "");
  EXPECT_EQ(AsBytes("t"), "");
}

}  // namespace
}  // namespace baliprocess::storage
