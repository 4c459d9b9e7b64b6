// Blanks between the values of a JSON text.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_BLANKS_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_BLANKS_H_

#include <cstddef>
#include <string_view>

namespace baliprocess::gateway {

// Tabs, line feeds and carriage returns that may stand one behind the other, spaces between them
// aside: a text that is laid out for reading has tens. nlohmann-json spells out each of them, at a
// cost of 160 ns, when what comes behind isn't JSON.
inline constexpr size_t kMostJsonBlanks = 1000;

inline bool HasTooManyBlanks(std::string_view json) {
  size_t blanks = 0;
  for (const char c : json) {
    if (c == '\n' || c == '\t' || c == '\r') {
      if (++blanks > kMostJsonBlanks) return true;
    } else if (c != ' ') {
      blanks = 0;
    }
  }
  return false;
}

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_JSON_BLANKS_H_
