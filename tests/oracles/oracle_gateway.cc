// The gateway in front of services of others: its program as it is, but for what their methods
// don't declare. Anyone may call them, and a method of one request that has no HTTP rule gets the
// path `/json/package.Service/Method`.

#include <google/protobuf/descriptor.pb.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/api/annotations.pb.h"

#include "baliprocess/api/v1/access.pb.h"
#include "common/auth/access.h"
#include "common/auth/token.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/telemetry/drain_flags.h"
#include "common/telemetry/process.h"
#include "services/gateway/gateway.h"
#include "services/gateway/settings/flags.h"
#include "services/gateway/settings/rates.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;

// The service, declared once more in `pool`, open to everybody. Its messages are those that are
// compiled in.
absl::StatusOr<const ServiceDescriptor*> Open(const std::string& name, DescriptorPool& pool) {
  const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
  if (service == nullptr)
    return absl::NotFoundError(absl::StrCat("there is no contract of ", name));
  google::protobuf::FileDescriptorProto file;
  file.set_name(absl::StrCat(name, " open to everybody"));
  file.set_syntax("proto3");
  file.set_package(service->file()->package());
  file.add_dependency(service->file()->name());
  for (int i = 0; i < service->file()->dependency_count(); ++i) {
    file.add_dependency(service->file()->dependency(i)->name());
  }
  service->CopyTo(file.add_service());
  for (auto& method : *file.mutable_service(0)->mutable_method()) {
    auto& options = *method.mutable_options();
    options.MutableExtension(api::v1::access)->add_roles(api::v1::Access::PUBLIC);
    if (method.client_streaming() || options.HasExtension(google::api::http)) continue;
    google::api::HttpRule& rule = *options.MutableExtension(google::api::http);
    rule.set_post(absl::StrCat("/json/", name, "/", method.name()));
    rule.set_body("*");
  }
  const auto* built = pool.BuildFile(file);
  if (built == nullptr) return absl::InternalError(absl::StrCat("can't open ", name));
  return built->service(0);
}

// Nobody has a token.
class NoTokens final : public auth::TokenVerifier {
 public:
  absl::StatusOr<auth::Caller> Verify(std::string_view) override {
    return Error(api::v1::Error::TOKEN_INVALID, "nobody has a token here");
  }
};

absl::Status Serve(const telemetry::Process& process) {
  ASSIGN_OR_RETURN(Options options, OptionsFromFlags());
  options.limits.rates = NoRates();  // tests are faster than people
  const std::string listen = options.listen;
  DescriptorPool pool(DescriptorPool::generated_pool());
  std::vector<const ServiceDescriptor*> services;
  for (const ServiceAddresses& service : options.services) {
    ASSIGN_OR_RETURN(services.emplace_back(), Open(service.service, pool));
  }
  ASSIGN_OR_RETURN(const auto policy, auth::AccessPolicy::ForDescriptors(services));
  NoTokens verifier;
  ASSIGN_OR_RETURN(const auto gateway, Gateway::Start(std::move(options), policy, verifier));
  RETURN_IF_ERROR(process.Serving(listen, gateway->port()));
  process.WaitForEnd();
  gateway->Drain(telemetry::DrainDeadlineFromFlags());
  return absl::OkStatus();
}

}  // namespace
}  // namespace baliprocess::gateway

int main(int argc, char** argv) {
  const baliprocess::telemetry::Process process(
      {.usage = "oracle_gateway --upstream package.Service=address,... [flags]\n\n"
                "The gateway, for services of others that are open to everybody.",
       .secret_flags = {},
       .positional_arguments = false},
      argc, argv);
  const absl::Status status = baliprocess::gateway::Serve(process);
  return status.ok() ? 0 : process.Fail(status);
}
