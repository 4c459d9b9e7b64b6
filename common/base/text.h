// Text in UTF-8.

#ifndef BALIPROCESS_COMMON_BASE_TEXT_H_
#define BALIPROCESS_COMMON_BASE_TEXT_H_

#include <string>
#include <string_view>

namespace baliprocess {

// Valid UTF-8, cut between characters to at most so many bytes; what was cut is followed by `...`.
inline std::string Cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return std::string(text.substr(0, bytes)).append("...");
}

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_TEXT_H_
