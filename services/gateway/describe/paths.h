// The paths of bindings, as OpenAPI writes them.
//
// A variable of OpenAPI has no slashes. So `/v1/{name=meetings/*/documents/*}:download` is
// `/v1/meetings/{meeting}/documents/{document}:download`: each `*` is a parameter, called as the
// contract's patterns of names call the ids of that collection, or else as the field.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_PATHS_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_PATHS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

struct PathParameter {
  std::string name;  // `meeting`
  // The field of the request that it is a part of, or the whole.
  const google::protobuf::FieldDescriptor* field = nullptr;
  bool is_id = false;  // of a resource; else it is the field's whole value
};

struct OpenApiPath {
  std::string path;
  std::vector<PathParameter> parameters;  // in the order of the path
};

// INVALID_ARGUMENT, naming the method, for what OpenAPI has no words for: `**`, and a `*` that is
// no part of a variable.
absl::StatusOr<OpenApiPath> OpenApiPathOf(const Binding& binding);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_PATHS_H_
