// The gateway's HTTP interface as an OpenAPI document (3.1, spec.openapis.org): every method with a
// google.api.http rule, by each of its bindings, from the descriptors that are compiled in.
//
// Beside what OpenAPI has words for, operations have `x-roles` (which roles may call them), and
// those that list resources `x-filterable` and `x-orderable`.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_OPENAPI_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_OPENAPI_H_

#include "absl/status/statusor.h"

#include "services/gateway/describe/comments.h"
#include "services/gateway/describe/json.h"

namespace baliprocess::gateway {

// An error names a method whose rule is wrong (bindings.h), or can't be said in OpenAPI (paths.h).
absl::StatusOr<Json> MakeOpenApi(const Comments& comments);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_OPENAPI_H_
