// What repeats is unpacked, and says what it said; everything else goes on as it came.

#include "services/gateway/net/head_unpacker.h"

#include <gmock/gmock.h>
#include <nghttp2/nghttp2.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "services/gateway/net/hpack.h"
#include "services/gateway/testing/hpack_peer.h"

namespace baliprocess::gateway {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr uint8_t kWhole = NGHTTP2_FLAG_END_HEADERS;

std::string Frame(const std::string& payload, uint8_t flags = kWhole,
                  uint8_t type = NGHTTP2_HEADERS) {
  std::string frame(FrameHeader::kSize, '\0');
  FrameHeader::WriteLength(payload.size(), frame.data());
  frame[3] = static_cast<char>(type);
  frame[4] = static_cast<char>(flags);
  frame[8] = 1;
  return frame + payload;
}

std::vector<HpackField> Token(const std::string& token) {
  return {{"authorization", "Bearer " + token, true}};
}

class HeadUnpackerTest : public ::testing::Test {
 protected:
  // The frame as nghttp2 gets it.
  std::string HandOn(const std::string& frame) {
    const std::string_view unpacked = unpacker_.Unpack(frame, FrameHeader::Read(frame));
    return unpacked.empty() ? frame : std::string(unpacked);
  }
  bool IsUnpacked(const std::string& frame) { return HandOn(frame) != frame; }

  HeadUnpacker unpacker_;
};

TEST_F(HeadUnpackerTest, AStringThatCameTwiceIsUnpackedFromThenOn) {
  HpackEncoder encoder;
  const std::string frame = Frame(encoder.Encode(Token(std::string(350, 'e'))));
  EXPECT_FALSE(IsUnpacked(frame));
  for (int i = 0; i < 3; ++i) {
    const std::string unpacked = HandOn(frame);
    EXPECT_GT(unpacked.size(), frame.size());
    EXPECT_EQ(FrameHeader::Read(unpacked).length, unpacked.size() - FrameHeader::kSize);
    EXPECT_EQ(unpacked.substr(3, 6), frame.substr(3, 6)) << "type, flags, stream";
    EXPECT_THAT(HpackDecoder().Decode(unpacked.substr(FrameHeader::kSize)),
                Optional(Eq(Token(std::string(350, 'e')))));
  }
}

// One bit, anywhere.
TEST_F(HeadUnpackerTest, NothingIsTakenForAnother) {
  HpackEncoder encoder;
  const std::string frame = Frame(encoder.Encode(Token(std::string(60, 'e') + "token")));
  HandOn(frame);
  ASSERT_TRUE(IsUnpacked(frame));
  for (size_t bit = 8 * FrameHeader::kSize; bit < 8 * frame.size(); ++bit) {
    std::string other = frame;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ 1 << bit % 8);
    const auto said = HpackDecoder().Decode(other.substr(FrameHeader::kSize));
    EXPECT_EQ(HpackDecoder().Decode(HandOn(other).substr(FrameHeader::kSize)), said) << bit;
  }
}

TEST_F(HeadUnpackerTest, WhatEntersTheTableEntersItAsBefore) {
  HpackEncoder encoder;
  const std::vector<HpackField> fields = {{"x-long", std::string(200, 'e'), false}};
  const std::string first = encoder.Encode(fields);
  const std::string second = encoder.Encode(fields);
  ASSERT_EQ(second.size(), 1u) << "by its index";
  HandOn(Frame(first));
  const std::string unpacked = HandOn(Frame(first)).substr(FrameHeader::kSize);
  ASSERT_NE(unpacked, first);
  HpackDecoder decoder;
  EXPECT_THAT(decoder.Decode(unpacked), Optional(Eq(fields)));
  EXPECT_THAT(decoder.Decode(second), Optional(Eq(fields)));
}

TEST_F(HeadUnpackerTest, FramesOfOtherFormsGoOnAsTheyCame) {
  HpackEncoder encoder;
  const std::string block = encoder.Encode(Token(std::string(100, 'e')));
  HandOn(Frame(block));
  ASSERT_TRUE(IsUnpacked(Frame(block)));
  EXPECT_FALSE(IsUnpacked(Frame(block, 0))) << "CONTINUATION follows";
  EXPECT_FALSE(IsUnpacked(Frame(block, kWhole | NGHTTP2_FLAG_PADDED)));
  EXPECT_FALSE(IsUnpacked(Frame(block, kWhole, NGHTTP2_DATA)));
  EXPECT_FALSE(IsUnpacked(Frame(block, kWhole, NGHTTP2_CONTINUATION)));
  EXPECT_TRUE(IsUnpacked(Frame("\1\2\3\4\5" + block, kWhole | NGHTTP2_FLAG_PRIORITY)));
  EXPECT_FALSE(IsUnpacked(Frame("\1\2\3", kWhole | NGHTTP2_FLAG_PRIORITY)));
  EXPECT_FALSE(IsUnpacked(Frame("")));
  EXPECT_FALSE(IsUnpacked(Frame(block.substr(0, block.size() - 1)))) << "cut";
}

TEST_F(HeadUnpackerTest, NoFrameGrowsBeyondWhatMayBeSent) {
  HpackEncoder encoder;
  std::string block;
  const std::string field = encoder.Encode(Token(std::string(1000, 'e')));
  while (block.size() + field.size() <= (16 << 10)) block += field;
  HandOn(Frame(field));
  ASSERT_TRUE(IsUnpacked(Frame(field)));
  EXPECT_FALSE(IsUnpacked(Frame(block)));
  EXPECT_FALSE(IsUnpacked(Frame(block + std::string(16 << 10, '\x82')))) << "too large as it is";
}

TEST_F(HeadUnpackerTest, RemembersNeitherShortNorVeryLongStrings) {
  const auto coded = [](size_t bytes) {  // `e` has 5 bits
    HpackEncoder encoder;
    return Frame(encoder.Encode({{"x", std::string(bytes * 8 / 5, 'e'), true}}));
  };
  for (const auto& [bytes, remembered] :
       {std::pair(HeadUnpacker::kShortest - 1, false), std::pair(HeadUnpacker::kShortest, true),
        std::pair(HeadUnpacker::kLongest, true), std::pair(HeadUnpacker::kLongest + 1, false)}) {
    const std::string frame = coded(bytes);
    for (int i = 0; i < 3; ++i) HandOn(frame);
    EXPECT_EQ(IsUnpacked(frame), remembered) << bytes;
  }
}

// However many there are, in whatever order.
TEST_F(HeadUnpackerTest, ForgetsForNewOnes) {
  HpackEncoder encoder;
  size_t remembered = 0;
  std::vector<std::string> frames;
  for (size_t i = 0; i < 4 * HeadUnpacker::kSlots; ++i) {
    frames.push_back(Frame(encoder.Encode(Token(std::string(100, 'e') + std::to_string(i)))));
    HandOn(frames.back());
    EXPECT_TRUE(IsUnpacked(frames.back()));
  }
  for (const std::string& frame : frames) remembered += IsUnpacked(frame) ? 1 : 0;
  EXPECT_LE(remembered, HeadUnpacker::kSlots);
  EXPECT_GT(remembered, HeadUnpacker::kSlots / 2);
}

// A connection's heads, in every form that HPACK has for a field, with tables that grow and shrink.
TEST_F(HeadUnpackerTest, RandomHeadsAreDecodedAsWithoutIt) {
  std::mt19937 random(7541);
  const auto below = [&random](size_t n) { return static_cast<size_t>(random()) % n; };
  const auto text = [&] {
    std::string value(below(120), ' ');
    for (char& c : value) c = "eeeeeeaB-~ 0\x80\xff"[below(14)];
    return value;
  };
  const char* const names[] = {":path", "authorization", "cookie", "x-a", "x-b", "set-cookie"};
  int unpacked = 0;
  for (int connection = 0; connection < 50; ++connection) {
    HpackEncoder encoder;
    HpackDecoder plain;
    HpackDecoder behind;
    std::vector<std::string> pool;
    for (int i = 0; i < 8; ++i) pool.push_back(text());
    for (int head = 0; head < 60; ++head) {
      if (below(10) == 0) encoder.Resize(below(4097));
      std::vector<HpackField> fields(below(8));
      for (HpackField& field : fields) {
        field = {names[below(6)], below(4) == 0 ? text() : pool[below(8)], below(2) == 0};
      }
      const std::string block = encoder.Encode(fields);
      const std::string handed_on = HandOn(Frame(block)).substr(FrameHeader::kSize);
      unpacked += handed_on != block ? 1 : 0;
      const auto said = plain.Decode(block);
      ASSERT_EQ(said.value_or(std::vector<HpackField>()).size(), fields.size());
      ASSERT_EQ(behind.Decode(handed_on), said);
      ASSERT_EQ(behind.table_size(), plain.table_size());
    }
  }
  EXPECT_GT(unpacked, 500);
}

}  // namespace
}  // namespace baliprocess::gateway
