// What a method answers over HTTP.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_RESPONSES_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_RESPONSES_H_

#include "services/gateway/describe/json.h"
#include "services/gateway/describe/schemas.h"
#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

// The responses of one operation, by HTTP status. The first is what comes when all is well; a JSON
// of one message has `content` for its example.
Json ResponsesOf(const Binding& binding, Schemas& schemas);

// The responses of errors that operations refer to, by name.
Json ErrorResponses(Schemas& schemas);

// The header fields of replies, by name.
Json ReplyHeaders();

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_RESPONSES_H_
