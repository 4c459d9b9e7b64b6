#include "services/gateway/describe/parameters.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "services/gateway/describe/examples.h"
#include "services/gateway/describe/limits.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/scalar.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

Json PathParameterOf(const PathParameter& parameter, const Comments& comments, Schemas& schemas) {
  const FieldDescriptor& field = *parameter.field;
  Json described = {{"name", parameter.name}, {"in", "path"}, {"required", true}};
  if (!parameter.is_id) {
    described["description"] = comments.Of(field);
    described["schema"] = schemas.Of(field, Use::kRequest);
    described["schema"].erase("description");
    return described;
  }
  const bool any = TakesAnyParent(field);
  described["description"] = absl::StrCat("The id in `", field.name(), "`. ", comments.Of(field));
  described["schema"] = {
      {"type", "string"},
      {"pattern", absl::StrCat("^", any ? "(-|" : "", kIdPattern, any ? ")" : "", "$")}};
  described["example"] = Examples::IdOf(parameter.name);
  return described;
}

// Collects the fields that a query can give, those of messages within the request too.
class QueryParameters {
 public:
  QueryParameters(const Binding& binding, const Comments& comments, Schemas& schemas, Json& out)
      : binding_(binding), comments_(comments), schemas_(schemas), out_(out) {}

  void AddAll() { Add(*binding_.method->input_type(), "", "", true); }

 private:
  bool IsElsewhere(const std::vector<const FieldDescriptor*>& fields) const {
    const auto& variables = binding_.variables;
    return fields[0] == binding_.body_field ||
           std::find(variables.begin(), variables.end(), fields) != variables.end();
  }

  void Add(const Descriptor& message, const std::string& prefix, const std::string& about,
           bool required) {
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      fields_.push_back(&field);
      if (!IsElsewhere(fields_)) AddField(field, prefix, about, required);
      fields_.pop_back();
    }
  }

  void AddField(const FieldDescriptor& field, const std::string& prefix, const std::string& about,
                bool required) {
    const bool needed = required && HasBehavior(field, google::api::REQUIRED);
    const std::string name = absl::StrCat(prefix, field.json_name());
    if (IsSingleValue(field)) {
      Json schema = schemas_.Of(field, Use::kRequest);
      std::string description = absl::StrCat(about, comments_.Of(field), RemarksOn(field));
      schema.erase("description");
      Json parameter = {{"name", name}, {"in", "query"}, {"description", std::move(description)}};
      if (needed) parameter["required"] = true;
      parameter["schema"] = std::move(schema);
      out_.push_back(std::move(parameter));
      return;
    }
    // Lists of messages and messages within themselves can't be in a query.
    const auto is_within = [&](const FieldDescriptor* above) {
      return above != &field && above->message_type() == field.message_type();
    };
    if (field.is_repeated() || std::any_of(fields_.begin(), fields_.end(), is_within)) return;
    Add(*field.message_type(), absl::StrCat(name, "."),
        absl::StrCat(about, FirstSentence(comments_.Of(field)), ": "), needed);
  }

  const Binding& binding_;
  const Comments& comments_;
  Schemas& schemas_;
  Json& out_;
  std::vector<const FieldDescriptor*> fields_;  // on the way to where the walk is
};

void AddHeader(const char* name, Json& parameters) {
  parameters.push_back({{"$ref", absl::StrCat("#/components/parameters/", name)}});
}

// As http_request.cc takes them.
void AddHeaders(const Binding& binding, Json& parameters) {
  const MethodDescriptor& method = *binding.method;
  const Descriptor* request = method.input_type();
  const bool mutation = IsMutation(method);
  if (!mutation && !method.server_streaming()) AddHeader("Position", parameters);
  const bool file = RepliesHttpBody(binding);
  if (mutation && !EtagPathOf(binding).empty()) AddHeader("IfMatch", parameters);
  if (mutation && FindText(request, "request_id")) AddHeader("IdempotencyKey", parameters);
  const bool tagged = !method.server_streaming() && FindText(method.output_type(), "etag");
  if (!mutation && (tagged || file)) AddHeader("IfNoneMatch", parameters);
  if (file && FindOffset(request) != nullptr) AddHeader("Range", parameters);
  if (method.server_streaming() && FindText(request, "resume_token")) {
    AddHeader("LastEventId", parameters);
  }
}

Json HeaderParameter(const char* name, const char* description, Json schema) {
  return {{"name", name},
          {"in", "header"},
          {"description", description},
          {"schema", std::move(schema)}};
}

}  // namespace

Json ParametersOf(const Binding& binding, const OpenApiPath& path, const Comments& comments,
                  Schemas& schemas) {
  Json parameters = Json::array();
  for (const PathParameter& parameter : path.parameters) {
    parameters.push_back(PathParameterOf(parameter, comments, schemas));
  }
  if (binding.body != Binding::Body::kAll) {
    QueryParameters(binding, comments, schemas, parameters).AddAll();
  }
  AddHeaders(binding, parameters);
  return parameters;
}

Json HeaderParameters() {
  const Json text = {{"type", "string"}};
  return {
      {"IfMatch", HeaderParameter(
                      "If-Match",
                      "The ETag of a reply: the method takes effect on that version alone, and "
                      "else answers 412; with `*`, on any that is there. As `etag` in the request.",
                      text)},
      {"IfNoneMatch",
       HeaderParameter("If-None-Match",
                       "The ETag of an earlier reply: 304 if that is still the current one.",
                       text)},
      {"IdempotencyKey",
       HeaderParameter("Idempotency-Key",
                       "A UUID that makes the request safe to repeat. As `request_id` in the "
                       "request.",
                       {{"type", "string"}, {"format", "uuid"}})},
      {"Range", HeaderParameter("Range", "A part of the file, such as `bytes=1048576-`.", text)},
      {"LastEventId",
       HeaderParameter("Last-Event-ID",
                       "The id of the last event that was received: the stream goes on behind it. "
                       "As `resume_token` in the request, and in place of what the query says of "
                       "where to begin.",
                       text)},
      {"Position",
       HeaderParameter("X-Bali-Position",
                       "That of the last reply of the same service, as it was: this reply is of a "
                       "store that is as far, or further. `newest`: it is of the newest there is. "
                       "Without it, a service that reads on standbys may answer what is some "
                       "seconds old.",
                       text)},
  };
}

}  // namespace baliprocess::gateway
