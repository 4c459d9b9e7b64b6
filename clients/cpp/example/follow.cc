// Prints the outside forums that change, as long as it runs.
//
// Where the suite is, is told as to balictl: BALI_SERVER, BALI_CA, BALI_TOKEN_FILE.

#include <grpcpp/client_context.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "baliprocess/client/channel.h"
#include "baliprocess/client/watch.h"
#include "baliprocess/membership/v1/membership_service.grpc.pb.h"

namespace {

using baliprocess::client::FailureOf;
using baliprocess::client::Watch;
using baliprocess::common::v1::Change;
using baliprocess::common::v1::WatchChangesRequest;
using baliprocess::membership::v1::MembershipService;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main() {
  const auto channel = baliprocess::client::OpenChannel({.server = Variable("BALI_SERVER"),
                                                         .ca = Variable("BALI_CA"),
                                                         .token = "",
                                                         .token_file = Variable("BALI_TOKEN_FILE"),
                                                         .cert = "",
                                                         .key = ""});
  if (!channel.ok()) {
    std::cerr << channel.status() << '\n';
    return 1;
  }
  const auto stub = MembershipService::NewStub(*channel);
  WatchChangesRequest request;
  request.add_types("baliprocess.net/ExternalForum");
  Watch watch(
      [&stub](grpc::ClientContext* context, const WatchChangesRequest& wanted) {
        return stub->WatchChanges(context, wanted);
      },
      request);
  if (watch.Stand()) std::cout << "stands" << std::endl;
  while (const Change* change = watch.Next()) std::cout << change->resource() << std::endl;
  std::cerr << FailureOf(watch.status()).reason << ": " << watch.status().error_message() << '\n';
  return 1;
}
