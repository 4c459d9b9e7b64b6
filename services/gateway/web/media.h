// Media types and codings, as a request's head names them (RFC 9110 8.3, 12.5).

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_MEDIA_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_MEDIA_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

inline constexpr std::string_view kNdjsonType = "application/x-ndjson";
inline constexpr std::string_view kEventStreamType = "text/event-stream";

// `application/json` of `Application/JSON; charset=utf-8`.
std::string MediaTypeOf(std::string_view content_type);

// Whether the text before any parameters is `type/subtype`, each a token (RFC 9110 8.3.1).
bool IsMediaType(std::string_view content_type);

// Whether a request's body can be read as JSON: application/json, in UTF-8 (RFC 8259 8.1).
bool IsJson(std::string_view content_type);

// Whether a reply of this type is acceptable by the value of `accept`; empty: everything is.
bool Accepts(std::string_view accept, std::string_view type);

// Whether `accept` names the type itself, not only as one of many.
bool Names(std::string_view accept, std::string_view type);

// Whether the value of `content-encoding` says that the body is as it is, or that it is packed by
// gzip (RFC 9110 8.4.1: whatever the case).
bool IsIdentity(std::string_view content_encoding);
bool IsGzip(std::string_view content_encoding);

// The one of `codings` that `accept-encoding` gives the most weight, the first of several; empty
// when it allows none of them, or has `identity` with more weight. Nobody gets a coding who doesn't
// ask for it.
std::string_view PreferredCoding(std::string_view accept_encoding,
                                 std::initializer_list<std::string_view> codings);

bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_MEDIA_H_
