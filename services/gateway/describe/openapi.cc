#include "services/gateway/describe/openapi.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

#include "baliprocess/api/v1/errors.pb.h"
#include "common/auth/access.h"
#include "common/base/status_macros.h"
#include "services/gateway/describe/operations.h"
#include "services/gateway/describe/parameters.h"
#include "services/gateway/describe/paths.h"
#include "services/gateway/describe/responses.h"
#include "services/gateway/transcoding/bindings.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;

constexpr char kAbout[] =
    "The record of the Bali Process: members and bodies, meetings and decisions, capacity "
    "building.\n\n"
    "The methods are those of the gRPC services, by the rules that their contracts have for HTTP. "
    "Bodies are JSON in UTF-8, as they are or in gzip. Unknown members and unknown query "
    "parameters are errors. Descriptions call fields as the contract does (`page_size`); in JSON "
    "they are `pageSize`, and either is read. 64-bit numbers are strings. Every GET can be a "
    "HEAD.\n\n"
    "Every error is a `google.rpc.Status` as JSON. Its details have a `google.rpc.ErrorInfo` with "
    "a reason that programs may branch on.\n\n"
    "A caller shows who it is by a token, `Authorization: Bearer ...`. Without one it reads what "
    "is public.";

std::vector<const ServiceDescriptor*> Services() {
  std::vector<std::string> names = auth::AccessPolicy::AllServices();
  std::sort(names.begin(), names.end());
  std::vector<const ServiceDescriptor*> services;
  for (const std::string& name : names) {
    services.push_back(DescriptorPool::generated_pool()->FindServiceByName(name));
  }
  return services;
}

absl::StatusOr<Bindings> BindingsOf(const std::vector<const ServiceDescriptor*>& services) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return Bindings::Create(methods);
}

Json Tags(const std::vector<const ServiceDescriptor*>& services, const Comments& comments) {
  Json tags = Json::array();
  for (const ServiceDescriptor* service : services) {
    tags.push_back({{"name", service->name()}, {"description", comments.Of(*service)}});
  }
  return tags;
}

Json AsObject(const std::map<std::string, Json>& named) {
  Json object = Json::object();
  for (const auto& [name, json] : named) object[name] = json;
  return object;
}

// The details of errors are of any type by their contract; these are the ones that are sent. In
// that of ErrorInfo, reasons are any text; ours are an enum.
Json ComponentsOf(Schemas& schemas) {
  Json details = Json::array();
  for (const auto* type :
       {google::rpc::ErrorInfo::descriptor(), google::rpc::BadRequest::descriptor(),
        google::rpc::RetryInfo::descriptor(), google::rpc::ResourceInfo::descriptor(),
        google::protobuf::Any::descriptor()}) {
    details.push_back(schemas.Of(*type, Use::kReply));
  }
  const Json reason = schemas.Of(*api::v1::Error::Reason_descriptor());
  Json components = AsObject(schemas.all());
  components["google.rpc.Status"]["properties"]["details"]["items"] = {{"anyOf", details}};
  components["google.rpc.ErrorInfo"]["properties"]["reason"] = reason;
  return components;
}

}  // namespace

absl::StatusOr<Json> MakeOpenApi(const Comments& comments) {
  const auto services = Services();
  ASSIGN_OR_RETURN(const Bindings bindings, BindingsOf(services));
  Schemas schemas(comments);
  Operations operations(comments, schemas);
  std::map<const google::protobuf::MethodDescriptor*, int> numbers;
  Json paths = Json::object();
  for (const auto& binding : bindings.all()) {
    ASSIGN_OR_RETURN(const OpenApiPath path, OpenApiPathOf(*binding));
    paths[path.path][absl::AsciiStrToLower(binding->http_method)] =
        operations.Of(*binding, path, ++numbers[binding->method]);
  }
  Json responses = ErrorResponses(schemas);
  return Json{
      {"openapi", "3.1.0"},
      {"info", {{"title", "Bali Process"}, {"version", "v1"}, {"description", kAbout}}},
      {"servers", Json::array({{{"url", "/"}}})},
      {"tags", Tags(services, comments)},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", ComponentsOf(schemas)},
        {"examples", AsObject(operations.examples())},
        {"parameters", HeaderParameters()},
        {"headers", ReplyHeaders()},
        {"responses", std::move(responses)},
        {"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}};
}

}  // namespace baliprocess::gateway
