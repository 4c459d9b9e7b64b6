// Texts of spreadsheet programs, whose encoding nobody tells.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_TEXT_ENCODING_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_TEXT_ENCODING_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baliprocess::balictl {

inline constexpr std::string_view kUtf8 = "UTF-8";

struct DecodedText {
  std::string text;      // UTF-8, without a byte order mark
  std::string encoding;  // `UTF-8`, `UTF-16` or `Windows-1252`
};

// UTF-8 and UTF-16 with a byte order mark; UTF-16 in which every other byte of the first ones is 0;
// what is UTF-8 from end to end; all else is Windows-1252, which programs on Windows write in
// Western Europe and its former colonies. A usage error for what is none of these.
absl::StatusOr<DecodedText> DecodeText(std::string_view bytes);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_TEXT_ENCODING_H_
