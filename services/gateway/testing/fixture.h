// What the gateway's tests share: a gateway in the process on a free port, callers it knows, and
// gRPC clients.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_FIXTURE_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/auth/access.h"
#include "common/auth/token.h"
#include "common/base/clock.h"
#include "common/testing/matchers.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testing/backend.h"

namespace baliprocess::gateway {

// Open to everybody; to the secretariat alone; a client stream; server streams, of which the first
// is open to everybody.
inline constexpr char kGetMember[] = "/baliprocess.membership.v1.MembershipService/GetMember";
inline constexpr char kCreateMember[] = "/baliprocess.membership.v1.MembershipService/CreateMember";
inline constexpr char kUploadDocument[] = "/baliprocess.meetings.v1.MeetingsService/UploadDocument";
inline constexpr char kDownloadDocument[] =
    "/baliprocess.meetings.v1.MeetingsService/DownloadDocument";
inline constexpr char kWatchChanges[] = "/baliprocess.membership.v1.MembershipService/WatchChanges";

// Knows `Bearer secretary`, `Bearer observer` and `Bearer brief`, which expires a minute after the
// clock's start. `Bearer rotated` is by a key that is gone.
class FakeVerifier final : public auth::TokenVerifier {
 public:
  explicit FakeVerifier(const Clock& clock) : clock_(clock), start_(clock.Now()) {}
  absl::StatusOr<auth::Caller> Verify(std::string_view authorization) override;
  absl::StatusOr<auth::Caller> VerifyCounting(std::string_view authorization,
                                              bool& signature_checked) override {
    signature_checked = authorization != "Bearer rotated";
    return Verify(authorization);
  }

 private:
  const Clock& clock_;
  const absl::Time start_;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// A call by gRPC's client; streaming or not is how it is used.
class ClientCall {
 public:
  ClientCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
             const Headers& headers = {}, absl::Duration timeout = kSoon);
  ~ClientCall();

  bool Send(const std::string& message);
  void EndSending() { stream_->WritesDone(); }
  // The one message of a request.
  void SendOnly(const std::string& message) {
    Send(message);
    EndSending();
  }
  // The next message; nothing at the end.
  std::optional<std::string> Receive();
  void WaitForHeaders() { stream_->WaitForInitialMetadata(); }
  void Cancel() { context_.TryCancel(); }
  // Reads what is left, and how the call went, details included.
  absl::Status Finish();
  const grpc::Status& raw() const { return raw_; }

  std::string header(const std::string& name);
  std::string trailer(const std::string& name);

 private:
  grpc::ClientContext context_;
  const std::string path_;
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
  grpc::Status raw_;
  bool finished_ = false;
};

// How a unary call went.
struct Outcome {
  absl::Status status;
  std::string reply;
};

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest();
  ~GatewayTest() override;

  // Starts a gateway to this port, as membership, or to the backend that it starts first, as
  // membership and meetings. One event loop and one
  // connection to the service, which isn't asked for its health, unless a test has set options_
  // otherwise.
  void Start();
  void Start(int backend_port);

  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel();

  Outcome Call(const std::string& path, const std::string& message, const Headers& headers = {},
               absl::Duration timeout = kSoon);

  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  FakeVerifier verifier_{clock_};
  Options options_;
  // Where operators are served; nowhere unless a test has set it before Start.
  telemetry::AdminOptions admin_;
  std::unique_ptr<TestBackend> backend_;
  std::optional<auth::AccessPolicy> policy_;
  const telemetry::Inspected process_;
  std::unique_ptr<telemetry::Operators> operators_;
  std::unique_ptr<Gateway> gateway_;
  std::shared_ptr<grpc::Channel> channel_;
};

inline Headers As(const std::string& caller) { return {{"authorization", "Bearer " + caller}}; }

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_FIXTURE_H_
