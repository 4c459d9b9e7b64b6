#include "services/balictl/client/connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/loopback.h"
#include "common/base/position_header.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/pieces.h"
#include "services/balictl/client/connection_errors.h"
#include "services/balictl/client/sign_in.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/interruption.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kAttempts = 6;
constexpr absl::Duration kLongestPause = absl::Seconds(5);
// Of what a server asks for.
constexpr absl::Duration kLongestAsked = absl::Minutes(1);
// How soon a user who interrupts is noticed.
constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr int kMaxReplyBytes = 64 << 20;

grpc::ByteBuffer ToBytes(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status FromBytes(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::Slice slice;
  if (!bytes.DumpToSingleSlice(&slice).ok() ||
      !message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return absl::InternalError("the reply isn't of the type that the contract says");
  }
  return absl::OkStatus();
}

absl::Status ToAbsl(const grpc::Status& status) {
  google::rpc::Status details;
  if (!status.ok() && details.ParseFromString(status.error_details()) && details.code() != 0) {
    return FromRpcStatus(details);
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const Arguments& arguments) {
  if (arguments.Is("plaintext")) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  if (const std::string ca = arguments.Text("ca"); !ca.empty()) {
    ASSIGN_OR_RETURN(options.pem_root_certs, ReadFile(ca));
  }
  const std::string cert = arguments.Text("cert");
  const std::string key = arguments.Text("key");
  if (cert.empty() != key.empty()) return UsageError("--cert and --key belong together");
  if (!cert.empty()) {
    ASSIGN_OR_RETURN(options.pem_cert_chain, ReadFile(cert));
    ASSIGN_OR_RETURN(options.pem_private_key, ReadFile(key));
  }
  return grpc::SslCredentials(options);
}

class GrpcConnection final : public Connection {
 public:
  // `token`: the one to send, "" for none; `sign_in`: the file with the sign-in that it is of, or
  // "".
  GrpcConnection(std::shared_ptr<grpc::Channel> channel, std::string server, std::string token,
                 std::string sign_in, absl::Duration timeout)
      : stub_(std::move(channel)),
        server_(std::move(server)),
        token_(std::move(token)),
        sign_in_(std::move(sign_in)),
        timeout_(timeout) {}

  absl::Status Call(const MethodDescriptor& method, const Message& request,
                    Message& reply) override {
    grpc::ClientContext context;
    RETURN_IF_ERROR(Prepare(context, method));
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
    grpc::CompletionQueue queue;
    const auto call = stub_.PrepareUnaryCall(&context, PathOf(method), ToBytes(request), &queue);
    grpc::ByteBuffer bytes;
    grpc::Status status;
    call->StartCall();
    call->Finish(&bytes, &status, nullptr);
    AwaitUnlessInterrupted(queue, context);
    NotePosition(context, method);
    if (!status.ok()) return Told(status);
    return FromBytes(bytes, reply);
  }

  absl::Status Stream(const MethodDescriptor& method, const Message& request,
                      const std::function<absl::Status(const Message&)>& on_message) override {
    grpc::ClientContext context;
    RETURN_IF_ERROR(Prepare(context, method));
    grpc::CompletionQueue queue;
    const auto call = stub_.PrepareCall(&context, PathOf(method), &queue);
    call->StartCall(nullptr);
    if (Await(queue)) {
      call->WriteLast(ToBytes(request), grpc::WriteOptions(), nullptr);
      Await(queue);
    }
    const auto reply = NewMessage(*method.output_type());
    absl::Status taken;
    grpc::ByteBuffer bytes;
    while (taken.ok()) {
      call->Read(&bytes, nullptr);
      if (!AwaitUnlessInterrupted(queue, context)) break;
      taken = FromBytes(bytes, *reply);
      if (taken.ok()) taken = on_message(*reply);
    }
    if (!taken.ok()) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    Await(queue);
    NotePosition(context, method);
    return taken.ok() ? Told(status) : taken;
  }

  absl::Status Send(const MethodDescriptor& method, const std::function<bool(Message&)>& next,
                    Message& reply) override {
    grpc::ClientContext context;
    RETURN_IF_ERROR(Prepare(context, method));
    grpc::CompletionQueue queue;
    const auto call = stub_.PrepareCall(&context, PathOf(method), &queue);
    call->StartCall(nullptr);
    bool open = Await(queue);
    const auto request = NewMessage(*method.input_type());
    while (open && next(*request)) {
      call->Write(ToBytes(*request), nullptr);
      open = AwaitUnlessInterrupted(queue, context);
    }
    if (open) {
      call->WritesDone(nullptr);
      Await(queue);
    }
    grpc::ByteBuffer bytes;
    call->Read(&bytes, nullptr);
    const bool replied = AwaitUnlessInterrupted(queue, context);
    grpc::Status status;
    call->Finish(&status, nullptr);
    Await(queue);
    NotePosition(context, method);
    if (!status.ok()) return Told(status);
    return replied ? FromBytes(bytes, reply) : absl::InternalError("the server sent no reply");
  }

 private:
  absl::Status Prepare(grpc::ClientContext& context, const MethodDescriptor& method) {
    if (!sign_in_.empty()) {
      ASSIGN_OR_RETURN(token_, TokenOfSignIn(sign_in_));  // a long command outlives a token
    }
    if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
    const auto position = positions_.find(method.service());
    if (position != positions_.end()) context.AddMetadata(kPositionHeader, position->second);
    return absl::OkStatus();
  }

  void NotePosition(const grpc::ClientContext& context, const MethodDescriptor& method) {
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find(kPositionHeader);
    if (found == trailers.end()) return;
    positions_[method.service()] = std::string(found->second.data(), found->second.size());
  }

  absl::Status Told(const grpc::Status& status) const {
    const bool cancelled = status.error_code() == grpc::StatusCode::CANCELLED;
    if (cancelled && interrupted && interrupted()) return InterruptedError();
    return Explained(ToAbsl(status), server_, timeout_);
  }

  // Waits for the one operation under way. Whether it succeeded.
  static bool Await(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }

  // The same, but breaks the call off when the user wants to end it.
  bool AwaitUnlessInterrupted(grpc::CompletionQueue& queue, grpc::ClientContext& context) const {
    if (!interrupted) return Await(queue);
    void* tag = nullptr;
    bool ok = false;
    while (true) {
      if (interrupted()) context.TryCancel();
      const auto next = queue.AsyncNext(&tag, &ok, absl::ToChronoTime(absl::Now() + kLook));
      if (next != grpc::CompletionQueue::TIMEOUT) {
        return next == grpc::CompletionQueue::GOT_EVENT && ok;
      }
    }
  }

  grpc::GenericStub stub_;
  const std::string server_;
  std::string token_;
  const std::string sign_in_;
  const absl::Duration timeout_;
  // What was seen of each service (base/position_header.h).
  std::map<const google::protobuf::ServiceDescriptor*, std::string> positions_;
};

}  // namespace

namespace {

// The file that the token is read from; "": from none.
std::string TokenFile(const Arguments& arguments) {
  // What is on the command line goes before the environment.
  const bool file_first = arguments.given.contains("token_file");
  return arguments.Text("token").empty() || file_first ? arguments.Text("token_file") : "";
}

struct Token {
  std::string text;     // "": none
  std::string sign_in;  // the file with the sign-in that it is of; "": it is of none
};

absl::StatusOr<Token> ReadToken(const Arguments& arguments) {
  const std::string file = TokenFile(arguments);
  if (file.empty()) return Token{arguments.Text("token"), ""};
  ASSIGN_OR_RETURN(const std::string contents, ReadFile(file));
  if (IsSignIn(contents)) {
    ASSIGN_OR_RETURN(std::string text, TokenOfSignIn(file));
    return Token{std::move(text), file};
  }
  std::string read(absl::StripAsciiWhitespace(contents));
  if (read.empty()) {
    return UsageError(
        absl::StrCat("the token file ", file, " is empty; to be the public, leave it out"));
  }
  return Token{std::move(read), ""};
}

}  // namespace

absl::StatusOr<std::string> TokenOf(const Arguments& arguments) {
  ASSIGN_OR_RETURN(Token token, ReadToken(arguments));
  return std::move(token.text);
}

std::vector<Flag> ConnectionFlags() {
  return {
      {"server", "HOST:PORT", "127.0.0.1:8443", "The gateway, or a service.", "BALI_SERVER"},
      {"ca", "FILE", "",
       "The authorities that the server's certificate must come from, in PEM.\n"
       "Without it, those of the system.",
       "BALI_CA"},
      {"token", "TOKEN", "",
       "The token itself. It is seen in the list of processes: better give "
       "--token_file\nor the variable.",
       "BALI_TOKEN"},
      {"token_file", "FILE", "",
       "A file with the token, or with what `balictl login` keeps. Without a token,\n"
       "the caller is the public.",
       "BALI_TOKEN_FILE"},
      {"cert", "FILE", "", "The client's certificate in PEM, for servers that ask for one.",
       "BALI_CERT"},
      {"key", "FILE", "", "The private key of --cert in PEM.", "BALI_KEY"},
      {"plaintext", "", "", "Connect without TLS. A token is then sent to this machine only.",
       "BALI_PLAINTEXT"},
      {"timeout", "DURATION", "30s", "How long a call may take. Streams may take forever.",
       "BALI_TIMEOUT"},
      {"profile", "NAME", "",
       "What says the above where neither flags nor the environment do; '' for none. Without it, "
       "the profile that `balictl use` has chosen.",
       "BALI_PROFILE"},
  };
}

bool IsPassing(const absl::Status& status) {
  const ErrorReason reason = ReasonOf(status);
  return absl::IsUnavailable(status) || reason == api::v1::Error::OVERLOADED ||
         reason == api::v1::Error::RATE_LIMITED ||
         (absl::IsAborted(status) && reason != api::v1::Error::ETAG_MISMATCH);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const std::string server, ServerAddress(arguments.Text("server")));
  ASSIGN_OR_RETURN(const absl::Duration timeout, arguments.Duration("timeout"));
  ASSIGN_OR_RETURN(Token token, ReadToken(arguments));
  const bool printable = std::all_of(token.text.begin(), token.text.end(),
                                     [](unsigned char c) { return absl::ascii_isgraph(c); });
  if (!printable) return UsageError("the token has white space or control characters in it");
  if (arguments.Is("plaintext") && !token.text.empty() && !IsLoopback(server)) {
    return UsageError("a token isn't sent in plaintext to another machine: leave out --plaintext");
  }
  ASSIGN_OR_RETURN(const auto credentials, Credentials(arguments));
  grpc::ChannelArguments options;
  options.SetMaxReceiveMessageSize(kMaxReplyBytes);
  options.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);  // notices a dead peer of a quiet watch
  options.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  return std::make_unique<GrpcConnection>(grpc::CreateCustomChannel(server, credentials, options),
                                          server, std::move(token.text), std::move(token.sign_in),
                                          timeout);
}

absl::Status Connection::CallPersistently(const MethodDescriptor& method, const Message& request,
                                          Message& reply) {
  return Persistently([&] { return Call(method, request, reply); });
}

absl::Status Connection::CallForPieces(const MethodDescriptor& method, const Message& request,
                                       Message& reply) {
  return Stream(method, request, [&](const Message& piece) {
    resource::AppendPiece(piece, reply);
    return absl::OkStatus();
  });
}

absl::Status Connection::Persistently(const std::function<absl::Status()>& attempt) {
  absl::Duration pause = first_pause;
  for (int number = 1;; ++number) {
    absl::Status status = attempt();
    if (!IsPassing(status) || number == kAttempts) return status;
    const absl::Duration asked = std::min(RetryDelayOf(status), kLongestAsked);
    Pause(std::max(pause, asked), interrupted);
    if (interrupted && interrupted()) return InterruptedError();
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace baliprocess::balictl
