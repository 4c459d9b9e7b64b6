// Migration under way: ended in between, and while programs of two versions write.

#include <google/protobuf/unknown_field_set.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/resource/store/schema.h"
#include "common/testing/fault_database.h"
#include "tests/contract/membership_fixture.h"
#include "tests/contract/threads.h"

namespace baliprocess::membership {
namespace {

using storage::Transaction;
using testing::FaultDatabase;
using testing::InParallel;

class MigrationTest : public MembershipTest {
 protected:
  // Leaves the store as a program would that knew neither these columns nor histories.
  void MakeOld() {
    ASSERT_OK(service_->database().Write([&](Transaction& tx) -> absl::Status {
      for (const char* sql :
           {"DROP INDEX bodies_parent_body", "ALTER TABLE bodies DROP COLUMN parent_body",
            "ALTER TABLE bodies DROP COLUMN display_name",
            "DELETE FROM schema_columns WHERE table_name = 'bodies' AND column_name IN "
            "('parent_body', 'display_name')",
            "DROP TABLE histories", "DELETE FROM schema_columns WHERE table_name = 'histories'",
            "UPDATE bodies SET layout = 0"}) {
        RETURN_IF_ERROR(tx.Execute(sql).status());
      }
      return tx
          .Execute("UPDATE engine_state SET value = ? WHERE key = 'schema_version'",
                   {storage::Bytes{"0"}})
          .status();
    }));
  }

  absl::Status Migrate(storage::Database& database) {
    return resource::Migrate(Resources().value(), kSchemaVersion, database);
  }

  int CountBodies(const std::string& filter) {
    const auto page =
        Call<v1::ListBodiesResponse>("ListBodies", absl::StrCat("filter: '", filter, "'"));
    EXPECT_OK(page);
    return page.ok() ? page->bodies_size() : -1;
  }
};

TEST_P(MigrationTest, OneThatIsEndedBetweenAnyTwoStepsIsFinishedByTheNextStart) {
  AddBody("a");
  AddBody("b", 0, "bodies/a");
  int ended = 0;
  for (int step = 1;; ++step) {
    MakeOld();
    FaultDatabase dying(service_->database(), absl::AbortedError("killed"));
    dying.FailCommit(step);
    const absl::Status status = Migrate(dying);
    if (!dying.struck()) {
      EXPECT_OK(status);
      break;
    }
    ASSERT_FALSE(status.ok());
    ++ended;
    Restart();
    EXPECT_EQ(CountBodies("parent_body = \"bodies/a\""), 1) << step;
    EXPECT_EQ(CountBodies("display_name = \"Body b\""), 1) << step;
    AddBody(absl::StrCat("s", step));
    EXPECT_EQ(Changes().back().resource(), absl::StrCat("bodies/s", step));
  }
  EXPECT_GE(ended, 15);
}

// A field of a newer program's contract, as its rows have it.
TEST_P(MigrationTest, WhatOnlyANewerProgramKnowsOfAResourceIsKept) {
  constexpr int kField = 900;
  AddBody("a");
  const auto load = [&](Transaction& tx, v1::Body& body) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT message FROM bodies"));
    EXPECT_TRUE(body.ParseFromString(storage::AsBytes(rows[0][0])));
    return absl::OkStatus();
  };
  ASSERT_OK(service_->database().Write([&](Transaction& tx) -> absl::Status {
    v1::Body body;
    RETURN_IF_ERROR(load(tx, body));
    body.GetReflection()->MutableUnknownFields(&body)->AddVarint(kField, 1);
    return tx
        .Execute("UPDATE bodies SET message = ?, layout = ?",
                 {storage::Bytes{body.SerializeAsString()}, int64_t{kSchemaVersion + 1}})
        .status();
  }));
  for (const char* mask : {"display_name", "*"}) {
    ASSERT_OK(Call<v1::Body>(
        "UpdateBody", absl::StrCat("body { name: 'bodies/a' kind: TASK_FORCE display_name: '", mask,
                                   "' } update_mask { paths: '", mask, "' }")));
    v1::Body body;
    ASSERT_OK(service_->database().Read([&](Transaction& tx) { return load(tx, body); }));
    EXPECT_EQ(body.display_name(), mask);
    const auto& unknown = body.GetReflection()->GetUnknownFields(body);
    ASSERT_EQ(unknown.field_count(), 1) << mask;
    EXPECT_EQ(unknown.field(0).number(), kField);
  }
}

// Replicas are replaced one by one, forwards and backwards.
TEST_P(MigrationTest, ProgramsOfNeighbouringVersionsWriteSideBySide) {
  if (store_.is_sqlite()) GTEST_SKIP() << "a file belongs to one process";
  const auto start = [&](int version) {
    return std::make_unique<testing::LocalService>(
        testing::LocalService::Definition{version, Resources, Methods}, store_.Open(),
        resource::Engine::Options{
            .clock = &clock_, .since_start = &clock_.since_start(), .ask_peer = {}});
  };
  const auto newer = start(kSchemaVersion + 1);
  const auto older = start(kSchemaVersion);
  std::atomic<int> failed = 0;
  constexpr int kWriters = 8;
  constexpr int kEach = 20;
  InParallel(kWriters, [&](int writer) {
    for (int i = 0; i < kEach; ++i) {
      testing::LocalService& service = (writer + i) % 2 == 0 ? *newer : *older;
      testing::LocalService& other = (writer + i) % 2 == 0 ? *older : *newer;
      const std::string id = absl::StrCat("w", writer, "-", i);
      const bool done =
          service
              .CallText(Secretariat(), "CreateBody",
                        absl::StrCat("body_id: '", id, "' body { kind: TASK_FORCE display_name: '",
                                     id, "' }"))
              .ok() &&
          other
              .CallText(Secretariat(), "UpdateBody",
                        absl::StrCat("body { name: 'bodies/", id,
                                     "' display_name: 'x' } update_mask { paths: 'display_name' }"))
              .ok() &&
          service.CallText(Secretariat(), "GetBody", absl::StrCat("name: 'bodies/", id, "'")).ok();
      if (!done) ++failed;
      if (i % 5 == 0 && !newer->engine().KeepHouse().ok()) ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(CountBodies("display_name = \"x\""), 100);  // a page
  EXPECT_EQ(Changes().size(), 2u * kWriters * kEach);
}

INSTANTIATE_ON_ENGINES(MigrationTest);

}  // namespace
}  // namespace baliprocess::membership
