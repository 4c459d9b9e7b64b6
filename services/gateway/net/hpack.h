// Header fields in HPACK's form (RFC 7541), as far as they need nothing of the table that both ends
// of a connection keep in step: that is nghttp2's.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HPACK_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HPACK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::gateway::hpack {

// Appends an integer whose first byte has `prefix_bits` bits of it below those of `pattern` (5.1).
void AppendInteger(size_t value, int prefix_bits, uint8_t pattern, std::string& out);

// Appends a string without the Huffman code, which is the sender's choice (5.2).
void AppendString(std::string_view text, std::string& out);

// Appends a field that enters no table, neither at the next peer nor at those that it is passed on
// to (6.2.3). `name` is in lower case.
void AppendNeverIndexed(std::string_view name, std::string_view value, std::string& out);

// What a string in the Huffman code says; nothing when it isn't right.
std::optional<std::string> DecodeHuffman(std::string_view coded);

// Reads through the fields of a block, and stops at the values that the block itself has.
class ValueReader {
 public:
  explicit ValueReader(std::string_view block) : rest_(block) {}

  struct Value {
    std::string_view whole;  // with the length before it
    std::string_view bytes;
    bool huffman;
  };

  // The next value; nothing at the end of the block, or where it makes no sense.
  std::optional<Value> Next();

 private:
  std::optional<size_t> ReadInteger(int prefix_bits);
  std::optional<Value> ReadString();

  std::string_view rest_;
};

}  // namespace baliprocess::gateway::hpack

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HPACK_H_
