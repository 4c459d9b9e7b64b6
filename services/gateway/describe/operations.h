// One operation of the document: what one binding of a method is.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_OPERATIONS_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_OPERATIONS_H_

#include <map>
#include <string>

#include "services/gateway/describe/comments.h"
#include "services/gateway/describe/examples.h"
#include "services/gateway/describe/json.h"
#include "services/gateway/describe/paths.h"
#include "services/gateway/describe/schemas.h"
#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

class Operations {
 public:
  Operations(const Comments& comments, Schemas& schemas)
      : comments_(comments), schemas_(schemas), makes_examples_(comments) {}

  // `number` counts the bindings of a method, from 1.
  Json Of(const Binding& binding, const OpenApiPath& path, int number);

  // The examples that operations refer to, by name.
  const std::map<std::string, Json>& examples() const { return examples_; }

 private:
  std::string DescriptionOf(const google::protobuf::MethodDescriptor& method) const;
  Json BodyOf(const Binding& binding);
  Json WholeBodyOf(const Binding& binding);
  void AddReplyExample(const Binding& binding, Json& responses);
  Json ExampleOf(const google::protobuf::Descriptor& message, Use use);

  const Comments& comments_;
  Schemas& schemas_;
  const Examples makes_examples_;
  std::map<std::string, Json> examples_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_OPERATIONS_H_
