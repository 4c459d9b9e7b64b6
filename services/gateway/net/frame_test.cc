// Frames, however the bytes of a connection are cut.

#include "services/gateway/net/frame.h"

#include <gmock/gmock.h>
#include <nghttp2/nghttp2.h>

#include <string>
#include <vector>

namespace baliprocess::gateway {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string Frame(uint8_t type, uint8_t flags, int32_t stream_id, const std::string& payload) {
  std::string frame(FrameHeader::kSize, '\0');
  FrameHeader::WriteLength(payload.size(), frame.data());
  frame[3] = static_cast<char>(type);
  frame[4] = static_cast<char>(flags);
  for (int i = 0; i < 4; ++i) frame[5 + i] = static_cast<char>(stream_id >> (24 - 8 * i));
  return frame + payload;
}

TEST(FrameHeaderTest, ReadsWhatItBeginsWith) {
  std::string frame = Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 0x7654321, "");
  FrameHeader::WriteLength(0x123456, frame.data());
  frame[5] = static_cast<char>(frame[5] | '\x80');  // the reserved bit, which means nothing
  const FrameHeader header = FrameHeader::Read(frame);
  EXPECT_EQ(header.length, 0x123456u);
  EXPECT_EQ(header.type, NGHTTP2_HEADERS);
  EXPECT_EQ(header.flags, NGHTTP2_FLAG_END_HEADERS);
  EXPECT_EQ(header.stream_id, 0x7654321);
}

TEST(FrameScannerTest, FindsEachFrameHoweverTheBytesAreCut) {
  const std::string bytes = std::string(kPreface) + Frame(NGHTTP2_SETTINGS, 0, 0, "") +
                            Frame(NGHTTP2_HEADERS, 4, 1, "block") +
                            Frame(NGHTTP2_DATA, 1, 1, std::string(300, 'x'));
  for (size_t cut = 1; cut <= bytes.size(); ++cut) {
    FrameScanner scanner;
    std::string passed;
    std::vector<int> types;
    for (size_t i = 0; i < bytes.size(); i += cut) {
      std::string_view rest = std::string_view(bytes).substr(i, cut);
      while (!rest.empty()) {
        const FrameScanner::Piece piece = scanner.Next(rest);
        ASSERT_FALSE(piece.bytes.empty());
        if (piece.begun) types.push_back(piece.begun->type);
        if (piece.whole) {
          EXPECT_EQ(piece.bytes.size(), FrameHeader::kSize + piece.begun->length);
          EXPECT_EQ(FrameHeader::Read(piece.bytes).type, piece.begun->type);
        }
        passed += piece.bytes;
      }
    }
    EXPECT_EQ(passed, bytes) << cut;
    EXPECT_THAT(types, ElementsAre(NGHTTP2_SETTINGS, NGHTTP2_HEADERS, NGHTTP2_DATA)) << cut;
  }
}

TEST(FrameScannerTest, AFrameIsWholeWhenItLiesInOnePiece) {
  FrameScanner scanner;
  const std::string bytes = std::string(kPreface) + Frame(NGHTTP2_HEADERS, 4, 1, "block") +
                            Frame(NGHTTP2_HEADERS, 4, 3, "longer block");
  std::string_view rest = std::string_view(bytes).substr(0, bytes.size() - 1);
  EXPECT_FALSE(scanner.Next(rest).begun) << "the preface";
  EXPECT_TRUE(scanner.Next(rest).whole);
  const FrameScanner::Piece second = scanner.Next(rest);
  ASSERT_TRUE(second.begun);
  EXPECT_EQ(second.begun->stream_id, 3);
  EXPECT_FALSE(second.whole);
  rest = std::string_view(bytes).substr(bytes.size() - 1);
  const FrameScanner::Piece last = scanner.Next(rest);
  EXPECT_FALSE(last.begun);
  EXPECT_FALSE(last.whole);
}

}  // namespace
}  // namespace baliprocess::gateway
