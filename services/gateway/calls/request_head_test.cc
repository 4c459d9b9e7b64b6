// What a caller may send ahead of a call: its grammar, and what is kept of it.

#include "services/gateway/calls/request_head.h"

#include <gmock/gmock.h>

#include "common/testing/matchers.h"

namespace baliprocess::gateway {
namespace {

using ::testing::IsNull;
using ::testing::NotNull;

TEST(TimeoutTest, ReadsEveryUnit) {
  EXPECT_EQ(ParseTimeout("2H"), absl::Hours(2));
  EXPECT_EQ(ParseTimeout("2M"), absl::Minutes(2));
  EXPECT_EQ(ParseTimeout("2S"), absl::Seconds(2));
  EXPECT_EQ(ParseTimeout("2m"), absl::Milliseconds(2));
  EXPECT_EQ(ParseTimeout("2u"), absl::Microseconds(2));
  EXPECT_EQ(ParseTimeout("2n"), absl::Nanoseconds(2));
  EXPECT_EQ(ParseTimeout("99999999H"), absl::Hours(99999999));
  EXPECT_EQ(ParseTimeout("00000000n"), absl::ZeroDuration());
}

TEST(TimeoutTest, WritesWhatItReadsRoundedDown) {
  char buffer[16];
  EXPECT_EQ(FormatTimeout(absl::Seconds(2), buffer), "2000000u");
  EXPECT_EQ(FormatTimeout(absl::Nanoseconds(1999), buffer), "1u");
  EXPECT_EQ(FormatTimeout(-absl::Seconds(1), buffer), "0u");
  EXPECT_EQ(FormatTimeout(absl::Microseconds(100000999), buffer), "100000m");
  EXPECT_EQ(FormatTimeout(absl::Hours(28), buffer), "100800S");
  EXPECT_EQ(FormatTimeout(absl::Hours(99999999), buffer), "99999999S");
}

// The service gets what gRPC takes, and no more.
TEST(RequestHeadTest, WhatDecidesIsKeptAsItCame) {
  RequestHead head;
  head.Add({"if-match", "*"});
  head.Add({"if-match", " \"\xf6\" "});
  head.Add({"idempotency-key", ""});
  head.Add({"x-other", "\xf6"});
  ASSERT_THAT(head.FindDecisive("if-match"), NotNull());
  EXPECT_EQ(*head.FindDecisive("if-match"), "*, \"\xf6\"");
  EXPECT_EQ(head.Find("if-match"), "*");
  ASSERT_THAT(head.FindDecisive("idempotency-key"), NotNull());
  EXPECT_EQ(*head.FindDecisive("idempotency-key"), "");
  for (const char* name : {"if-none-match", "x-other", ""}) {
    EXPECT_THAT(head.FindDecisive(name), IsNull()) << name;
  }
  head.Drop();
  EXPECT_THAT(head.FindDecisive("if-match"), IsNull());
}

TEST(RequestHeadTest, AMediaTypeIsOneAndLegible) {
  const auto type = [](std::initializer_list<const char*> lines) {
    RequestHead head;
    for (const char* line : lines) head.Add({"content-type", line});
    return std::string(head.content_type());
  };
  EXPECT_EQ(type({"text/plain"}), "text/plain");
  EXPECT_EQ(type({"text/\xe9"}), "illegible");
  EXPECT_EQ(type({"text/plain", "text/html"}), "illegible");
  EXPECT_EQ(type({"text/\xe9", "text/html"}), "illegible");
}

// Fields of HTTP/1.1 are gone with their request, while the head may live longer.
TEST(RequestHeadTest, WhatIsKeptIsItsOwn) {
  RequestHead head;
  std::string type = "application/json", token = "Bearer abc", id = "one-two-three", path = "/a/b";
  head.Add({":path", path});
  head.Add({"content-type", type});
  head.Add({"authorization", token});
  head.Add({"x-request-id", id});
  for (std::string* text : {&type, &token, &id, &path}) text->assign(text->size(), 'x');
  EXPECT_EQ(head.path(), "/a/b");
  EXPECT_EQ(head.content_type(), "application/json");
  EXPECT_EQ(head.authorization(), "Bearer abc");
  EXPECT_EQ(head.request_id(), "one-two-three");
}

}  // namespace
}  // namespace baliprocess::gateway
