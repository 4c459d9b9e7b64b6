// Migration: what the store looks like, and how it gets there.

#include "common/resource/store/schema.h"
#include "tests/contract/membership_fixture.h"
#include "tests/contract/threads.h"

namespace baliprocess::membership {
namespace {

using storage::Transaction;
using testing::HasReason;
using testing::InParallel;
using ::testing::SizeIs;

class SchemaTest : public MembershipTest {
 protected:
  absl::Status Execute(const std::vector<std::string>& statements) {
    return service_->database().Write([&](Transaction& tx) -> absl::Status {
      for (const std::string& sql : statements) RETURN_IF_ERROR(tx.Execute(sql).status());
      return absl::OkStatus();
    });
  }
  absl::Status SetVersion(int version) {
    return service_->database().Write([&](Transaction& tx) {
      return tx
          .Execute("UPDATE engine_state SET value = ? WHERE key = 'schema_version'",
                   {storage::Bytes{absl::StrCat(version)}})
          .status();
    });
  }
  absl::Status Migrate(int version = kSchemaVersion) {
    return resource::Migrate(Resources().value(), version, service_->database());
  }
  int CountBodies(const std::string& filter) {
    const auto page =
        Call<v1::ListBodiesResponse>("ListBodies", absl::StrCat("filter: '", filter, "'"));
    EXPECT_OK(page);
    return page.ok() ? page->bodies_size() : -1;
  }
};

TEST_P(SchemaTest, IsAsCommitted) {
  if (!store_.is_sqlite()) GTEST_SKIP() << "the committed copy is of SQLite's dialect";
  testing::ExpectCommittedSchema(Resources().value(), *service_, "membership");
}

TEST_P(SchemaTest, WhatIsPrintedIsWhatThereIs) {
  testing::TestStore fresh(GetParam());
  const auto database = fresh.Open();
  const std::string ddl = resource::PrintSchema(Resources().value(), database->dialect());
  ASSERT_OK(database->Write([&](Transaction& tx) -> absl::Status {
    for (size_t at = 0; at < ddl.size();) {
      const size_t end = ddl.find(";\n", at);
      RETURN_IF_ERROR(tx.Execute(ddl.substr(at, end - at)).status());
      at = end + 2;
    }
    return absl::OkStatus();
  }));
  const resource::Registry registry = Resources().value();
  for (const auto& type : registry.types()) {
    ASSERT_OK(database->Read([&](Transaction& tx) {
      return tx.Query("SELECT name, parent, layout, message FROM " + type->plural).status();
    }));
  }
}

TEST_P(SchemaTest, MigratingAgainChangesNothing) {
  AddBody("ahg");
  ASSERT_OK(Migrate());
  ASSERT_OK(Migrate());
  EXPECT_EQ(CountBodies("short_name = \"\""), 1);
}

TEST_P(SchemaTest, AStoreOneVersionAheadOpens) {
  ASSERT_OK(SetVersion(kSchemaVersion + 1));
  EXPECT_OK(Migrate());
  AddBody("ahg");
  Restart();
  EXPECT_EQ(CountBodies(""), 1);
  ASSERT_OK(SetVersion(kSchemaVersion + 2));
  const absl::Status refused = Migrate();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused, testing::MessageHas("run a newer program"));
}

TEST_P(SchemaTest, NewColumnsAreAddedAndFilled) {
  AddBody("a");
  AddBody("b", 0, "bodies/a");
  // As an older program would have left it: it knew neither column.
  ASSERT_OK(Execute({"DROP INDEX bodies_parent_body", "ALTER TABLE bodies DROP COLUMN parent_body",
                     "ALTER TABLE bodies DROP COLUMN display_name",
                     "DELETE FROM schema_columns WHERE table_name = 'bodies' AND column_name IN "
                     "('parent_body', 'display_name')",
                     "UPDATE bodies SET layout = 0"}));
  ASSERT_OK(SetVersion(0));
  Restart();
  EXPECT_EQ(CountBodies("parent_body = \"bodies/a\""), 1);
  EXPECT_EQ(CountBodies("display_name = \"Body b\""), 1);
  EXPECT_EQ(CountBodies("parent_body = \"\""), 1);
}

TEST_P(SchemaTest, RowsOfAnOlderProgramAreFilledAtStart) {
  AddBody("a");
  ASSERT_OK(Execute({"UPDATE bodies SET display_name = '', layout = 0"}));
  EXPECT_EQ(CountBodies("display_name = \"Body a\""), 0);
  Restart();
  EXPECT_EQ(CountBodies("display_name = \"Body a\""), 1);
}

// Before texts had a form they were kept as they came.
TEST_P(SchemaTest, TextsOfAnOlderProgramAreBroughtIntoTheirForm) {
  v1::Body body = AddBody("ahg");
  body.set_display_name("Ho\u0323\u0302i nghi\u0323\u00a0");
  body.set_mandate("one\r\ntwo ");
  ASSERT_OK(service_->database().Write([&](Transaction& tx) {
    return resource::Replace(tx, *service_->engine().registry().Find(v1::Body::descriptor()),
                             {kSchemaVersion - 1}, nullptr, body);
  }));
  ASSERT_OK(Migrate());
  EXPECT_EQ(CountBodies("display_name = \"H\u1ed9i ngh\u1ecb\""), 1);
  const auto found = GetBody(Secretariat(), "bodies/ahg");
  ASSERT_OK(found);
  EXPECT_EQ(found->mandate(), "one\ntwo");
  EXPECT_EQ(found->etag(), body.etag());
  // What an export of the older program had is no change.
  const size_t changes = Changes().size();
  v1::UpdateBodyRequest request;
  *request.mutable_body() = body;
  request.mutable_update_mask()->add_paths("*");
  ASSERT_OK(Call<v1::Body>("UpdateBody", request));
  EXPECT_THAT(Changes(), SizeIs(changes));
}

// Batch after batch, and none twice.
TEST_P(SchemaTest, ManyRowsOfAnOlderProgramAreFilled) {
  AddState("aus", "AU");
  AddBody("ahg");
  std::string batch = "parent: 'bodies/ahg' ";
  for (int year = 1000; year < 2000; ++year) {
    absl::StrAppend(&batch, "requests { seat { member: 'members/aus' role: PARTICIPANT term { ",
                    "start_date { year: ", year, " month: 1 } end_date { year: ", year,
                    " month: 2 } } } }");
  }
  ASSERT_OK(Try("BatchCreateSeats", batch));
  ASSERT_OK(Execute({"UPDATE seats SET role = 0, layout = 0"}));
  Restart();
  ASSERT_OK_AND_ASSIGN(
      const auto page,
      Call<v1::ListSeatsResponse>(
          "ListSeats", "parent: 'bodies/ahg' page_size: 1000 filter: 'role = PARTICIPANT'"));
  EXPECT_EQ(page.seats_size(), 1000);
}

TEST_P(SchemaTest, IndexesThatAreNoLongerWantedGo) {
  ASSERT_OK(Execute({"CREATE INDEX bodies_display_name ON bodies (display_name, name)"}));
  ASSERT_OK(SetVersion(kSchemaVersion - 1));
  Restart();
  EXPECT_OK(Execute({"CREATE INDEX bodies_display_name ON bodies (display_name, name)"}));
}

// While replicas are replaced one by one, the old ones go on writing after the new ones started.
TEST_P(SchemaTest, RowsOfAnOlderProgramAreFilledWhileServing) {
  AddBody("a");
  ASSERT_OK(Execute({"UPDATE bodies SET display_name = '', layout = 0"}));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_EQ(CountBodies("display_name = \"Body a\""), 1);
}

// An older program drops the references that it doesn't know when it updates a row.
TEST_P(SchemaTest, ReferencesAreRebuiltToo) {
  AddBody("a");
  AddBody("b", 0, "bodies/a");
  ASSERT_OK(Execute({"DELETE FROM resource_references", "UPDATE bodies SET layout = 0"}));
  Restart();
  EXPECT_THAT(Try("DeleteBody", "name: 'bodies/a'"), HasReason(api::v1::Error::STILL_REFERENCED));
}

TEST_P(SchemaTest, ReplicasMayStartAtOnce) {
  if (store_.is_sqlite()) GTEST_SKIP() << "a file belongs to one process";
  testing::TestStore fresh(GetParam());
  std::vector<std::unique_ptr<Service>> services(4);
  InParallel(4, [&](int i) { services[i] = std::make_unique<Service>(fresh.Open(), clock_); });
  InParallel(4, [&](int i) {
    EXPECT_OK(services[i]->CallText(
        Secretariat(), "CreateBody",
        absl::StrCat("body_id: 'b", i, "' body { kind: TASK_FORCE display_name: 'x' }")));
  });
  // They share one key: a page token of one is good at all.
  const auto page = services[0]->CallText(Secretariat(), "ListBodies", "page_size: 1");
  ASSERT_OK(page);
  const auto& first = static_cast<const v1::ListBodiesResponse&>(**page);
  EXPECT_OK(services[3]->CallText(Secretariat(), "ListBodies",
                                  absl::StrCat("page_token: '", first.next_page_token(), "'")));
}

INSTANTIATE_ON_ENGINES(SchemaTest);

}  // namespace
}  // namespace baliprocess::membership
