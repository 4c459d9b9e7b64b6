// What operators do with the store of a service: copies, and comparisons with the change log.

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/ids.h"
#include "common/resource/program/last_backup.h"
#include "common/resource/program/store_service.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using common::v1::WatchChangesRequest;
using common::v1::WatchChangesResponse;
using operate::v1::BackUpManifest;
using operate::v1::BackUpRequest;
using operate::v1::BackUpResponse;
using operate::v1::VerifyRequest;
using operate::v1::VerifyResponse;
using resource::StoreService;
using storage::Bytes;
using storage::Transaction;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::MessageHas;
using Next = rpc::StreamSource::Next;

// A stream, read as a client does.
template <typename Reply>
class Reader {
 public:
  absl::Status Open(const rpc::MethodTable& table, const std::string& method,
                    const google::protobuf::Message& request) {
    const auto call = std::make_shared<rpc::Call>();
    call->caller = Operator();
    const auto& entry = table.entries().at(table.service()->FindMethodByName(method));
    ASSIGN_OR_RETURN(source_, entry.stream(call, request, [this] {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      changed_.notify_all();
    }));
    return absl::OkStatus();
  }

  // The next message; false at the end.
  absl::StatusOr<bool> Read(Reply& reply) {
    while (true) {
      reply.Clear();
      ASSIGN_OR_RETURN(const Next next, source_->Pull(reply));
      if (next != Next::kIdle) return next != Next::kEnd;
      std::unique_lock lock(mutex_);
      const bool woken =
          changed_.wait_for(lock, std::chrono::seconds(30), [this] { return woken_; });
      if (!woken) return absl::DeadlineExceededError("nobody woke the reader");
      woken_ = false;
    }
  }

  void Leave() { source_.reset(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::unique_ptr<rpc::StreamSource> source_;
};

class StoreServiceTest : public MembershipTest {
 protected:
  StoreServiceTest() {
    AddState("aus", "AU");
    AddState("idn", "ID");
    AddBody("ahg");
    EXPECT_OK(TryAddSeat("bodies/ahg", "members/aus", v1::Seat::CHAIR, "2020-01-01"));
  }

  StoreService::Options Options() const {
    return {.service = "membership", .schema_version = kSchemaVersion, .target = store_.target()};
  }

  // All pieces as one file at `path`, and the manifest.
  absl::StatusOr<BackUpManifest> BackUp(const std::string& path, StoreService::Options options) {
    StoreService store(service_->engine().registry(), service_->database(), options);
    const rpc::MethodTable table = store.Methods();
    Reader<BackUpResponse> reader;
    RETURN_IF_ERROR(reader.Open(table, "BackUp", BackUpRequest()));
    std::ofstream file(path, std::ios::binary);
    BackUpResponse reply;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, reader.Read(reply));
      if (!more) return absl::DataLossError("no manifest");
      if (reply.has_manifest()) break;
      EXPECT_LE(reply.piece().size(), size_t{1} << 20);
      file << reply.piece();
    }
    BackUpResponse rest;
    ASSIGN_OR_RETURN(const bool more, reader.Read(rest));
    EXPECT_FALSE(more);
    return reply.manifest();
  }
  absl::StatusOr<BackUpManifest> BackUp(const std::string& path) { return BackUp(path, Options()); }

  std::vector<VerifyResponse> Verify() {
    StoreService store(service_->engine().registry(), service_->database(), Options());
    const rpc::MethodTable table = store.Methods();
    Reader<VerifyResponse> reader;
    EXPECT_OK(reader.Open(table, "Verify", VerifyRequest()));
    std::vector<VerifyResponse> replies;
    VerifyResponse reply;
    while (true) {
      const absl::StatusOr<bool> more = reader.Read(reply);
      EXPECT_OK(more);
      if (!more.ok() || !*more) return replies;
      replies.push_back(reply);
    }
  }

  std::string HashOf(const std::string& name) {
    for (const VerifyResponse& type : Verify()) {
      if (type.type() == name) return type.sha256();
    }
    ADD_FAILURE() << "no " << name;
    return "";
  }

  // What differs, over all types: `members/aus RECORD`.
  std::vector<std::string> Differences() {
    std::vector<std::string> found;
    for (const VerifyResponse& type : Verify()) {
      for (const auto& one : type.differences()) {
        found.push_back(absl::StrCat(one.resource(), " ", VerifyResponse::Kind_Name(one.kind())));
        for (const std::string& column : one.columns()) found.back() += " " + column;
      }
    }
    return found;
  }

  // By hand, past the service.
  void Execute(const std::string& sql, const std::vector<storage::Value>& params = {}) {
    EXPECT_OK(service_->database().Write(
        [&](Transaction& tx) { return tx.Execute(sql, params).status(); }));
  }

  // The token of the last change.
  std::string LastToken() { return Changes().back().resume_token(); }

  // How a watch that is opened anew goes on.
  absl::Status Resume(testing::LocalService& service, const std::string& token) {
    WatchChangesRequest request;
    request.set_resume_token(token);
    ASSIGN_OR_RETURN(const auto watch, service.Watch(Secretariat(), request));
    WatchChangesResponse reply;
    return watch->Pull(reply).status();
  }

  const std::string path_ = ::testing::TempDir() + "/copy-" + NewUuid() + ".db";
};

// Of SQLite.
class CopyTest : public StoreServiceTest {};
class NoCopyTest : public StoreServiceTest {};

TEST_P(CopyTest, ACopyIsAStoreOfTheSameRecordAndItsWatchersAreToldOfWhatWasLost) {
  const std::string known = LastToken();
  ASSERT_OK_AND_ASSIGN(const BackUpManifest manifest, BackUp(path_));
  EXPECT_EQ(manifest.service(), "membership");
  EXPECT_EQ(manifest.schema_version(), kSchemaVersion);
  EXPECT_FALSE(manifest.program_version().empty());
  EXPECT_GT(manifest.position().sequence(), 0);
  EXPECT_EQ(manifest.bytes(), static_cast<int64_t>(std::filesystem::file_size(path_)));
  std::ifstream file(path_, std::ios::binary);
  EXPECT_EQ(manifest.sha256(),
            ToHex(Sha256(std::string(std::istreambuf_iterator<char>(file), {}))));
  EXPECT_LE(manifest.begin_time().seconds(), manifest.end_time().seconds());
  AddState("nzl", "NZ");
  const std::string lost = LastToken();

  ASSERT_OK_AND_ASSIGN(auto database, storage::Database::Open(path_));
  Service restored(std::move(database), clock_);
  EXPECT_OK(restored.CallText(Secretariat(), "GetMember", "name: 'members/idn'"));
  EXPECT_THAT(restored.CallText(Secretariat(), "GetMember", "name: 'members/nzl'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_OK(Resume(restored, known));
  EXPECT_THAT(Resume(restored, lost), HasReason(api::v1::Error::HISTORY_COMPACTED));
  // Neither does it fit when the restored store has as many changes as the lost one.
  for (const char* id : {"tls", "png", "fji"}) {
    EXPECT_OK(restored.CallText(Secretariat(), "CreateMember",
                                absl::StrCat("member_id: '", id,
                                             "' member { kind: ORGANISATION category: FULL_MEMBER "
                                             "display_name: 'Somebody' short_name: 'S' }")));
  }
  EXPECT_THAT(Resume(restored, lost), HasReason(api::v1::Error::HISTORY_COMPACTED));
}

TEST_P(CopyTest, OneCopyIsMadeAtATime) {
  StoreService store(service_->engine().registry(), service_->database(), Options());
  const rpc::MethodTable table = store.Methods();
  Reader<BackUpResponse> first;
  ASSERT_OK(first.Open(table, "BackUp", BackUpRequest()));
  Reader<BackUpResponse> second;
  EXPECT_THAT(second.Open(table, "BackUp", BackUpRequest()), HasReason(api::v1::Error::OVERLOADED));
  BackUpResponse reply;
  ASSERT_OK_AND_ASSIGN(const bool more, first.Read(reply));
  EXPECT_TRUE(more);
  // It has no name any more: nobody has to remove it.
  EXPECT_FALSE(std::filesystem::exists(StoreService::PathOfCopy(store_.target())));
  first.Leave();
  EXPECT_OK(second.Open(table, "BackUp", BackUpRequest()));
}

TEST_P(CopyTest, ACopyWhoseReaderLeavesAtOnceLeavesNothing) {
  StoreService store(service_->engine().registry(), service_->database(), Options());
  const rpc::MethodTable table = store.Methods();
  Reader<BackUpResponse> reader;
  ASSERT_OK(reader.Open(table, "BackUp", BackUpRequest()));
  reader.Leave();
  EXPECT_FALSE(std::filesystem::exists(StoreService::PathOfCopy(store_.target())));
}

TEST_P(CopyTest, WhenTheLastCopyBeganIsKept) {
  const auto last = [&]() -> double {
    resource::LastBackup kept(service_->database());
    EXPECT_OK(kept.Read());
    telemetry::Families families;
    kept.AddMetrics(families);
    return families.Take().at(0).metric.at(0).gauge.value;
  };
  EXPECT_EQ(last(), 0);
  resource::LastBackup backup(service_->database());
  StoreService::Options options = Options();
  options.sent = [&](absl::Time begin) { backup.Sent(begin); };
  options.longest_copy = absl::Nanoseconds(1);
  EXPECT_FALSE(BackUp(path_, options).ok());
  EXPECT_EQ(last(), 0);
  options.longest_copy = absl::Hours(1);
  ASSERT_OK_AND_ASSIGN(const BackUpManifest manifest, BackUp(path_, options));
  EXPECT_NEAR(last(), static_cast<double>(manifest.begin_time().seconds()), 1);
  Restart();
  EXPECT_NEAR(last(), static_cast<double>(manifest.begin_time().seconds()), 1);
}

TEST_P(CopyTest, ACopyIsBoundInRoomAndTime) {
  StoreService::Options options = Options();
  options.free_bytes = [](const std::string&) { return int64_t{64} << 20; };
  const absl::Status full = BackUp(path_, options).status();
  EXPECT_EQ(RuleOf(full), "room_for_copy") << full;
  options = Options();
  options.longest_copy = absl::Nanoseconds(1);
  EXPECT_THAT(BackUp(path_, options), HasReason(api::v1::Error::DEADLINE_PASSED));
  EXPECT_OK(BackUp(path_));
}

TEST_P(CopyTest, WhatACutOffCopyLeftIsRemovedAtTheStart) {
  const std::string left = StoreService::PathOfCopy(store_.target());
  std::ofstream(left) << "half";
  const StoreService store(service_->engine().registry(), service_->database(), Options());
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_P(NoCopyTest, PostgresIsBackedUpByItsOwnTools) {
  const auto refused = BackUp(path_);
  EXPECT_THAT(refused, HasReason(api::v1::Error::UNSUPPORTED_CALL));
  EXPECT_THAT(refused, MessageHas("pg_dump"));
}

TEST_P(StoreServiceTest, ASoundStoreHasNoDifferences) {
  EXPECT_OK(Try("UpdateMember",
                "member { name: 'members/aus' display_name: 'Commonwealth of Australia' } "
                "update_mask { paths: 'display_name' }"));
  EXPECT_OK(Try("DeleteMember", "name: 'members/idn'"));
  EXPECT_OK(Try("DeleteSeat", absl::StrCat("name: '", Changes().at(3).resource(), "'")));
  const std::vector<VerifyResponse> types = Verify();
  EXPECT_EQ(types.size(), service_->engine().registry().types().size());
  std::map<std::string, int64_t> records;
  for (const VerifyResponse& type : types) {
    EXPECT_EQ(type.different(), 0) << type.ShortDebugString();
    EXPECT_EQ(type.unjudged(), 0);
    EXPECT_EQ(type.sha256().size(), 64u);
    EXPECT_EQ(type.begin().sequence(), type.end().sequence());
    records[type.type()] = type.records();
  }
  EXPECT_EQ(records["baliprocess.net/Member"], 2);
  EXPECT_EQ(records["baliprocess.net/Body"], 1);
  EXPECT_EQ(records["baliprocess.net/Seat"], 1);
  EXPECT_EQ(records["baliprocess.net/Official"], 0);
}

TEST_P(StoreServiceTest, ARecordThatWasChangedByHandIsFound) {
  const std::string before = HashOf("baliprocess.net/Member");
  std::string message;
  ASSERT_OK(service_->database().Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows,
                     tx.Query("SELECT message FROM members WHERE name = 'members/aus'"));
    message = storage::AsBytes(rows[0][0]);
    return absl::OkStatus();
  }));
  v1::Member member;
  ASSERT_TRUE(member.ParseFromString(message));
  // A field that no column has.
  member.set_etag("another");
  Execute("UPDATE members SET message = ? WHERE name = 'members/aus'",
          {Bytes{member.SerializeAsString()}});
  EXPECT_THAT(Differences(), ElementsAre("members/aus RECORD"));
  EXPECT_NE(HashOf("baliprocess.net/Member"), before);
  Execute("UPDATE members SET message = ? WHERE name = 'members/aus'", {Bytes{message}});
  EXPECT_THAT(Differences(), IsEmpty());
  Execute("UPDATE members SET message = ? WHERE name = 'members/aus'", {Bytes{"\xff"}});
  EXPECT_THAT(Differences(), ElementsAre("members/aus RECORD", "members/aus UNREADABLE"));
}

TEST_P(StoreServiceTest, AColumnThatWasChangedByHandIsFound) {
  Execute("UPDATE members SET visibility = visibility + 1 WHERE name = 'members/idn'");
  Execute("UPDATE seats SET term_start_date_first = 0, parent = 'bodies/other'");
  EXPECT_THAT(Differences(), ElementsAre("members/idn COLUMNS visibility",
                                         absl::StrCat(Changes().back().resource(),
                                                      " COLUMNS term_start_date_first parent")));
}

TEST_P(StoreServiceTest, RecordsAndChangesWithoutEachOtherAreFound) {
  Execute("DELETE FROM members WHERE name = 'members/idn'");
  Execute("DELETE FROM changes WHERE resource = 'bodies/ahg'");
  EXPECT_THAT(Differences(), ElementsAre("bodies/ahg NO_CHANGE", "members/idn NO_RECORD"));
}

TEST_P(StoreServiceTest, WhatWasCompactedIsntJudged) {
  service_.reset();
  clock_.Advance(absl::Hours(48));
  service_ = std::make_unique<Service>(store_.Open(), clock_, absl::Hours(24));
  clock_.Advance(absl::Minutes(20));
  ASSERT_OK(service_->engine().KeepHouse());
  ASSERT_THAT(Changes(), IsEmpty());
  EXPECT_THAT(Differences(), IsEmpty());
  int64_t unjudged = 0;
  for (const VerifyResponse& type : Verify()) unjudged += type.unjudged();
  EXPECT_EQ(unjudged, 4);
}

TEST_P(StoreServiceTest, WhatWasPurgedIsntMissed) {
  EXPECT_OK(Try("DeleteMember", "name: 'members/idn'"));
  EXPECT_OK(Try("PurgeDeleted", "name: 'members/idn' reason: 'made by mistake'"));
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_P(CopyTest, EqualRecordsHaveEqualHashes) {
  ASSERT_OK(BackUp(path_));
  const std::vector<VerifyResponse> before = Verify();
  service_.reset();
  ASSERT_OK_AND_ASSIGN(auto database, storage::Database::Open(path_));
  service_ = std::make_unique<Service>(std::move(database), clock_);
  const std::vector<VerifyResponse> after = Verify();
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].SerializeAsString(), after[i].SerializeAsString());
  }
}

TEST_P(StoreServiceTest, PagesOfRecordsAreAllLookedAt) {
  for (int i = 0; i < 450; ++i) AddBody(absl::StrCat("b", i));
  Execute("UPDATE bodies SET visibility = visibility + 1 WHERE name LIKE 'bodies/b%'");
  for (const VerifyResponse& type : Verify()) {
    if (type.type() != "baliprocess.net/Body") continue;
    EXPECT_EQ(type.records(), 451);
    EXPECT_EQ(type.different(), 450);
    EXPECT_EQ(type.differences_size(), 50);
  }
}

INSTANTIATE_ON_ENGINES(StoreServiceTest);
INSTANTIATE_TEST_SUITE_P(Sqlite, CopyTest, ::testing::Values(testing::kSqlite),
                         testing::EngineName);
INSTANTIATE_TEST_SUITE_P(Postgres, NoCopyTest, ::testing::Values(testing::kPostgres),
                         testing::EngineName);

}  // namespace
}  // namespace baliprocess::membership
