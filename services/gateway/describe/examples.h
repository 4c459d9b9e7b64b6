// Examples of messages, made from the contract: what its annotations ask for, with the examples
// that its comments give ("such as `VN`").

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_EXAMPLES_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_EXAMPLES_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "services/gateway/describe/comments.h"
#include "services/gateway/describe/json.h"
#include "services/gateway/describe/schemas.h"

namespace baliprocess::gateway {

class Examples {
 public:
  explicit Examples(const Comments& comments) : comments_(comments) {}

  // A message as a client would send it, or as the gateway would. It has all that is REQUIRED, and
  // of a resource also the single fields that can be filtered by.
  Json Of(const google::protobuf::Descriptor& message, Use use) const;

  // The id of a resource, by what patterns call it: `aus` of `member`.
  static std::string IdOf(const std::string& variable);

 private:
  void Fill(google::protobuf::Message& message, Use use, int depth) const;
  void FillField(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 Use use, int depth) const;
  std::string TextOf(const google::protobuf::FieldDescriptor& field) const;

  const Comments& comments_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_EXAMPLES_H_
