#include "common/testing/postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::testing {
namespace {

constexpr char kUser[] = "postgres";
constexpr std::chrono::seconds kStartTimeout(60);

absl::Status Failed(std::string_view what) {
  return absl::InternalError(absl::StrCat(std::string(what), ": ", std::strerror(errno)));
}

// The directory of initdb and postgres: Debian's, the newest version, else the PATH's.
std::string ProgramPath(const std::string& program) {
  std::string newest;
  int newest_version = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    const int version = std::atoi(entry.path().filename().c_str());
    const std::string path = entry.path() / "bin" / program;
    if (version > newest_version && std::filesystem::exists(path, error)) {
      newest_version = version;
      newest = path;
    }
  }
  return newest.empty() ? program : newest;
}

// Where the directory of a server is made: in memory where there is room and no disk is asked for.
// Tests make and drop hundreds of databases of hundreds of files each. The path is short, because
// that of a socket may have 107 characters.
std::string Parent(const ThrowawayPostgres::Options& options) {
  constexpr char kMemory[] = "/dev/shm";
  constexpr std::uintmax_t kRoom = std::uintmax_t{4} << 30;
  std::error_code error;
  const auto space = std::filesystem::space(kMemory, error);
  const bool roomy = !error && space.available >= kRoom && access(kMemory, W_OK | X_OK) == 0;
  return roomy && !options.fsync ? kMemory : "/tmp";
}

// Whom the server runs as: it refuses to run as root.
std::optional<passwd> ServerUser() {
  if (geteuid() != 0) return std::nullopt;
  const passwd* const user = getpwnam(kUser);
  return user == nullptr ? std::nullopt : std::optional(*user);
}

struct Child {
  std::vector<std::string> command;
  std::string log;        // receives its output
  int input = -1;         // its standard input, else nothing
  bool as_server = true;  // runs as the server's user and dies with this thread
};

// Starts a program. Between fork and exec only system calls are made: other threads may hold locks.
absl::StatusOr<pid_t> Spawn(const Child& child) {
  std::vector<char*> argv;
  for (const std::string& argument : child.command) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const auto user = child.as_server ? ServerUser() : std::nullopt;
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Failed("fork");
  if (pid > 0) return pid;

  const int input = child.input >= 0 ? child.input : open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(input, STDIN_FILENO);
  const int output = open(child.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  // A process group of its own: an interrupted test cleans up in order.
  setpgid(0, 0);
  if (user.has_value() &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  if (child.as_server) {
    // After the change of user, which clears it.
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent) _exit(126);
  }
  execvp(argv[0], argv.data());
  _exit(127);
}

// The exit status, or -1.
int Await(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ThrowawayPostgres>> ThrowawayPostgres::Create(
    const Options& options) {
  std::string directory = Parent(options) + "/bali-pg-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return Failed("mkdtemp");
  std::unique_ptr<ThrowawayPostgres> postgres(new ThrowawayPostgres(directory, options));
  RETURN_IF_ERROR(postgres->StartCleaner());
  RETURN_IF_ERROR(postgres->Initialise());
  RETURN_IF_ERROR(postgres->Start());
  return postgres;
}

ThrowawayPostgres& ThrowawayPostgres::Shared() {
  static const std::unique_ptr<ThrowawayPostgres> shared = [] {
    auto created = Create();
    if (!created.ok()) {
      std::fprintf(stderr, "PostgreSQL: %s\n", created.status().ToString().c_str());
      std::abort();
    }
    return *std::move(created);
  }();
  return *shared;
}

ThrowawayPostgres::~ThrowawayPostgres() {
  (void)Kill();
  if (cleaner_pipe_ >= 0) close(cleaner_pipe_);
  if (cleaner_ > 0) Await(cleaner_);
}

absl::Status ThrowawayPostgres::StartCleaner() {
  // It waits for the end of its input, which the kernel brings about however this process ends. A
  // server that is ending too may still write for a moment.
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Failed("pipe");
  cleaner_pipe_ = ends[1];
  constexpr char kScript[] = "cat; for i in 1 2 3; do rm -rf \"$0\" && exit; sleep 1; done";
  auto cleaner = Spawn({.command = {"/bin/sh", "-c", kScript, directory_},
                        .log = "/dev/null",
                        .input = ends[0],
                        .as_server = false});
  close(ends[0]);
  ASSIGN_OR_RETURN(cleaner_, std::move(cleaner));
  return absl::OkStatus();
}

absl::Status ThrowawayPostgres::Initialise() {
  if (geteuid() == 0) {
    const auto user = ServerUser();
    if (!user.has_value()) return absl::NotFoundError("there is no user postgres");
    if (chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) return Failed("chown");
  }
  ASSIGN_OR_RETURN(const pid_t initdb,
                   Spawn({.command = {ProgramPath("initdb"), "--pgdata", directory_ + "/data",
                                      "--username", kUser, "--auth", "trust", "--encoding", "UTF8",
                                      "--no-locale", "--no-sync"},
                          .log = directory_ + "/initdb.log"}));
  if (const int status = Await(initdb); status != 0) {
    std::ifstream log(directory_ + "/initdb.log");
    return absl::InternalError(absl::StrCat("initdb ended with status ", status, ": ",
                                            std::string(std::istreambuf_iterator<char>(log), {})));
  }
  return absl::OkStatus();
}

absl::Status ThrowawayPostgres::Start() {
  ASSIGN_OR_RETURN(
      server_,
      Spawn({.command = {ProgramPath("postgres"), "-D", directory_ + "/data", "-c",
                         "listen_addresses=", "-c", "unix_socket_directories=" + directory_, "-c",
                         absl::StrCat("fsync=", options_.fsync ? "on" : "off"), "-c",
                         "max_connections=200", "-c", "shared_buffers=32MB", "-c",
                         "max_wal_size=256MB", "-c", "autovacuum=off"},
             .log = directory_ + "/server.log"}));
  return AwaitReady();
}

absl::Status ThrowawayPostgres::AwaitReady() const {
  const std::string url = Url(kUser);
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (PQping(url.c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > deadline) {
      return absl::DeadlineExceededError("the server doesn't answer");
    }
    int status = 0;
    if (waitpid(server_, &status, WNOHANG) == server_) {
      return absl::InternalError("the server ended while it started");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return absl::OkStatus();
}

absl::Status ThrowawayPostgres::Signal(int signal) {
  if (server_ <= 0) return absl::FailedPreconditionError("the server doesn't run");
  if (kill(server_, signal) != 0) return Failed("kill");
  Await(std::exchange(server_, -1));
  return absl::OkStatus();
}

// The server's own words for these signals: fast and immediate shutdown.
absl::Status ThrowawayPostgres::Stop() { return Signal(SIGINT); }
absl::Status ThrowawayPostgres::Kill() { return Signal(SIGQUIT); }

std::string ThrowawayPostgres::Url(std::string_view database) const {
  return absl::StrCat("postgresql:///", std::string(database), "?host=", directory_,
                      "&user=", kUser);
}

std::string ThrowawayPostgres::NameIn(std::string_view url) {
  const std::string_view rest = url.substr(std::string_view("postgresql:///").size());
  return std::string(rest.substr(0, rest.find('?')));
}

absl::Status ThrowawayPostgres::Run(std::string_view database, const std::string& sql) const {
  PGconn* const connection = PQconnectdb(Url(database).c_str());
  PGresult* const result = PQexec(connection, sql.c_str());
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  const std::string message = PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  return done ? absl::OkStatus() : absl::InternalError(message);
}

absl::StatusOr<std::string> ThrowawayPostgres::CreateDatabase(std::string_view options) {
  const std::string name = absl::StrCat("test", ++databases_);
  // Copied as files, without the log of its pages: six times as fast.
  RETURN_IF_ERROR(
      Run(kUser, absl::StrCat("CREATE DATABASE ", name, " TEMPLATE template0 STRATEGY file_copy ",
                              std::string(options))));
  return Url(name);
}

absl::Status ThrowawayPostgres::DropDatabase(const std::string& url) {
  for (int i = 1; i <= databases_; ++i) {
    const std::string name = absl::StrCat("test", i);
    if (Url(name) == url) return Run(kUser, absl::StrCat("DROP DATABASE ", name, " WITH (FORCE)"));
  }
  return absl::NotFoundError(url);
}

}  // namespace baliprocess::testing
