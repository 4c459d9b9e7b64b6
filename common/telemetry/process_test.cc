#include "common/telemetry/process.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/telemetry/service_manager.h"
#include "common/telemetry/start_state.h"
#include "common/testing/matchers.h"

namespace baliprocess::telemetry {
namespace {

using ::testing::MatchesRegex;

// A service manager's end of NOTIFY_SOCKET, which names it while it lives.
class ServiceManager {
 public:
  // `name` as the variable has it; with `@` first, the name is abstract.
  explicit ServiceManager(const std::string& name)
      : name_(name), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~ServiceManager() {
    unsetenv("NOTIFY_SOCKET");
    close(fd_);
    if (name_[0] == '/') unlink(name_.c_str());
  }
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // The next that has been told; "" when there is none.
  std::string Next() {
    char text[512];
    const ssize_t size = recv(fd_, text, sizeof(text), 0);
    return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
  }

 private:
  const std::string name_;
  const int fd_;
};

const ProgramInfo kProgram{
    .usage = "process_test", .secret_flags = {}, .positional_arguments = false};

std::string OwnPath() { return absl::StrCat(::testing::TempDir(), "bali-notify-", getpid()); }

TEST(TellServiceManagerTest, SaysNothingToNobody) {
  unsetenv("NOTIFY_SOCKET");
  EXPECT_OK(TellServiceManager("READY=1"));
}

TEST(TellServiceManagerTest, FindsPathsAndAbstractNames) {
  for (const std::string& name : {OwnPath(), absl::StrCat("@bali-notify-", getpid())}) {
    ServiceManager manager(name);
    EXPECT_OK(TellServiceManager("READY=1"));
    EXPECT_EQ(manager.Next(), "READY=1") << name;
  }
}

TEST(TellServiceManagerTest, TellsOfANameThatIsNone) {
  for (const std::string& name : {std::string("vsock:2:1"), "/" + std::string(107, 'n')}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_EQ(TellServiceManager("READY=1").code(), absl::StatusCode::kInvalidArgument) << name;
  }
  setenv("NOTIFY_SOCKET", ("/" + std::string(106, 'n')).c_str(), 1);
  EXPECT_EQ(TellServiceManager("READY=1").code(), absl::StatusCode::kUnavailable);
  unsetenv("NOTIFY_SOCKET");
}

TEST(ProcessTest, TellsTheServiceManagerHowItIs) {
  ServiceManager manager(OwnPath());
  std::string program = "process_test";
  char* arguments[] = {program.data(), nullptr};
  const Process process(kProgram, 1, arguments);
  EXPECT_EQ(manager.Next(), "");

  ASSERT_OK(process.Serving("127.0.0.1:0", 1));
  EXPECT_EQ(manager.Next(), "READY=1\nSTATUS=serving");

  std::string while_reloading;
  raise(SIGHUP);
  process.WaitForEnd([&] {
    while_reloading = manager.Next();
    EXPECT_EQ(manager.Next(), "");
    raise(SIGTERM);
  });
  EXPECT_THAT(while_reloading, MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*"));
  EXPECT_EQ(manager.Next(), "READY=1\nSTATUS=serving");
  EXPECT_THAT(manager.Next(), MatchesRegex("STOPPING=1\nSTATUS=ends: .+"));
  EXPECT_EQ(manager.Next(), "");
}

TEST(ProcessTest, TellsTheServiceManagerWhatItsStartWaitsFor) {
  ServiceManager manager(OwnPath());
  std::string program = "process_test";
  char* arguments[] = {program.data(), nullptr};
  const Process process(kProgram, 1, arguments);
  StartState start;
  int attempts = 0;
  EXPECT_OK(start.Await(
      "the store",
      [&] { return ++attempts < 3 ? absl::UnavailableError("not\nyet") : absl::OkStatus(); },
      [](const absl::Status&) { return true; }));
  EXPECT_EQ(manager.Next(), "STATUS=waits for the store: not yet");
  EXPECT_EQ(manager.Next(), "STATUS=starts");
  process.Fail(absl::NotFoundError(std::string(1000, 'x')));
  EXPECT_EQ(manager.Next(), "STATUS=can't go on: " + std::string(500 - 13, 'x'));
}

// Who can't be told is no reason to end.
TEST(ProcessTest, ServesWhereNobodyListens) {
  setenv("NOTIFY_SOCKET", OwnPath().c_str(), 1);
  std::string program = "process_test";
  char* arguments[] = {program.data(), nullptr};
  const Process process(kProgram, 1, arguments);
  EXPECT_OK(process.Serving("127.0.0.1:0", 1));
  unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace baliprocess::telemetry
