// The list of erasures as a file: what is appended is read, and what isn't a line is passed over.

#include "common/resource/store/erasure_list.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"

#include "common/base/steady_time.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using operate::v1::ListedErasure;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kFirst[] = "11111111-1111-4111-8111-111111111111";
constexpr char kSecond[] = "22222222-2222-4222-8222-222222222222";
constexpr char kKey[] = "a key of the store, of 32 bytes.";

class ErasureListTest : public ::testing::Test {
 protected:
  ListedErasure Erasure(const std::string& id, int64_t seconds, const std::string& uid = "u") {
    ListedErasure erasure;
    erasure.set_id(id);
    erasure.mutable_erase_time()->set_seconds(seconds);
    auto& erased = *erasure.add_erased();
    erased.set_kind(ListedErasure::PERSONAL);
    erased.set_type("baliprocess.net/Official");
    erased.set_uid(uid);
    return erasure;
  }
  std::string Contents() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Add(const std::string& text) const { std::ofstream(path_, std::ios::app) << text; }
  std::vector<std::string> Ids(const ErasureList& list, int unreadable = 0) {
    const auto contents = list.Read();
    EXPECT_OK(contents);
    std::vector<std::string> ids;
    if (!contents.ok()) return ids;
    EXPECT_EQ(contents->unreadable, unreadable);
    for (const auto& erasure : contents->erasures) ids.push_back(erasure.id());
    return ids;
  }

  ErasureListTest() { std::filesystem::remove(path_); }
  ~ErasureListTest() override { std::filesystem::remove(path_); }

  const std::string path_ = absl::StrCat(::testing::TempDir(), "/erasure_list_test.", getpid());
};

TEST_F(ErasureListTest, IsReadAsItWasWritten) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  EXPECT_THAT(Ids(*list), ElementsAre());
  ASSERT_OK(list->Append(Erasure(kSecond, 20)));
  ASSERT_OK(list->Append(Erasure(kFirst, 10)));
  EXPECT_THAT(Ids(*list), ElementsAre(kFirst, kSecond));
  ASSERT_OK_AND_ASSIGN(const auto again, ErasureList::Open(path_));
  ASSERT_OK_AND_ASSIGN(const auto contents, again->Read());
  EXPECT_EQ(contents.erasures[0].SerializeAsString(), Erasure(kFirst, 10).SerializeAsString());
  EXPECT_EQ(contents.lines.size(), 2u);
  struct stat file {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(ErasureListTest, ALineThatWasCutOffTakesNoOtherWithIt) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  ASSERT_OK(list->Append(Erasure(kFirst, 10)));
  Add(absl::StrCat("{\"id\":\"", kSecond, "\",\"erase"));
  EXPECT_THAT(Ids(*list, 1), ElementsAre(kFirst));
  ASSERT_OK(list->Append(Erasure(kSecond, 20)));
  EXPECT_THAT(Ids(*list, 1), ElementsAre(kFirst, kSecond));
}

TEST_F(ErasureListTest, WhatComesTwiceIsOneErasure) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  ASSERT_OK(list->Append(Erasure(kFirst, 10, "undone")));
  ASSERT_OK(list->Append(Erasure(kFirst, 10, "last")));
  Add(Contents());  // as two lists one after the other are
  ASSERT_OK_AND_ASSIGN(const auto contents, list->Read());
  ASSERT_EQ(contents.erasures.size(), 1u);
  EXPECT_EQ(contents.erasures[0].erased(0).uid(), "last");
  EXPECT_EQ(contents.lines.size(), 2u);
}

TEST_F(ErasureListTest, WhatWasWithdrawnIsntThere) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  ListedErasure withdrawn;
  withdrawn.set_id(kFirst);
  withdrawn.set_withdrawn(true);
  ASSERT_OK(list->Append(withdrawn));
  ASSERT_OK(list->Append(Erasure(kFirst, 10)));
  ASSERT_OK(list->Append(Erasure(kSecond, 20)));
  EXPECT_THAT(Ids(*list), ElementsAre(kSecond));
}

TEST_F(ErasureListTest, WhatANewerProgramWroteIsReadAsFarAsItIsKnown) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  Add(absl::StrCat("{\"id\":\"", kFirst, "\",\"colour\":\"red\"}\n"));
  Add("{\"id\":\"no id\"}\nneither this\n\n");
  EXPECT_THAT(Ids(*list, 2), ElementsAre(kFirst));
}

TEST_F(ErasureListTest, AListThatCantBeWrittenIsAnError) {
  EXPECT_THAT(ErasureList::Open(path_ + ".none/list").status(),
              testing::MessageHas(".none/list can't be opened"));
  ASSERT_OK_AND_ASSIGN(const auto full, ErasureList::Open("/dev/full"));
  EXPECT_THAT(full->Probe(), Not(testing::IsOk()));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".none"));
}

// A disk that went away: a file made in its place would be hidden when it is back.
TEST_F(ErasureListTest, AListThatWentAwayIsNotMadeAnew) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  std::filesystem::rename(path_, path_ + ".away");
  EXPECT_FALSE(list->Probe().ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  std::filesystem::rename(path_ + ".away", path_);
  EXPECT_OK(list->Probe());
}

TEST_F(ErasureListTest, LinesThatCantBeReadAreToldByTheirNumbers) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  Add("damaged\n");
  ASSERT_OK(list->Append(Erasure(kFirst, 10)));
  Add("damaged, too\n");
  ASSERT_OK_AND_ASSIGN(const auto contents, list->Read());
  EXPECT_THAT(contents.unreadable_lines, ElementsAre(1, 4));
  for (int i = 0; i < 100; ++i) Add(absl::StrCat("damaged ", i, "\n"));
  ASSERT_OK_AND_ASSIGN(const auto more, list->Read());
  EXPECT_EQ(more.unreadable, 102);
  EXPECT_EQ(more.unreadable_lines.size(), 20u);
}

// Nobody opens the other end of the pipe: what is written to it waits, as on a disk that hangs.
TEST_F(ErasureListTest, ADiskThatHangsKeepsNobodyWaiting) {
  ASSERT_OK_AND_ASSIGN(const auto list, ErasureList::Open(path_));
  std::filesystem::rename(path_, path_ + ".away");
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(list->Append(Erasure(kFirst, 10)).code(), absl::StatusCode::kDeadlineExceeded);
  const SteadyTime begun = SteadyNow();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(list->Probe().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(list->Append(Erasure(kSecond, 20)).code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_LT(Since(begun), ErasureList::kLongestWrite);
  ListedErasure withdrawn;
  withdrawn.set_id(kFirst);
  withdrawn.set_withdrawn(true);
  EXPECT_EQ(list->Append(withdrawn).code(), absl::StatusCode::kDeadlineExceeded);
  // The disk answers: what was written comes to it, in whatever order.
  const int other_end = open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(other_end, 0);
  while (list->Probe().code() == absl::StatusCode::kUnavailable) {
    ASSERT_LT(Since(begun), absl::Seconds(30));
    std::this_thread::yield();
  }
  std::string come(100'000, '\0');
  const ssize_t size = read(other_end, come.data(), come.size());
  ASSERT_GT(size, 0);
  close(other_end);
  std::filesystem::remove(path_);
  std::filesystem::rename(path_ + ".away", path_);
  Add(come.substr(0, static_cast<size_t>(size)));
  EXPECT_THAT(Ids(*list), ElementsAre());
  EXPECT_THAT(Contents(), HasSubstr(kFirst));
  EXPECT_OK(list->Append(Erasure(kSecond, 20)));
  EXPECT_THAT(Ids(*list), ElementsAre(kSecond));
}

TEST_F(ErasureListTest, ATextIsKnownByItsHashAlone) {
  const auto erased = ErasedText(kKey, "Xanthippe");
  EXPECT_THAT(erased.ShortDebugString(), Not(HasSubstr("Xanthippe")));
  EXPECT_EQ(erased.hash(), ErasedText(kKey, "Xanthippe").hash());
  EXPECT_NE(erased.hash(), ErasedText(kKey, "Socrates").hash());
  EXPECT_NE(erased.hash(), ErasedText("another", "Xanthippe").hash());
  EXPECT_NE(erased.key(), ErasedText("another", "Xanthippe").key());
}

}  // namespace
}  // namespace baliprocess::resource
