// EraseOfficial: what was personal is gone, everywhere; the record stays.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

#include "tests/contract/membership_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::Not;
using ::testing::SizeIs;
using testing::WatchReader;

constexpr char kSecret[] = "Xanthippe";

class ErasureTest : public MembershipTest {
 protected:
  // An official of whom much is on record, under the name of kSecret.
  void SetUp() override {
    AddState("aus", "AU");
    AddBody("ahg");
    ASSERT_OK(Try("CreateOfficial", absl::StrCat(kCreate)));
    ASSERT_OK(Try("UpdateOfficial", R"(request_id: 'b15a26ea-3a2e-4d08-9e5a-5d2b5b7a0001'
        official { name: 'officials/one' honorific: 'Dr Xanthippe' given_name: 'Xanthippe' })"));
    ASSERT_OK(Try("CreateAppointment", R"(parent: 'officials/one' appointment_id: 'a'
        appointment { post: STAFF title: 'Aide to Xanthippe' body: 'bodies/ahg'
                      on_behalf_of: 'members/aus' })"));
  }
  static constexpr char kCreate[] = R"(official_id: 'one'
      request_id: 'b15a26ea-3a2e-4d08-9e5a-5d2b5b7a0002'
      official { display_name: 'Xanthippe One' family_name: 'Xanthippe' member: 'members/aus'
                 position_title: 'Aide to Xanthippe' other_names { text: 'Xanthippe' }
                 citations { title: 'About Xanthippe' }
                 contact { email: 'Xanthippe@example.org' address: 'Xanthippe Road' } })";

  static bool HasSecret(const std::string& bytes) {
    // Words of a search are in small letters.
    return absl::StrContains(absl::AsciiStrToLower(bytes), absl::AsciiStrToLower(kSecret));
  }
  // The rows of the whole store that hold the secret, in whatever column.
  std::vector<std::string> SecretRows() {
    std::vector<std::string> found;
    const auto look = [&](storage::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto tables,
                       tx.Query("SELECT DISTINCT table_name FROM schema_columns"));
      for (const auto& table : tables) {
        ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT * FROM " + storage::AsText(table[0])));
        for (const auto& row : rows) {
          for (const auto& value : row) {
            if (HasSecret(storage::AsText(value)) || HasSecret(storage::AsBytes(value))) {
              found.push_back(storage::AsText(table[0]));
            }
          }
        }
      }
      return absl::OkStatus();
    };
    found.clear();
    EXPECT_OK(service_->database().Read(look));
    return found;
  }
};

TEST_P(ErasureTest, WhatWasPersonalIsGone) {
  EXPECT_THAT(SecretRows(), Not(SizeIs(0)));
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const auto erased,
                       Call<v1::Official>("EraseOfficial", "name: 'officials/one'"));
  EXPECT_EQ(erased.erase_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(erased.member(), "members/aus");
  EXPECT_FALSE(HasSecret(erased.DebugString()));
  EXPECT_THAT(SecretRows(), SizeIs(0));
  ASSERT_OK_AND_ASSIGN(const auto read, Call<v1::Official>("GetOfficial", "name: 'officials/one'"));
  EXPECT_EQ(read.SerializeAsString(), erased.SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const auto none, Call<v1::ListOfficialsResponse>(
                                            "ListOfficials", "filter: 'family_name:Xan'"));
  EXPECT_THAT(none.officials(), SizeIs(0));
  ASSERT_OK_AND_ASSIGN(
      const auto appointment,
      Call<v1::Appointment>("GetAppointment", "name: 'officials/one/appointments/a'"));
  EXPECT_EQ(appointment.body(), "bodies/ahg");
  EXPECT_EQ(appointment.title(), "");
}

TEST_P(ErasureTest, FromHistoryToo) {
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  AddBody("end");
  common::v1::WatchChangesRequest request;
  request.set_from_start(true);
  WatchReader reader(*service_, Secretariat(), request);
  const auto watched = reader.ReadThrough("bodies/end");
  const auto listed = Changes();
  EXPECT_THAT(watched, SizeIs(8));
  for (const auto& changes : {watched, listed}) {
    for (const auto& change : changes) EXPECT_FALSE(HasSecret(change.SerializeAsString()));
  }
  EXPECT_EQ(listed[5].kind(), common::v1::Change::ERASED);
  EXPECT_EQ(listed[2].kind(), common::v1::Change::CREATED);
  EXPECT_EQ(listed[2].resource(), "officials/one");
}

TEST_P(ErasureTest, FromStoredRepliesToo) {
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  // What was asked for can't be told any more, as that was personal as well.
  EXPECT_THAT(Try("CreateOfficial", kCreate), HasReason(api::v1::Error::REQUEST_ID_REUSED));
  EXPECT_THAT(SecretRows(), SizeIs(0));
}

TEST_P(ErasureTest, FromTheFileToo) {
  if (!store_.is_sqlite()) GTEST_SKIP() << "PostgreSQL's files are its administrator's";
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  ASSERT_OK(service_->engine().KeepHouse());
  service_.reset();  // folds the log into the file
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(store_.target()).parent_path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_FALSE(HasSecret(bytes)) << entry.path();
  }
}

TEST_P(ErasureTest, IsFinal) {
  ASSERT_OK_AND_ASSIGN(const auto before,
                       Call<v1::Official>("GetOfficial", "name: 'officials/one'"));
  EXPECT_THAT(Try("EraseOfficial", "name: 'officials/one' etag: 'other'"),
              HasReason(api::v1::Error::ETAG_MISMATCH));
  EXPECT_OK(Try("EraseOfficial", "name: 'officials/one' validate_only: true"));
  EXPECT_THAT(SecretRows(), Not(SizeIs(0)));
  ASSERT_OK(
      Try("EraseOfficial", absl::StrCat("name: 'officials/one' etag: '", before.etag(), "'")));
  for (const auto& [method, request] :
       {std::pair("EraseOfficial", "name: 'officials/one'"),
        std::pair("UpdateOfficial",
                  "official { name: 'officials/one' display_name: 'Xanthippe' }")}) {
    const absl::Status status = Try(method, request);
    EXPECT_THAT(status, HasReason(api::v1::Error::WRONG_STATE)) << method;
    EXPECT_EQ(MetadataOf(status, "state"), "erased") << method;
  }
  EXPECT_THAT(Try("EraseOfficial", "name: 'officials/two'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

// As from an export into an empty store.
TEST_P(ErasureTest, AnErasedRecordCanBeRestored) {
  EXPECT_OK(Try("CreateOfficial", R"(official_id: 'restored'
      official { member: 'members/aus' erase_time { seconds: 1700000000 } }
      as_recorded: true)"));
  EXPECT_THAT(BadFields(Try("CreateOfficial", R"(official_id: 'two'
                  official { display_name: 'Two' erase_time { seconds: 1700000000 } }
                  as_recorded: true)")),
              ElementsAre("official.erase_time"));
  EXPECT_THAT(BadFields(Try("UpdateOfficial", R"(
                  official { name: 'officials/one' erase_time { seconds: 1700000000 } }
                  as_recorded: true)")),
              ElementsAre("official.erase_time"));
}

TEST_P(ErasureTest, ADeletedRecordIsErasedToo) {
  ASSERT_OK(Try("DeleteAppointment", "name: 'officials/one/appointments/a'"));
  ASSERT_OK(Try("DeleteOfficial", "name: 'officials/one'"));
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_THAT(SecretRows(), SizeIs(0));
  ASSERT_OK_AND_ASSIGN(const auto read, Call<v1::Official>("GetOfficial", "name: 'officials/one'"));
  EXPECT_TRUE(read.has_delete_time());
}

INSTANTIATE_ON_ENGINES(ErasureTest);

}  // namespace
}  // namespace baliprocess::membership
