// What the store of the meetings service looks like.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/meetings/service.h"
#include "tests/contract/meetings_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::meetings {
namespace {

using testing::HasReason;

class MeetingsSchemaTest : public MeetingsTest {
 protected:
  // Makes the row of a table what it is when a program inserts it that doesn't know the column.
  absl::Status InsertWithout(const std::string& column, const std::string& table,
                             const std::string& name) {
    return service_->database().Write([&](storage::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows,
                       tx.Query("SELECT column_name FROM schema_columns WHERE table_name = ? AND "
                                "column_name <> ?",
                                {table, column}));
      std::vector<std::string> known;
      for (const storage::Row& row : rows) known.push_back(storage::AsText(row[0]));
      const std::string columns = absl::StrJoin(known, ", ");
      const std::string named = absl::StrCat(table, " WHERE name = '", name, "'");
      for (const std::string& sql :
           {absl::StrCat("CREATE TABLE kept AS SELECT * FROM ", named),
            absl::StrCat("DELETE FROM ", named),
            absl::StrCat("INSERT INTO ", table, " (", columns, ") SELECT ", columns, " FROM kept"),
            absl::StrCat("UPDATE ", table, " SET layout = 0 WHERE name = '", name, "'"),
            std::string("DROP TABLE kept")}) {
        RETURN_IF_ERROR(tx.Execute(sql).status());
      }
      return absl::OkStatus();
    });
  }
};
INSTANTIATE_ON_ENGINES(MeetingsSchemaTest);

TEST_P(MeetingsSchemaTest, IsAsCommitted) {
  if (!store_.is_sqlite()) GTEST_SKIP() << "the committed copy is of SQLite's dialect";
  testing::ExpectCommittedSchema(Resources().value(), *service_, "meetings");
}

// A program of the version before leaves out the columns that are new. Until such a row is filled,
// who may see it isn't known, and then nobody may.
TEST_P(MeetingsSchemaTest, ARowWithoutAColumnThatProtectsItIsClosed) {
  AddMeeting("a");
  ASSERT_OK(Try("CreateAgendaItem",
                "parent: 'meetings/a' agenda_item_id: 'x' agenda_item { display_name: 'x' }"));
  ASSERT_OK(Try("CreateDecision", R"(decision_id: 'x' decision { body: 'bodies/ahg'
      meeting: 'meetings/a' display_name: 'x' text: 'x' procedure: CONSENSUS })"));
  struct Case {
    const char* column;
    const char* table;
    const char* name;
    const char* method;  // of what is closed
    const char* closed;
  };
  for (const Case& row :
       {Case{"visibility", "meetings", "meetings/a", "GetMeeting", "meetings/a"},
        Case{"confidential", "meetings", "meetings/a", "GetAgendaItem", "meetings/a/agendaItems/x"},
        Case{"meeting", "decisions", "decisions/x", "GetDecision", "decisions/x"}}) {
    SCOPED_TRACE(absl::StrCat(row.table, ".", row.column));
    const std::string request = absl::StrCat("name: '", row.closed, "'");
    ASSERT_OK(TryAs(Observer(), row.method, request));
    ASSERT_OK(InsertWithout(row.column, row.table, row.name));
    EXPECT_THAT(TryAs(Observer(), row.method, request),
                HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
    EXPECT_OK(Try(row.method, request));
    ASSERT_OK(service_->engine().KeepHouse());
    EXPECT_OK(TryAs(Observer(), row.method, request));
  }
}

// Likewise a change, for good: what it was below at the time isn't known later.
TEST_P(MeetingsSchemaTest, AChangeWithoutItsSurroundingsIsClosed) {
  AddMeeting("a");
  const auto seen_by = [&](const auth::Caller& caller) {
    common::v1::WatchChangesRequest from_start;
    from_start.set_from_start(true);
    testing::WatchReader reader(*service_, caller, from_start);
    return reader.ReadThrough("meetings/b").size();
  };
  ASSERT_OK(service_->database().Write([](storage::Transaction& tx) {
    constexpr char kKnown[] =
        "epoch, change_time, kind, type, resource, actor, method, before_body, after_body, reason";
    return tx
        .Execute(absl::StrCat("INSERT INTO changes (", kKnown, ") SELECT ", kKnown,
                              " FROM changes WHERE resource = 'meetings/a'"))
        .status();
  }));
  AddMeeting("b");
  EXPECT_EQ(seen_by(Secretariat()), 3);
  EXPECT_EQ(seen_by(Observer()), 2);
}

// Without peers nothing that refers to members could be checked.
TEST_P(MeetingsSchemaTest, TheEngineDoesNotStartWithoutPeers) {
  testing::TestStore fresh(GetParam());
  const auto database = fresh.Open();
  EXPECT_THAT(resource::Engine::Create(Resources().value(), *database, {}).status(),
              testing::MessageHas("refers to other services"));
}

}  // namespace
}  // namespace baliprocess::meetings
