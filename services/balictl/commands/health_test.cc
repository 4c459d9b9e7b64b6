#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"

#include "services/balictl/testing/testing.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A port for operators that gives one connection this answer, and keeps what it was asked.
class AdminPort {
 public:
  explicit AdminPort(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, plain, size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, plain, &size), 0);
    address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
    thread_ = std::thread([this, answer = std::move(answer)] { Serve(answer); });
  }
  ~AdminPort() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  const std::string& address() const { return address_; }
  const std::string& asked() const { return asked_; }

 private:
  void Serve(const std::string& answer) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    char byte = 0;
    while (!asked_.ends_with("\r\n\r\n") && read(connection, &byte, 1) == 1) asked_ += byte;
    // An answer of none is waited for until the client leaves.
    if (answer.empty()) {
      EXPECT_EQ(read(connection, &byte, 1), 0);
    } else {
      EXPECT_EQ(write(connection, answer.data(), answer.size()),
                static_cast<ssize_t>(answer.size()));
    }
    close(connection);
  }

  const int listener_;
  std::string address_;
  std::string asked_;
  std::thread thread_;
};

Ran AskPage(const std::string& answer, std::vector<std::string> flags = {},
            std::string* asked = nullptr) {
  Ran ran;
  AdminPort port(answer);
  flags.insert(flags.begin(), {"health", "--admin", port.address()});
  ran = RunProgram(flags);
  if (asked != nullptr) *asked = port.asked();
  return ran;
}

TEST(HealthTest, AReadyProcessIsReady) {
  std::string asked;
  const Ran ran = AskPage("HTTP/1.1 200 OK\r\n\r\n{\"ready\": true}", {}, &asked);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "ready\n");
  EXPECT_THAT(asked, AllOf(HasSubstr("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:"),
                           HasSubstr("\r\nConnection: close\r\n\r\n")));
}

TEST(HealthTest, WhatIsNotReadyIsNamed) {
  const Ran ran = AskPage(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\r\n"
      R"({"ready": false, "draining": true,
          "needs": {"keys": "ready", "store": "waits: connection refused"}})");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr("not ready: it is draining; store: waits: connection refused\n"));
}

TEST(HealthTest, AnyOtherAnswerIsToldByItsNumber) {
  EXPECT_THAT(AskPage("HTTP/1.1 404 Not Found\r\n\r\n").err, HasSubstr("/readyz answers 404"));
  EXPECT_THAT(AskPage("HTTP/1.1 503 x\r\n\r\nnonsense").err, HasSubstr("/readyz answers 503"));
  EXPECT_THAT(AskPage("HTTP/1.1 503 x\r\n\r\n[1]").err, HasSubstr("/readyz answers 503"));
  EXPECT_EQ(AskPage("HTTP/1.1 503 x\r\n\r\n{\"needs\": {\"store\": 1}, \"draining\": 7}").code, 1);
}

TEST(HealthTest, AProcessThatLivesNeedNotBeReady) {
  std::string asked;
  const Ran ran = AskPage("HTTP/1.1 200 OK\r\n\r\nok\n", {"--live"}, &asked);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(asked, HasSubstr("GET /livez "));
}

TEST(HealthTest, OthersNeedNotBeReadyForAProcessOwnReadiness) {
  std::string asked;
  const Ran ran = AskPage("HTTP/1.1 200 OK\r\n\r\n{\"ready\": true}", {"--own"}, &asked);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "ready\n");
  EXPECT_THAT(asked, HasSubstr("GET /readyz/own "));
  EXPECT_THAT(AskPage("HTTP/1.1 404 Not Found\r\n\r\n", {"--own"}).err,
              HasSubstr("/readyz/own answers 404"));
}

TEST(HealthTest, WhatIsNotHttpIsAnError) {
  EXPECT_THAT(AskPage("SSH-2.0-OpenSSH\r\n\r\n").err, HasSubstr("isn't HTTP/1"));
  EXPECT_THAT(AskPage("HTTP/1.1 2").err, HasSubstr("isn't HTTP/1"));
  EXPECT_THAT(AskPage("HTTP/1.\r\n\r\n").err, HasSubstr("isn't HTTP/1"));
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  EXPECT_EQ(AskPage(head + std::string((64 << 10) - head.size(), 'x')).code, 0);
  EXPECT_THAT(AskPage(head + std::string((64 << 10) - head.size() + 1, 'x')).err,
              HasSubstr("larger than 64 KiB"));
}

TEST(HealthTest, WhoeverDoesNotAnswerIsUnreachable) {
  const Ran hangs = AskPage("", {"--timeout", "100ms"});
  EXPECT_EQ(hangs.code, 3);
  EXPECT_THAT(hangs.err, HasSubstr("no answer in time"));
  std::string gone;
  {
    const AdminPort port("");
    gone = port.address();
  }
  const Ran refused = RunProgram({"health", "--admin", gone});
  EXPECT_EQ(refused.code, 3);
  EXPECT_THAT(refused.err, HasSubstr("refused"));
}

TEST(HealthTest, TheAddressHasAPort) {
  for (const char* address : {"127.0.0.1", ":9440", "127.0.0.1:"}) {
    EXPECT_EQ(RunProgram({"health", "--admin", address}).code, 2) << address;
  }
  EXPECT_EQ(RunProgram({"health", "--live"}).code, 2);
  EXPECT_EQ(RunProgram({"health", "--own"}).code, 2);
  EXPECT_EQ(RunProgram({"health", "--admin", "127.0.0.1:9440", "--live", "--own"}).code, 2);
}

class GrpcHealthTest : public ::testing::Test {
 protected:
  GrpcHealthTest() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(&others_);
    server_ = builder.BuildAndStart();
  }
  Ran Ask(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(),
                 {"health", "--plaintext", "--server", absl::StrCat("127.0.0.1:", port_)});
    return RunProgram(flags);
  }

  int port_ = 0;
  grpc::CallbackGenericService others_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(GrpcHealthTest, AServerOrOneOfItsServicesIsAsked) {
  server_->GetHealthCheckService()->SetServingStatus("meetings", false);
  const Ran all = Ask();
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_EQ(all.out, "SERVING\n");
  const Ran one = Ask({"--service", "meetings"});
  EXPECT_EQ(one.code, 1);
  EXPECT_THAT(one.err, HasSubstr("the server says NOT_SERVING"));
  EXPECT_EQ(Ask({"--service", "unknown"}).code, 1);
  server_->Shutdown();
  EXPECT_EQ(Ask().code, 3);
}

}  // namespace
}  // namespace baliprocess::balictl
