// What strings may be: text, and the formats of baliprocess.api.v1.Format.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_FORMATS_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_FORMATS_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "baliprocess/api/v1/field.pb.h"

namespace baliprocess::resource {

// The most combining marks in a row (UAX #15, Stream-Safe Text Format): to bring more of them into
// order takes time by the square of their number.
inline constexpr int kMostMarks = 30;

// What a pass over a string finds.
struct TextFacts {
  bool valid_utf8 = true;    // RFC 3629: no overlong forms, no surrogates; the rest is void if not
  bool has_control = false;  // a control character (C0, DEL, C1) other than tab and line feed
  bool has_many_marks = false;  // more than kMostMarks combining marks in a row
  size_t length = 0;            // in code points
};
TextFacts Examine(std::string_view text);

// Why `text` isn't of `format`, to complete "must be ..."; nullptr when it is.
const char* WhyNotOfFormat(std::string_view text, api::v1::FieldRules::Format format);

// A well-formed language tag (BCP 47, RFC 5646 section 2.1), grandfathered ones excepted.
bool IsLanguageTag(std::string_view text);

// An absolute http or https URI with a host (RFC 3986).
bool IsHttpUri(std::string_view text);

// One `@`, something before it and a domain name after it; ASCII domain, no spaces.
bool IsEmail(std::string_view text);

// A zone that the system's IANA database knows, in its exact spelling.
bool IsTimeZone(std::string_view text);

// `+` and 7 to 15 digits, the first not 0 (E.164).
bool IsPhoneNumber(std::string_view text);

// A UUID of version 4 (RFC 9562).
bool IsUuid4(std::string_view text);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_FORMATS_H_
