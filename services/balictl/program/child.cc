#include "services/balictl/program/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace baliprocess::balictl {
namespace {

// A file that is closed with its owner.
class File {
 public:
  explicit File(int number = -1) : number_(number) {}
  ~File() { Close(); }
  File(File&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  int number() const { return number_; }
  void Close() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

struct Pipe {
  File reader;
  File writer;
};

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "no pipe can be made");
  return Pipe{File(ends[0]), File(ends[1])};
}

// What the child does before it becomes the program: calls of the system alone, as other threads of
// this process may have held locks when it was forked. Returns when there is no such program.
void Become(const Child& child, char* const* words, int input) {
  if (child.offline) unshare(CLONE_NEWUSER | CLONE_NEWNET);
  if (input >= 0) dup2(input, STDIN_FILENO);
  if (child.quiet) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
  signal(SIGINT, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  execvp(words[0], words);
}

// The number of the error by which the program couldn't be started; 0: it was.
int StartError(const File& report) {
  int error = 0;
  return read(report.number(), &error, sizeof(error)) == sizeof(error) ? error : 0;
}

// As much as the program reads.
void Feed(const std::string& input, const File& writer) {
  size_t sent = 0;
  while (sent < input.size()) {
    const ssize_t written = write(writer.number(), input.data() + sent, input.size() - sent);
    if (written < 0 && errno != EINTR) return;  // it has read enough
    if (written > 0) sent += static_cast<size_t>(written);
  }
}

// Waits, and ends the program at the limit. Whether it ended by itself.
bool AwaitEnd(pid_t process, absl::Duration limit) {
  if (limit == absl::InfiniteDuration()) return true;
  // By its number: glibc 2.36 declares pidfd_open for C alone.
  const File watched(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  pollfd ended{watched.number(), POLLIN, 0};
  const int64_t millis = absl::ToInt64Milliseconds(limit);
  const int timeout = static_cast<int>(std::min<int64_t>(millis, std::numeric_limits<int>::max()));
  if (watched.number() < 0 || poll(&ended, 1, timeout) == 1) return true;
  kill(process, SIGKILL);
  return false;
}

}  // namespace

std::vector<std::string> WordsOfCommand(const std::string& command) {
  return absl::StrSplit(command, ' ', absl::SkipEmpty());
}

absl::Status RunChild(const Child& child) {
  std::vector<std::string> words = child.words;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  auto report = MakePipe();
  auto input = MakePipe();
  if (!report.ok()) return report.status();
  if (!input.ok()) return input.status();
  // Ctrl-C is for the child; it may read less than it is given.
  const auto interrupt = signal(SIGINT, SIG_IGN);
  const auto broken_pipe = signal(SIGPIPE, SIG_IGN);
  const pid_t process = fork();
  if (process == 0) {
    Become(child, pointers.data(), child.input != nullptr ? input->reader.number() : -1);
    const int error = errno;
    if (write(report->writer.number(), &error, sizeof(error)) < 0) kill(getpid(), SIGABRT);
    kill(getpid(), SIGKILL);
  }
  report->writer.Close();
  input->reader.Close();
  int state = -1;
  int error = process < 0 ? errno : StartError(report->reader);
  bool in_time = true;
  if (process > 0) {
    if (error == 0 && child.input != nullptr) Feed(*child.input, input->writer);
    input->writer.Close();
    in_time = AwaitEnd(process, child.limit);
    while (waitpid(process, &state, 0) < 0 && errno == EINTR) continue;
  }
  signal(SIGINT, interrupt);
  signal(SIGPIPE, broken_pipe);
  if (error == ENOENT) return absl::NotFoundError(absl::StrCat("there is no program ", words[0]));
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat(words[0], " can't be started"));
  if (!in_time) {
    return absl::DeadlineExceededError(
        absl::StrCat(words[0], " took longer than ", absl::FormatDuration(child.limit)));
  }
  if (state == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(words[0], " failed"));
}

}  // namespace baliprocess::balictl
