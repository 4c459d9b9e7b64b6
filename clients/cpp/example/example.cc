// Lists who chairs which body, and shows how a mistake is told.
//
// Where the suite is, is told as to balictl: BALI_SERVER, BALI_CA, BALI_TOKEN_FILE.

#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "baliprocess/client/channel.h"
#include "baliprocess/client/pages.h"
#include "baliprocess/membership/v1/membership_service.grpc.pb.h"

namespace {

using baliprocess::client::FailureOf;
using baliprocess::client::Pages;
using baliprocess::membership::v1::CreateSeatRequest;
using baliprocess::membership::v1::ListSeatsRequest;
using baliprocess::membership::v1::MembershipService;
using baliprocess::membership::v1::Seat;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void Within30s(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
}

// Page by page.
grpc::Status ShowChairs(MembershipService::Stub& stub) {
  ListSeatsRequest request;
  request.set_parent("bodies/-");
  request.set_filter("role = CHAIR");
  request.set_page_size(3);
  Pages seats(&stub, &MembershipService::Stub::ListSeats, request);
  while (seats.Next()) {
    for (const Seat& seat : seats.page().seats()) {
      std::cout << seat.name() << ' ' << seat.member() << '\n';
    }
  }
  return seats.status();
}

void MakeAMistake(MembershipService::Stub& stub) {
  CreateSeatRequest request;
  request.set_parent("bodies/wg-tip");
  request.mutable_seat()->set_member("members/fji");
  grpc::ClientContext context;
  Within30s(context);
  Seat seat;
  const auto failure = FailureOf(stub.CreateSeat(&context, request, &seat));
  std::cout << failure.reason << '\n';
  for (const auto& [field, description] : failure.violations) {
    std::cout << field << ' ' << description << '\n';
  }
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
  if (const grpc::Status status = ShowChairs(*stub); !status.ok()) {
    std::cerr << FailureOf(status).reason << ": " << status.error_message() << '\n';
    return 1;
  }
  MakeAMistake(*stub);
  return 0;
}
