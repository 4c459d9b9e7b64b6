// Calls to the server, of any method of the contracts.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_CONNECTION_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_CONNECTION_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

// The flags of every command that connects.
std::vector<Flag> ConnectionFlags();

// The token of --token or --token_file; "": there is none. An empty file is a usage error. A file
// with a sign-in (sign_in.h) is one with a token, which is replaced before it ends.
absl::StatusOr<std::string> TokenOf(const Arguments& arguments);

class Connection {
 public:
  // As the flags say. Nothing is sent yet. A token is refused in plaintext beyond this machine.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Arguments& arguments);
  virtual ~Connection() = default;

  // A unary call, within --timeout; an InterruptedError when `interrupted`.
  virtual absl::Status Call(const google::protobuf::MethodDescriptor& method,
                            const google::protobuf::Message& request,
                            google::protobuf::Message& reply) = 0;

  // Does it, and again when the failure is passing (UNAVAILABLE, too many calls, ABORTED other than
  // by an etag), with growing pauses, at least as long as the server asks for. It must be safe to
  // repeat.
  absl::Status Persistently(const std::function<absl::Status()>& attempt);

  // Call, persistently.
  absl::Status CallPersistently(const google::protobuf::MethodDescriptor& method,
                                const google::protobuf::Message& request,
                                google::protobuf::Message& reply);

  // A call with a stream of replies, without a deadline. Ends when the stream does, when
  // `on_message` returns something else than OK: with that, or when `interrupted`.
  virtual absl::Status Stream(
      const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
      const std::function<absl::Status(const google::protobuf::Message&)>& on_message) = 0;

  // A call whose stream of replies is one reply in pieces (common/resource/contract/pieces.h):
  // joins them.
  absl::Status CallForPieces(const google::protobuf::MethodDescriptor& method,
                             const google::protobuf::Message& request,
                             google::protobuf::Message& reply);

  // A call with a stream of requests, without a deadline. `next` sets the next one; false: there is
  // none. A server that has heard enough ends the call before that.
  virtual absl::Status Send(const google::protobuf::MethodDescriptor& method,
                            const std::function<bool(google::protobuf::Message&)>& next,
                            google::protobuf::Message& reply) = 0;

  // The pause before the first repetition; each further one is twice as long, up to 5 s.
  absl::Duration first_pause = absl::Milliseconds(200);

  // Whether the user wants to end a call; asked a few times a second. Null: nobody can.
  std::function<bool()> interrupted = nullptr;
};

// Whether repeating the call may help.
bool IsPassing(const absl::Status& status);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_CONNECTION_H_
