// The query of a URL as fields of a request message (google/api/http.proto, "Rules for HTTP
// mapping"): `?page_size=20&filter=kind%20%3D%20STATE`.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_QUERY_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_QUERY_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "common/base/errors.h"
#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

struct QueryParameter {
  std::string name;
  std::string value;
};
using QueryParameters = std::vector<QueryParameter>;

// The parameters of a query (what follows the `?`), in its order: `name=value` pieces between `&`,
// both percent-decoded, with + as a space; a piece without `=` has an empty value, and an empty
// piece is none. The caller takes out those that are its own and not the method's. INVALID_FIELDS
// for wrong percent-encoding and what isn't UTF-8.
absl::StatusOr<QueryParameters> ParseQuery(std::string_view query);

// Sets the fields of `request` that the parameters name: paths such as `term.startDate`, each name
// as the proto has it or its json_name. A repeated field takes a parameter for each value. Values
// are read as SetValue (scalar.h) does. Violations name the parameter's field, or its name where
// there is no such field:
// - no such field, or one that a query can't give (messages, lists of messages, maps);
// - a value of a field that isn't one of its type;
// - a single field given twice, or beside another of its oneof;
// - a field that the binding has in its path or its body.
void ReadQuery(const Binding& binding, const QueryParameters& parameters,
               google::protobuf::Message& request, Violations& violations);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_QUERY_H_
