// Backups as files: restored, refused, removed. (What makes them is in
// tests/faults/backup_test.py.)

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/ids.h"
#include "common/storage/shipped_files.h"
#include "services/balictl/client/backup_files.h"
#include "services/balictl/client/erasures.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using operate::v1::BackUpManifest;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class BackupFilesTest : public ::testing::Test {
 protected:
  // A sound SQLite file with its manifest.
  std::string WriteBackup(const std::string& name = "membership-20240502T090000Z.db") {
    const std::string path = data_.path() + "/" + name;
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, "CREATE TABLE t (id); INSERT INTO t VALUES (1)", nullptr,
                           nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
    const std::string contents = data_.Read(name);
    WriteManifest(name, contents.size(), ToHex(Sha256(contents)));
    return path;
  }
  void WriteManifest(const std::string& name, size_t bytes, const std::string& sha256) {
    data_.Write(std::filesystem::path(name).replace_extension(".json").string(),
                absl::StrCat(R"({"service": "membership", "bytes": ")", bytes, R"(", "sha256": ")",
                             sha256, R"("})"));
  }
  std::vector<std::string> Files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(data_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  Ran Restore(const std::string& backup) {
    return RunProgram({"restore", backup, "--store", store_});
  }

  const TemporaryDirectory data_;
  const std::string store_ = data_.path() + "/new.db";
};

TEST_F(BackupFilesTest, AreRestoredWhereThereIsNoStore) {
  const std::string backup = WriteBackup();
  const Ran ran = Restore(backup);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(data_.Read("new.db"), data_.Read("membership-20240502T090000Z.db"));
  struct stat file {};
  ASSERT_EQ(stat(store_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  const Ran again = Restore(backup);
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("new.db is there already"));
  std::filesystem::rename(store_, store_ + "-wal");
  EXPECT_THAT(Restore(backup).err, HasSubstr("new.db-wal is there already"));
  EXPECT_THAT(Files(), UnorderedElementsAre("membership-20240502T090000Z.db",
                                            "membership-20240502T090000Z.json", "new.db-wal"));
}

TEST_F(BackupFilesTest, ThatAreDamagedAreNotRestored) {
  const std::string name = "membership-20240502T090000Z.db";
  const std::string backup = WriteBackup();
  std::string contents = data_.Read(name);
  contents[contents.size() - 1] ^= 1;
  data_.Write(name, contents);
  EXPECT_THAT(Restore(backup).err, HasSubstr("SHA-256 differs"));
  // The manifest is right, and SQLite isn't content.
  contents.replace(4096, 200, std::string(200, '\xff'));
  data_.Write(name, contents);
  WriteManifest(name, contents.size(), ToHex(Sha256(contents)));
  EXPECT_THAT(Restore(backup), AllOf(::testing::Field(&Ran::code, 1),
                                     ::testing::Field(&Ran::err, HasSubstr("damaged"))));
  std::filesystem::remove(data_.path() + "/membership-20240502T090000Z.json");
  EXPECT_EQ(Restore(backup).code, 2);
  EXPECT_THAT(Files(), ElementsAre(name));
}

TEST_F(BackupFilesTest, WhatWasShippedIsRestoredAsOfAMoment) {
  const std::string copy = data_.Read(std::filesystem::path(WriteBackup()).filename());
  const std::string folder = data_.path() + "/shipped";
  std::filesystem::create_directory(folder);
  const auto restore = [&](std::vector<std::string> flags) {
    std::vector<std::string> words = {"restore", folder, "--store", store_};
    words.insert(words.end(), flags.begin(), flags.end());
    return RunProgram(words);
  };
  EXPECT_THAT(restore({}).err, HasSubstr("shipped has no copy of a store"));
  const absl::Time time = absl::FromUnixSeconds(1714640400);
  const auto chain = storage::MakeShippedChain(folder, "membership", time);
  ASSERT_TRUE(chain.ok());
  const auto file = storage::ShippedFileWriter::Make(
      storage::ShippedPath(chain->path, storage::ShippedKind::kCopy, 0));
  ASSERT_TRUE(file.ok());
  storage::ShippedFooter footer{.kind = storage::ShippedKind::kCopy,
                                .service = "membership",
                                .chain = std::string(16, 'x'),
                                .page_size = 4096,
                                .time = time,
                                .previous = std::string(32, '\0')};
  ASSERT_TRUE((*file)->Add(copy).ok());
  ASSERT_TRUE((*file)->Finish(footer).ok());
  ASSERT_TRUE((*file)->Publish().ok());
  EXPECT_THAT(restore({"--until", "2024-05-02T08:59:59Z"}).err,
              HasSubstr("the oldest moment is 2024-05-02T09:00:00.000000Z"));
  EXPECT_EQ(restore({"--until", "yesterday"}).code, 2);
  EXPECT_EQ(restore({"--service", "meetings"}).code, 1);
  EXPECT_FALSE(std::filesystem::exists(store_));
  const Ran ran = restore({"--until", "2024-05-02T11:00:00+02:00"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("membership, of 2024-05-02T09:00:00.000000Z"));
  EXPECT_EQ(data_.Read("new.db"), copy);
  EXPECT_EQ(restore({}).code, 2);  // there is a store already
  std::filesystem::remove(store_);
  EXPECT_EQ(RunProgram({"restore", data_.path() + "/membership-20240502T090000Z.db", "--store",
                        store_, "--until", "2024-05-02T09:00:00Z"})
                .code,
            2);
}

TEST_F(BackupFilesTest, OldestAreRemovedAndNothingElse) {
  for (const char* name :
       {"membership-20240502T090000Z.db", "membership-20240503T090000Z.db",
        "membership-20240504T090000Z.db", "meetings-20240501T090000Z.db", "membership-mine.db"}) {
    data_.Write(name, "");
    data_.Write(std::filesystem::path(name).replace_extension(".json").string(), "{}");
  }
  const auto removed = RemoveOldBackups(data_.path(), "membership", 2);
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(*removed, 1);
  EXPECT_THAT(Files(), UnorderedElementsAre(
                           "membership-20240503T090000Z.db", "membership-mine.db",
                           "membership-20240503T090000Z.json", "membership-mine.json",
                           "membership-20240504T090000Z.db", "meetings-20240501T090000Z.db",
                           "membership-20240504T090000Z.json", "meetings-20240501T090000Z.json"));
}

TEST_F(BackupFilesTest, ListsOfErasuresGrowByWhatIsNew) {
  const std::string path = data_.path() + "/membership.erasures";
  EXPECT_EQ(AddErasures({}, path).value(), 0u);
  EXPECT_THAT(Files(), ::testing::IsEmpty());
  EXPECT_EQ(AddErasures({"a", "b"}, path).value(), 2u);
  EXPECT_EQ(AddErasures({"b", "c"}, path).value(), 1u);
  EXPECT_EQ(data_.Read("membership.erasures"), "a\nb\nc\n");
  // As an operator may have left it.
  data_.Write("membership.erasures", "a\nb");
  EXPECT_EQ(AddErasures({"b", "c"}, path).value(), 1u);
  EXPECT_EQ(data_.Read("membership.erasures"), "a\nb\nc\n");
}

// A service of before there were lists says that there is no such method, as the fake does. Its
// store is backed up and verified all the same; who asks for the list alone is told.
TEST_F(ServerFixture, AServiceThatKnowsNoListsHasNone) {
  Arguments arguments;
  for (const Flag& flag : ConnectionFlags()) arguments.flags[flag.name] = {flag.fallback};
  arguments.flags["server"] = {server_.address()};
  arguments.flags["plaintext"] = {"true"};
  const auto connection = Connection::Open(arguments);
  ASSERT_TRUE(connection.ok()) << connection.status();
  std::ostringstream err;
  const auto erasures = ReadErasuresIfKnown(**connection, "10.0.0.5:7401", err);
  ASSERT_TRUE(erasures.ok()) << erasures.status();
  EXPECT_TRUE(erasures->lines.empty());
  EXPECT_EQ(erasures->undone, 0u);
  EXPECT_THAT(err.str(), HasSubstr("warning: 10.0.0.5:7401 doesn't know of lists of erasures"));
  EXPECT_NE(Do({"erasures", File("membership.erasures")}).code, 0);
  // Other errors are errors.
  server_.before = [](const SeenCall&) { return absl::PermissionDeniedError("no"); };
  EXPECT_FALSE(ReadErasuresIfKnown(**connection, "", err).ok());
}

}  // namespace
}  // namespace baliprocess::balictl
