// Which calls may be made a second time, and when. Knows nothing of connections.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_REPEAT_RULES_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_REPEAT_RULES_H_

#include <optional>
#include <string_view>

#include "absl/time/time.h"

#include "services/gateway/net/header_block.h"

namespace baliprocess::gateway {

// Tries of a call, the first among them.
inline constexpr int kMaxAttempts = 4;

// Whether the string field with this number, at the top level of a message, isn't empty. False
// when the message can't be read.
bool HasText(std::string_view message, int field);

// The message of a request of one message, prefix and all. Empty when it isn't whole.
std::string_view OnlyMessage(std::string_view request);

// How long to wait before the next try, of a call that had `attempts`: between 0 and a time that
// doubles from 25 ms.
absl::Duration Backoff(int attempts);

// What the service says about coming again, in the headers or trailers that end a reply: by
// grpc-retry-pushback-ms (gRFC A6), or google.rpc.RetryInfo. Zero when it says nothing; nothing
// when it doesn't want to be asked again.
std::optional<absl::Duration> Pushback(const HeaderBlock& fields);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_REPEAT_RULES_H_
