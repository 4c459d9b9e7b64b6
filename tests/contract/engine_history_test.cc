// A store that is set back to before its last changes: readers of what was lost are told, and those
// who had read no further than what is kept miss nothing.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/resource/store/history.h"
#include "tests/contract/membership_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {
namespace {

using common::v1::Change;
using common::v1::ListChangesResponse;
using common::v1::WatchChangesRequest;
using storage::Transaction;
using testing::HasReason;
using ::testing::SizeIs;
using testing::WatchReader;

constexpr auto kLost = api::v1::Error::HISTORY_COMPACTED;

WatchChangesRequest ResumeAt(const std::string& token) {
  WatchChangesRequest request;
  request.set_resume_token(token);
  return request;
}

class HistoryTest : public MembershipTest {
 protected:
  void AddBodies(const std::string& prefix, int count) {
    for (int i = 1; i <= count; ++i) AddBody(absl::StrCat(prefix, i));
  }

  // Runs statements on the store, below the service.
  void Alter(const std::vector<std::string>& statements) {
    ASSERT_OK(service_->database().Write([&](Transaction& tx) -> absl::Status {
      for (const std::string& sql : statements) RETURN_IF_ERROR(tx.Execute(sql).status());
      return absl::OkStatus();
    }));
  }

  // What a standby that lacks the last `lost` changes has when it is promoted: another server, with
  // the same history up to there and the same numbers to give out next.
  void SetBack(int lost) {
    std::vector<std::string> statements = {
        absl::StrCat("DELETE FROM bodies WHERE name IN (SELECT resource FROM changes ORDER BY seq "
                     "DESC LIMIT ",
                     lost, ")"),
        absl::StrCat("DELETE FROM changes WHERE seq IN (SELECT seq FROM changes ORDER BY seq DESC "
                     "LIMIT ",
                     lost, ")"),
        "UPDATE histories SET server = 'the one before'"};
    if (store_.is_sqlite()) {
      statements.push_back("UPDATE sqlite_sequence SET seq = (SELECT MAX(seq) FROM changes)");
    } else {
      statements.push_back("SELECT setval('changes_seq_seq', (SELECT MAX(seq) FROM changes))");
    }
    Alter(statements);
  }

  // The changes that a watch resumed at the token brings, up to one of `bodies/ID`.
  std::vector<Change> ReadFrom(const std::string& token, const std::string& id) {
    WatchReader reader(*service_, Secretariat(), ResumeAt(token));
    EXPECT_OK(reader.status());
    return reader.ReadThrough("bodies/" + id);
  }
};

TEST_P(HistoryTest, ATokenOfWhatWasLostIsRefusedAlsoOnceItsNumbersAreReached) {
  AddBodies("kept", 3);
  const std::string kept = Changes().back().resume_token();
  AddBodies("lost", 10);
  const std::vector<Change> before = Changes();
  SetBack(10);
  for (const char* id : {"early", "late"}) {
    for (size_t i = before.size() - 10; i < before.size(); ++i) {
      EXPECT_THAT(
          WatchReader(*service_, Secretariat(), ResumeAt(before[i].resume_token())).status(),
          HasReason(kLost))
          << i << id;
    }
    AddBodies(id, 14);
  }
  EXPECT_THAT(ReadFrom(kept, "late14"), SizeIs(28));
}

TEST_P(HistoryTest, AWatchThatHasSeenWhatWasLostEnds) {
  AddBodies("kept", 3);
  WatchReader reader(*service_, Secretariat());
  AddBodies("lost", 10);
  ASSERT_THAT(reader.ReadThrough("bodies/lost10"), SizeIs(10));
  WatchReader behind(*service_, Secretariat(), ResumeAt(Changes()[2].resume_token()));
  ASSERT_OK(behind.status());
  SetBack(10);
  AddBodies("new", 14);
  EXPECT_THAT(reader.ReadThrough("bodies/new14"), SizeIs(0));
  EXPECT_THAT(reader.status(), HasReason(kLost));
  EXPECT_THAT(behind.ReadThrough("bodies/new14"), SizeIs(14));
}

TEST_P(HistoryTest, APageTokenOfWhatWasLostIsRefused) {
  AddBodies("kept", 3);
  AddBodies("lost", 10);
  const auto list = [&](const std::string& text) {
    return Call<ListChangesResponse>("ListChanges", text);
  };
  ASSERT_OK_AND_ASSIGN(const auto oldest, list("page_size: 8"));
  ASSERT_OK_AND_ASSIGN(const auto newest, list("page_size: 4 newest_first: true"));
  ASSERT_OK_AND_ASSIGN(const auto kept, list("page_size: 2"));
  SetBack(10);
  AddBodies("new", 14);
  const auto next = [&](const std::string& text, const ListChangesResponse& page) {
    return list(absl::StrCat(text, " page_token: '", page.next_page_token(), "'"));
  };
  EXPECT_THAT(next("page_size: 8", oldest), HasReason(kLost));
  EXPECT_THAT(next("page_size: 4 newest_first: true", newest), HasReason(kLost));
  ASSERT_OK_AND_ASSIGN(const auto rest, next("page_size: 100", kept));
  EXPECT_EQ(rest.changes_size(), 15);
}

TEST_P(HistoryTest, AStartBeginsAHistoryAndLosesNothing) {
  AddBodies("a", 2);
  const std::string token = Changes()[0].resume_token();
  for (int i = 0; i < 20; ++i) Restart();
  AddBodies("b", 2);
  Restart();
  EXPECT_THAT(ReadFrom(token, "b2"), SizeIs(3));
  ASSERT_OK(service_->database().Read([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT COUNT(*) FROM histories"));
    // The first, that of b, and the newest: those without changes are forgotten.
    EXPECT_LE(storage::AsInt(rows[0][0]), 4);
    return absl::OkStatus();
  }));
}

TEST_P(HistoryTest, AnotherServerBeginsAHistoryWithTheFirstChange) {
  AddBodies("a", 2);
  WatchReader reader(*service_, Secretariat());
  Alter({"UPDATE histories SET server = 'the one before'"});
  AddBodies("b", 2);
  EXPECT_THAT(reader.ReadThrough("bodies/b2"), SizeIs(2));
  EXPECT_OK(reader.status());
}

// Programs that knew no histories numbered changes otherwise, and below all histories.
TEST_P(HistoryTest, ChangesOfBeforeThereWereHistoriesAreReadOn) {
  AddBodies("a", 3);
  Alter({"UPDATE changes SET epoch = seq", "DELETE FROM histories"});
  Restart();
  AddBodies("b", 2);
  const std::vector<Change> all = Changes();
  ASSERT_THAT(all, SizeIs(5));
  EXPECT_THAT(ReadFrom(all[0].resume_token(), "b2"), SizeIs(4));
  WatchChangesRequest from_start;
  from_start.set_from_start(true);
  WatchReader reader(*service_, Secretariat(), from_start);
  EXPECT_THAT(reader.ReadThrough("bodies/b2"), SizeIs(5));
}

// As the README tells to back up a SQLite store.
TEST_P(HistoryTest, AFileThatIsReplacedByItsCopyHasAnotherHistory) {
  if (!store_.is_sqlite()) GTEST_SKIP() << "a PostgreSQL store is no file";
  AddBodies("kept", 3);
  const std::string kept = Changes().back().resume_token();
  service_.reset();
  const std::string copy = store_.target() + ".copy";
  std::filesystem::copy_file(store_.target(), copy);
  service_ = std::make_unique<Service>(store_.Open(), clock_);
  AddBodies("lost", 10);
  const std::vector<Change> before = Changes();
  service_.reset();
  std::filesystem::rename(copy, store_.target());
  service_ = std::make_unique<Service>(store_.Open(), clock_);
  AddBodies("new", 14);
  for (size_t i = 3; i < before.size(); ++i) {
    EXPECT_THAT(WatchReader(*service_, Secretariat(), ResumeAt(before[i].resume_token())).status(),
                HasReason(kLost));
  }
  EXPECT_THAT(ReadFrom(kept, "new14"), SizeIs(14));
}

INSTANTIATE_ON_ENGINES(HistoryTest);

}  // namespace
}  // namespace baliprocess::membership
