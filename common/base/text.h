// Text in UTF-8.

#ifndef BALIPROCESS_COMMON_BASE_TEXT_H_
#define BALIPROCESS_COMMON_BASE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace baliprocess {

// Valid UTF-8, cut between characters to at most so many bytes; what was cut is followed by `...`.
inline std::string Cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes)).append("...");
}

// A character read off the front of a text.
struct Utf8Character {
  uint32_t code = 0;  // its code point
  size_t size = 0;    // in bytes; 0 if the text doesn't begin with a well-formed character
};

// The first character of `text` (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing
// above U+10FFFF). Size 0 for an empty text.
Utf8Character DecodeUtf8(std::string_view text);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_TEXT_H_
