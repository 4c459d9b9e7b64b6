// Which header fields may travel on a connection that other callers share.
//
// gRPC's own stack takes a field that it can't read for an error of the whole connection, and ends
// the calls of everybody on it. So each field is examined here first, requests' and replies' alike:
// what gRPC wouldn't take is left out (PROTOCOL-HTTP2.md of gRPC, Custom-Metadata).

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_HEADER_RULES_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_HEADER_RULES_H_

#include <cstddef>
#include <string_view>

#include "services/gateway/net/header_block.h"

namespace baliprocess::gateway {

// Whether the name has only characters that gRPC allows: 0-9 a-z _ . -
bool IsLegalName(std::string_view name);

// Whether the value has only printable ASCII.
bool IsLegalValue(std::string_view value);

// Without the blanks at both ends (RFC 9110 5.5).
std::string_view Trimmed(std::string_view value);

// Whether the text is base64 of the standard alphabet in its one right form: unused bits are zero,
// padding is whole or absent.
bool IsCanonicalBase64(std::string_view text);

// Adds the field to the block when it may travel, without blanks at its ends. The value of a field
// whose name ends in -bin is split at commas, and each part that is base64 becomes a field of its
// own. Returns the sum of the sizes of what was added; 0: nothing was.
size_t AddIfFit(HeaderBlock& block, const ReceivedField& field);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_HEADER_RULES_H_
