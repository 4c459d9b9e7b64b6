// A channel to the suite, from the same settings as balictl's, and what a failed call tells. With
// the generated stubs this is all that a program needs:
//
//   auto channel = baliprocess::client::OpenChannel({.server = "127.0.0.1:8443", .ca = "ca.crt"});
//   auto stub = baliprocess::membership::v1::MembershipService::NewStub(*channel);

#ifndef BALIPROCESS_CLIENT_CHANNEL_H_
#define BALIPROCESS_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::client {

struct Settings {
  std::string server;  // the gateway, as host:port
  // A file with the authorities that the server's certificate must come from, in PEM. Empty: those
  // of the system.
  std::string ca;
  // The token, or a file with it, which is read for each call. Both empty: the caller is the
  // public.
  std::string token;
  std::string token_file;
  // Files with the client's certificate and key in PEM, for servers that ask for one.
  std::string cert;
  std::string key;
  // Without TLS. A token is then sent to this machine only.
  bool plaintext = false;
};

// A channel that sends the token with each call. Nothing is sent yet. INVALID_ARGUMENT: the
// settings contradict each other; NOT_FOUND: a file can't be read.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Settings& settings);

// Why a call was refused.
struct Failure {
  // A field of the request that breaks a rule: `seat.term.start_date`, and what is wrong with it.
  struct Violation {
    std::string field;
    std::string description;
  };

  std::string reason;  // one of baliprocess/api/v1/errors.proto; empty where no server answered
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<Violation> violations;
};

// Takes the status of a call apart.
Failure FailureOf(const grpc::Status& status);

}  // namespace baliprocess::client

#endif  // BALIPROCESS_CLIENT_CHANNEL_H_
