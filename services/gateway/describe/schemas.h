// The schemas of messages (JSON Schema 2020-12, which OpenAPI 3.1 takes as it is), as ProtoJSON
// writes and reads them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_SCHEMAS_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_SCHEMAS_H_

#include <google/protobuf/descriptor.h>

#include <map>
#include <set>
#include <string>

#include "services/gateway/describe/comments.h"
#include "services/gateway/describe/json.h"

namespace baliprocess::gateway {

// A message that is sent and one that is received have schemas of their own. In a reply, fields
// without presence are always there (json_writer.h), so they are required. In a request what the
// contract says is REQUIRED is, limits hold, and nothing may be there that the message hasn't. The
// resource of an update leaves out what isn't to be changed.
enum class Use { kReply, kRequest, kUpdate };

class Schemas {
 public:
  explicit Schemas(const Comments& comments) : comments_(comments) {}

  // A reference to the schema of a message. Of those that ProtoJSON writes in another way (such as
  // Timestamp), the schema itself.
  Json Of(const google::protobuf::Descriptor& message, Use use);

  // The schema of a field: what its value is, with its description.
  Json Of(const google::protobuf::FieldDescriptor& field, Use use);

  // A reference to the schema of an enum, whose values are names.
  Json Of(const google::protobuf::EnumDescriptor& type);

  // The schema of a request's message itself, without some of its fields.
  Json ObjectOf(const google::protobuf::Descriptor& message, Use use,
                const std::set<const google::protobuf::FieldDescriptor*>& without);

  // All schemas that were referred to, by name.
  const std::map<std::string, Json>& all() const { return schemas_; }

 private:
  Json OfValue(const google::protobuf::FieldDescriptor& field, Use use);

  const Comments& comments_;
  std::map<std::string, Json> schemas_;
};

// What a message or an enum is called in the document: `membership.v1.Member` of
// `baliprocess.membership.v1.Member`; in requests with `Input`, or `Update`, behind it.
std::string SchemaNameOf(const std::string& full_name, Use use);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_SCHEMAS_H_
