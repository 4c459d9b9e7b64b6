// HPACK's integers, strings and literals, by the examples of RFC 7541 and beside nghttp2.

#include "services/gateway/net/hpack.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"

#include "services/gateway/net/header_block.h"
#include "services/gateway/net/literal_queue.h"
#include "services/gateway/testing/hpack_peer.h"

namespace baliprocess::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

std::string Integer(size_t value, int prefix_bits, uint8_t pattern = 0) {
  std::string out;
  hpack::AppendInteger(value, prefix_bits, pattern, out);
  return absl::BytesToHexString(out);
}

// The values that the block itself has.
std::vector<std::string> ValuesIn(std::string_view block) {
  hpack::ValueReader reader(block);
  std::vector<std::string> values;
  while (const auto value = reader.Next()) {
    values.push_back(value->huffman ? hpack::DecodeHuffman(value->bytes).value_or("wrong")
                                    : std::string(value->bytes));
  }
  return values;
}

TEST(HpackTest, IntegersAreThoseOfTheStandard) {
  EXPECT_EQ(Integer(10, 5), "0a");        // C.1.1
  EXPECT_EQ(Integer(1337, 5), "1f9a0a");  // C.1.2
  EXPECT_EQ(Integer(42, 8), "2a");        // C.1.3
  EXPECT_EQ(Integer(30, 5, 0x20), "3e");  // the most that fits into the prefix
  EXPECT_EQ(Integer(31, 5, 0x20), "3f00");
  EXPECT_EQ(Integer(127 + 127, 7), "7f7f");
  EXPECT_EQ(Integer(127 + 128, 7), "7f8001");
}

TEST(HpackTest, NeverIndexedFieldsAreToldAndEnterNoTable) {
  const std::vector<HpackField> fields = {
      {"authorization", "Bearer " + std::string(400, 'x'), true},
      {"traceparent", "00-1-2-00", true},
      {"x-empty", "", true}};
  std::string block;
  for (const HpackField& field : fields) {
    hpack::AppendNeverIndexed(field.name, field.value, block);
  }
  HpackDecoder decoder;
  EXPECT_THAT(decoder.Decode(block), Optional(Eq(fields)));
  EXPECT_EQ(decoder.table_size(), 0u);
}

TEST(HpackTest, ReadsTheHuffmanCode) {
  const std::string example = absl::HexStringToBytes("f1e3c2e5f23a6ba0ab90f4ff");  // C.4.1
  EXPECT_THAT(hpack::DecodeHuffman(example), Optional(Eq("www.example.com")));
  EXPECT_THAT(hpack::DecodeHuffman(""), Optional(Eq("")));
  EXPECT_EQ(hpack::DecodeHuffman(example + "\xff"), std::nullopt) << "padding of 8 bits or more";
  EXPECT_EQ(hpack::DecodeHuffman(example.substr(0, 11) + '\x00'), std::nullopt) << "zeroes as such";
  EXPECT_EQ(hpack::DecodeHuffman("\xff\xff\xff\xff"), std::nullopt) << "EOS";
}

TEST(HpackTest, FindsTheValuesOfABlock) {
  EXPECT_THAT(
      ValuesIn(absl::HexStringToBytes("400a637573746f6d2d6b65790d637573746f6d2d686561646572")),
      ElementsAre("custom-header"));                                             // C.2.1
  EXPECT_THAT(ValuesIn(absl::HexStringToBytes("040c2f73616d706c652f70617468")),  // C.2.2
              ElementsAre("/sample/path"));
  EXPECT_THAT(ValuesIn(absl::HexStringToBytes("100870617373776f726406736563726574")),  // C.2.3
              ElementsAre("secret"));
  EXPECT_THAT(ValuesIn(absl::HexStringToBytes("82")), ElementsAre());                  // C.2.4
  EXPECT_THAT(ValuesIn(absl::HexStringToBytes("828684418cf1e3c2e5f23a6ba0ab90f4ff")),  // C.4.1
              ElementsAre("www.example.com"));
  // A change of the table's size, an index of more than one byte, and a name by index.
  EXPECT_THAT(ValuesIn(absl::HexStringToBytes("3fe11fff8001"
                                              "7f010161")),
              ElementsAre("a"));
}

TEST(HpackTest, StopsWhereABlockIsCut) {
  const std::string block = absl::HexStringToBytes("100870617373776f726406736563726574");
  for (size_t size = 0; size < block.size(); ++size) {
    EXPECT_THAT(ValuesIn(block.substr(0, size)), ElementsAre()) << size;
  }
  for (const char* wrong : {"ffffffffffffffffffffffff0182", "0f8080808080808080800161",
                            "047fffffff7f61", "000161ffffffffffff7f61"}) {
    EXPECT_THAT(ValuesIn(absl::HexStringToBytes(wrong)), ElementsAre()) << wrong;
  }
}

TEST(LiteralQueueTest, EachStreamGetsItsOwnFields) {
  LiteralQueue queue;
  const auto add = [&queue](int32_t stream_id, const std::string& value) {
    RequestFields fields;
    fields.AddLiteral("authorization", value);
    queue.Add(stream_id, fields.literals);
  };
  const auto of = [&queue](int32_t stream_id) {
    std::string block;
    queue.MoveTo(stream_id, block);
    return ValuesIn(block);
  };
  add(3, "third");
  add(7, "seventh");
  add(9, "ninth");
  add(11, "eleventh");
  EXPECT_THAT(of(1), ElementsAre());
  EXPECT_THAT(of(3), ElementsAre("third"));
  EXPECT_THAT(of(3), ElementsAre()) << "once";
  EXPECT_THAT(of(5), ElementsAre()) << "it has none";
  EXPECT_THAT(of(9), ElementsAre("ninth")) << "the seventh was given up";
  EXPECT_THAT(of(7), ElementsAre());
  EXPECT_FALSE(queue.empty());
  EXPECT_THAT(of(13), ElementsAre());
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace baliprocess::gateway
