// What a request has beside its body: in its path, its query and its head.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_PARAMETERS_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_PARAMETERS_H_

#include "services/gateway/describe/comments.h"
#include "services/gateway/describe/json.h"
#include "services/gateway/describe/paths.h"
#include "services/gateway/describe/schemas.h"
#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

// The parameters of one operation.
Json ParametersOf(const Binding& binding, const OpenApiPath& path, const Comments& comments,
                  Schemas& schemas);

// The header fields that operations refer to, by name.
Json HeaderParameters();

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_PARAMETERS_H_
