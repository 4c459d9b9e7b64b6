// Countries and territories, by the codes of ISO 3166-1.

#ifndef BALIPROCESS_COMMON_BASE_REGIONS_H_
#define BALIPROCESS_COMMON_BASE_REGIONS_H_

#include <string_view>

namespace baliprocess {

// The code of two letters (`AU`) of a code of three (`AUS`); empty when there is no such code.
std::string_view RegionOfAlpha3(std::string_view alpha_3);

// Why `code` isn't the code of two letters of a country or territory of today; nullptr when it is
// one. Beside those of ISO 3166-1, XK (Kosovo) is one, as in CLDR and in IATI's list. Codes that
// were withdrawn (YU), reserved (UK, EU) or kept for private use (XX) are none. The text completes
// the sentence "must be ...".
const char* WhyNotRegion(std::string_view code);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_REGIONS_H_
