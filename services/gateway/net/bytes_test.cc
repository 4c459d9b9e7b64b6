// Queues of bytes, and the messages in them.

#include "services/gateway/net/bytes.h"

#include <gmock/gmock.h>

#include <string>

namespace baliprocess::gateway {
namespace {

using Fault = MessageMeter::Fault;

TEST(MessageMeterTest, FindsTheMessageThatIsTooLargeHoweverItIsCut) {
  const std::string stream("\0\0\0\0\3abc\0\0\0\0\0\0\0\0\0\4", 18);
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    MessageMeter meter;
    Fault fault = Fault::kNone;
    for (size_t i = 0; i < stream.size() && fault == Fault::kNone; i += cut) {
      fault = meter.Pass(std::string_view(stream).substr(i, cut), 3);
    }
    EXPECT_EQ(fault, Fault::kTooLarge) << cut;
    MessageMeter wider;
    EXPECT_EQ(wider.Pass(stream, 4), Fault::kNone);
    EXPECT_EQ(wider.begun(), 3u);
    EXPECT_EQ(wider.announced(), 4u);
    EXPECT_FALSE(wider.whole());
    EXPECT_EQ(wider.Pass("abcd", 4), Fault::kNone);
    EXPECT_TRUE(wider.whole());
  }
}

TEST(MessageMeterTest, KnowsTheFlags) {
  EXPECT_EQ(MessageMeter().Pass(std::string("\1", 1), 4), Fault::kCompressed);
  EXPECT_EQ(MessageMeter().Pass(std::string("\2", 1), 4), Fault::kUnknownFlag);
  EXPECT_EQ(MessageMeter().Pass(std::string("\x80", 1), 4), Fault::kUnknownFlag);
}

TEST(ByteQueueTest, IsFirstInFirstOut) {
  ByteQueue queue;
  std::string out;
  for (int i = 0; i < 1000; ++i) {
    queue.Append("abcdefg");
    out.append(queue.front().substr(0, 5));
    queue.Pop(5);
  }
  EXPECT_EQ(queue.size(), 2000u);
  out.append(queue.front());
  queue.Pop(2000);
  EXPECT_TRUE(queue.empty());
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += "abcdefg";
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace baliprocess::gateway
