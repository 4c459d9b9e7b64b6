#include "services/gateway/describe/responses.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

#include "baliprocess/api/v1/access.pb.h"
#include "baliprocess/api/v1/media.pb.h"
#include "common/base/errors.h"
#include "services/gateway/describe/parameters.h"
#include "services/gateway/transcoding/http_status.h"
#include "services/gateway/transcoding/json_reply.h"

namespace baliprocess::gateway {
namespace {

using api::v1::Access;

// An error that every operation of some kind may answer.
struct KnownError {
  const char* status;
  const char* name;
  const char* description;
  absl::Status example;
};

std::vector<KnownError> KnownErrors() {
  using api::v1::Error;
  Violations violations;
  violations.Add("member.region_code",
                 "must be the code of a country or territory (ISO 3166-1), such as AU");
  return {
      {"400", "BadRequest",
       "The request is wrong (INVALID_FIELDS names each field and its rule), or what it asks for "
       "can't be done as things stand (WRONG_STATE, RULE_BROKEN, STILL_REFERENCED).",
       violations.ToStatus()},
      {"401", "Unauthenticated", "A token is needed, or the token isn't acceptable.",
       baliprocess::Error(Error::TOKEN_MISSING, "the method needs a token")},
      {"403", "PermissionDenied", "The caller may not do this.",
       baliprocess::Error(Error::ACCESS_DENIED, "none of the caller's roles may call the method")},
      {"404", "NotFound", "There is no such resource, or the caller may not know of it.",
       baliprocess::Error(Error::RESOURCE_NOT_FOUND, "there is no members/xyz")},
      {"409", "Conflict",
       "Another change came first, or a resource of this name or a request of this id is there.",
       baliprocess::Error(Error::RESOURCE_EXISTS, "members/aus exists")},
      {"412", "PreconditionFailed", "The resource isn't the version that If-Match names.",
       baliprocess::Error(Error::ETAG_MISMATCH, "members/aus has changed")},
      {"413", "ContentTooLarge", "The request is larger than the gateway takes.",
       baliprocess::Error(Error::TOO_LARGE, "the message is too large")},
      {"415", "UnsupportedMediaType", "The body isn't application/json in UTF-8.",
       baliprocess::Error(Error::UNSUPPORTED_CALL, "the body must be application/json in UTF-8")},
      {"416", "RangeNotSatisfiable", "The range begins behind the end of the file.",
       InvalidField("range", "must begin before the end of the file")},
      {"429", "TooManyRequests", "The caller asks too often, or too much at once.",
       baliprocess::Error(Error::RATE_LIMITED, "too many calls")},
      {"default", "Error", "Any other error.",
       baliprocess::Error(Error::TEMPORARILY_UNAVAILABLE, "the service can't be reached")},
  };
}

Json ExampleOf(const absl::Status& error) { return Json::parse(ErrorJson(ToRpcStatus(error))); }

Json HeaderReference(const char* name) {
  return {{"$ref", absl::StrCat("#/components/headers/", name)}};
}

bool IsPublic(const google::protobuf::MethodDescriptor& method) {
  for (const int role : method.options().GetExtension(api::v1::access).roles()) {
    if (role == Access::PUBLIC) return true;
  }
  return false;
}

bool TakesRange(const Binding& binding) {
  return RepliesHttpBody(binding) && FindOffset(binding.method->input_type()) != nullptr;
}

// Whether the method may answer with this error.
bool MayFail(const Binding& binding, std::string_view status) {
  const auto& method = *binding.method;
  const auto* body = binding.body_field ? binding.body_field->message_type() : nullptr;
  const bool mutation = IsMutation(method);
  const bool has_body = binding.body != Binding::Body::kNone;
  if (status == "403") return !IsPublic(method);
  if (status == "404") return !binding.variables.empty();
  if (status == "409") return mutation;
  if (status == "416") return TakesRange(binding);
  if (status == "412") {
    return mutation && (FindText(method.input_type(), "etag") || FindText(body, "etag"));
  }
  return (status != "413" && status != "415") || has_body;
}

void AddFile(const Binding& binding, Json& responses) {
  const std::string& type = binding.method->options().GetExtension(api::v1::media_type);
  Json file = {{"description", "The file, as its own media type."},
               {"headers",
                {{"ETag", HeaderReference("ETag")},
                 {"Content-Disposition", HeaderReference("ContentDisposition")}}},
               {"content", {{type, Json::object()}}}};
  responses["200"] = file;
  if (!TakesRange(binding)) return;
  file["description"] = "The part of the file that Range asks for.";
  responses["206"] = std::move(file);
}

void AddStream(const Json& schema, Json& responses) {
  responses["200"] = {
      {"description",
       "A stream of messages: a JSON text on a line each, or, for who accepts text/event-stream, "
       "server-sent events, whose `data` has the JSON. An error within the stream is its last "
       "line, `{\"error\": {...}}`, or an event `error`; it is a google.rpc.Status."},
      {"content",
       {{"application/x-ndjson", {{"schema", schema}}},
        {"text/event-stream", {{"schema", schema}}}}}};
}

Json ReplySchemaOf(const Binding& binding, Schemas& schemas) {
  return binding.response_field == nullptr ? schemas.Of(*binding.method->output_type(), Use::kReply)
                                           : schemas.Of(*binding.response_field, Use::kReply);
}

}  // namespace

Json ResponsesOf(const Binding& binding, Schemas& schemas) {
  const auto& method = *binding.method;
  Json responses = Json::object();
  const bool file = RepliesHttpBody(binding);
  const bool tagged = !method.server_streaming() && FindText(method.output_type(), "etag");
  if (file) {
    AddFile(binding, responses);
  } else if (method.server_streaming()) {
    AddStream(ReplySchemaOf(binding, schemas), responses);
  } else {
    responses["200"] = {
        {"description", "The reply."},
        {"content", {{"application/json", {{"schema", ReplySchemaOf(binding, schemas)}}}}}};
    responses["200"]["headers"] = {{"X-Bali-Position", HeaderReference("Position")}};
    if (tagged) responses["200"]["headers"]["ETag"] = HeaderReference("ETag");
  }
  if (!IsMutation(method) && (tagged || file)) {
    responses["304"] = {
        {"description", "The version that If-None-Match names is the current one."}};
  }
  for (const KnownError& error : KnownErrors()) {
    if (!MayFail(binding, error.status)) continue;
    responses[error.status] = {{"$ref", absl::StrCat("#/components/responses/", error.name)}};
  }
  return responses;
}

Json ErrorResponses(Schemas& schemas) {
  const Json schema = schemas.Of(*google::rpc::Status::descriptor(), Use::kReply);
  Json responses = Json::object();
  for (const KnownError& error : KnownErrors()) {
    Json response = {{"description", error.description}};
    if (std::string_view(error.status) == "429") {
      response["headers"] = {{"Retry-After", HeaderReference("RetryAfter")}};
    }
    response["content"] = {
        {"application/json", {{"schema", schema}, {"example", ExampleOf(error.example)}}}};
    responses[error.name] = std::move(response);
  }
  return responses;
}

Json ReplyHeaders() {
  const auto text = [](const char* description) {
    return Json{{"description", description}, {"schema", {{"type", "string"}}}};
  };
  return {
      {"ETag", text("The version of what is in the reply, for If-Match and If-None-Match.")},
      {"ContentDisposition", text("A name for the file.")},
      {"Position",
       text("How far the service's store was that the reply is of, for X-Bali-Position of the next "
            "request; there when the service reads on standbys.")},
      {"RetryAfter", text("After how many seconds to ask again.")},
  };
}

}  // namespace baliprocess::gateway
