// Header fields as text of their own: of replies that the gateway makes, which are few.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_TEXT_FIELDS_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_TEXT_FIELDS_H_

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baliprocess::gateway {

// Names in lower case.
using TextFields = std::vector<std::pair<std::string, std::string>>;

// The value of the first field of this name; empty when there is none.
std::string_view FindField(const TextFields& fields, std::string_view name);

// From what nghttp2 would send.
TextFields CopyOf(const std::vector<nghttp2_nv>& fields);

// Appends the fields in the form in which nghttp2 copies them.
void AppendTo(const TextFields& fields, std::vector<nghttp2_nv>& out);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_TEXT_FIELDS_H_
