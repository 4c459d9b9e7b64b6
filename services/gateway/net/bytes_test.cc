// Queues of bytes, and the messages in them.

#include "services/gateway/net/bytes.h"

#include <gmock/gmock.h>

#include <string>

namespace baliprocess::gateway {
namespace {

TEST(MessageMeterTest, FindsTheMessageThatIsTooLargeHoweverItIsCut) {
  const std::string stream("\0\0\0\0\3abc\0\0\0\0\0\1\0\0\0\4", 18);
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    MessageMeter meter;
    bool fine = true;
    for (size_t i = 0; i < stream.size(); i += cut) {
      fine = fine && meter.Pass(std::string_view(stream).substr(i, cut), 3);
    }
    EXPECT_FALSE(fine) << cut;
    MessageMeter wider;
    EXPECT_TRUE(wider.Pass(stream, 4));
  }
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
