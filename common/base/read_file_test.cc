#include "common/base/read_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "common/testing/matchers.h"

namespace baliprocess {
namespace {

using testing::MessageHas;

std::string FileWith(const std::string& content) {
  const std::string path = ::testing::TempDir() + "/read_file_test";
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

TEST(ReadFileTest, GivesAllBytes) {
  for (const std::string& content :
       {std::string(), std::string("a\0\n", 3), std::string(9999, 'x')}) {
    ASSERT_OK_AND_ASSIGN(const std::string read, ReadFile(FileWith(content)));
    EXPECT_EQ(read, content);
  }
}

TEST(ReadFileTest, HasALimit) {
  const std::string path = FileWith("12345");
  EXPECT_OK(ReadFile(path, 5));
  EXPECT_THAT(ReadFile(path, 4), MessageHas("read_file_test: can't be read: it has more than 4"));
}

TEST(ReadFileTest, WhatIsNoFileIsRefusedAtOnce) {
  EXPECT_THAT(ReadFile(::testing::TempDir()), MessageHas("it isn't a file"));
  EXPECT_THAT(ReadFile("/dev/zero"), MessageHas("it isn't a file"));
  const std::string pipe = ::testing::TempDir() + "/read_file_pipe";
  mkfifo(pipe.c_str(), 0600);
  EXPECT_THAT(ReadFile(pipe), MessageHas("it isn't a file"));
  EXPECT_THAT(ReadFile("/nowhere/at/all"), MessageHas("/nowhere/at/all: can't be read: No such"));
}

}  // namespace
}  // namespace baliprocess
