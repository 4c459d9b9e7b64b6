// Makes unary calls of gRPC at a constant rate, whatever becomes of them, and says how long they
// took.
//
//   latency_load PATH TOKEN CALLS_PER_SECOND CALLS PORT...
//
// The ports take short turns, of 250 calls each: what else the machine does, it does to all of
// them. Of a turn the first 50 calls aren't counted, nor is the first turn of a port. A call's time
// begins when the call was due, not when it was sent: a call that had to wait in here has waited.
// Calls to a port go over eight connections of HTTP/2 in turn.
//
// Prints a line for each port: of its turns' 50th and 99th percentiles the medians, in
// microseconds. So what disturbs the machine now and then doesn't count. Ends with 1 when a call
// fails or its reply hasn't 293 bytes.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kConnections = 8;
constexpr size_t kRequestBytes = 45;
constexpr size_t kReplyBytes = 5 + 293;  // with the prefix of a gRPC message
constexpr auto kPatience = seconds(10);
constexpr size_t kTurn = 250;
constexpr size_t kNotCounted = 50;

struct Call {
  Clock::time_point due;
  size_t turn = 0;
  bool counted = false;
  size_t sent = 0;
  size_t received = 0;
  bool ok = false;  // grpc-status 0 has come
};

// What became of the calls.
struct Outcome {
  size_t over = 0;
  size_t failed = 0;
  std::map<size_t, std::vector<nanoseconds>> took;  // by turn
};

const std::string& Request() {
  static const std::string& request = *new std::string(std::string(4, '\0') + char{kRequestBytes} +
                                                       std::string(kRequestBytes, 'q'));
  return request;
}

nghttp2_nv Field(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

// One connection, which doesn't come back when it is lost.
class Connection {
 public:
  Connection(int fd, Outcome& outcome) : fd_(fd), outcome_(outcome) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Connection() {
    nghttp2_session_del(session_);
    close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool Start(const std::string& path, const std::string& authorization, const Call& begun) {
    const nghttp2_nv fields[] = {Field(":method", "POST"),
                                 Field(":scheme", "http"),
                                 Field(":authority", "localhost"),
                                 Field(":path", path),
                                 Field("te", "trailers"),
                                 Field("content-type", "application/grpc"),
                                 Field("authorization", authorization)};
    auto* call = new Call(begun);
    const nghttp2_data_provider body = {{.ptr = call}, ReadBody};
    if (nghttp2_submit_request(session_, nullptr, fields, std::size(fields), &body, call) < 0) {
      delete call;
      return false;
    }
    return Send();
  }

  // Whether the connection is still there.
  bool Receive() {
    uint8_t buffer[16384];
    const ssize_t n = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN;
    return n > 0 && nghttp2_session_mem_recv(session_, buffer, static_cast<size_t>(n)) == n &&
           Send();
  }

 private:
  static Call* CallOf(nghttp2_session* session, int32_t id) {
    return static_cast<Call*>(nghttp2_session_get_stream_user_data(session, id));
  }
  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t size, uint8_t, void*) {
    if (std::string_view(reinterpret_cast<const char*>(name), name_size) == "grpc-status") {
      CallOf(session, frame->hd.stream_id)->ok = size == 1 && *value == '0';
    }
    return 0;
  }
  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t*, size_t size,
                    void*) {
    CallOf(session, id)->received += size;
    return 0;
  }
  static int OnClose(nghttp2_session* session, int32_t id, uint32_t, void* self) {
    auto& connection = *static_cast<Connection*>(self);
    const std::unique_ptr<Call> call(CallOf(session, id));
    Outcome& outcome = connection.outcome_;
    ++outcome.over;
    if (!call->ok || call->received != kReplyBytes) ++outcome.failed;
    if (call->counted) outcome.took[call->turn].push_back(Clock::now() - call->due);
    return 0;
  }
  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* out, size_t length, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    auto& call = *static_cast<Call*>(source->ptr);
    const size_t size = std::min(length, Request().size() - call.sent);
    std::memcpy(out, Request().data() + call.sent, size);
    call.sent += size;
    if (call.sent == Request().size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  // Waits for room in the socket, which there is always at this rate.
  bool Send() {
    std::string bytes;
    const uint8_t* data = nullptr;
    ssize_t n = 0;
    while ((n = nghttp2_session_mem_send(session_, &data)) > 0) {
      bytes.append(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
    }
    return n == 0 && (bytes.empty() || send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                                           static_cast<ssize_t>(bytes.size()));
  }

  const int fd_;
  nghttp2_session* session_ = nullptr;
  Outcome& outcome_;
};

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  close(fd);
  return -1;
}

// What listens at one port.
struct Target {
  Outcome outcome;
  std::vector<std::unique_ptr<Connection>> connections;
};

class Load {
 public:
  Load(int rate, size_t calls) : interval_(nanoseconds(seconds(1)) / rate), calls_(calls) {}
  ~Load() { close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Whether all connections stand.
  bool AddTarget(int port) {
    auto& target = *targets_.emplace_back(std::make_unique<Target>());
    for (int i = 0; i < kConnections; ++i) {
      const int fd = Connect(port);
      if (fd < 0) return false;
      auto& connection =
          *target.connections.emplace_back(std::make_unique<Connection>(fd, target.outcome));
      epoll_event event = {EPOLLIN, {.ptr = &connection}};
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return false;
    }
    return true;
  }

  // Whether all calls came to an end.
  bool Run(const std::string& path, const std::string& authorization) {
    const auto start = Clock::now() + interval_;
    size_t begun = 0;
    while (Over() < calls_) {
      const auto due = start + interval_ * begun;
      const auto now = Clock::now();
      if (begun < calls_ && now >= due) {
        const size_t turn = begun / kTurn;
        const Call call = {.due = due,
                           .turn = turn,
                           .counted = turn >= targets_.size() && begun % kTurn >= kNotCounted};
        auto& connections = targets_[turn % targets_.size()]->connections;
        if (!connections[begun % kConnections]->Start(path, authorization, call)) return false;
        ++begun;
      } else if (now >= due + kPatience || !Wait(begun < calls_ ? due - now : kPatience)) {
        return false;
      }
    }
    return true;
  }

  std::vector<std::unique_ptr<Target>>& targets() { return targets_; }
  size_t Over() const {
    size_t over = 0;
    for (const auto& target : targets_) over += target->outcome.over;
    return over;
  }
  size_t Failed() const {
    size_t failed = 0;
    for (const auto& target : targets_) failed += target->outcome.failed;
    return failed;
  }

 private:
  bool Wait(nanoseconds time) {
    const timespec limit = {.tv_sec = time / seconds(1), .tv_nsec = (time % seconds(1)).count()};
    epoll_event events[kConnections];
    const int ready = epoll_pwait2(epoll_, events, kConnections, &limit, nullptr);
    for (int i = 0; i < ready; ++i) {
      if (!static_cast<Connection*>(events[i].data.ptr)->Receive()) return false;
    }
    return ready >= 0;
  }

  const nanoseconds interval_;
  const size_t calls_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Target>> targets_;
};

nanoseconds Percentile(std::vector<nanoseconds> values, size_t percent) {
  if (values.empty()) return nanoseconds(0);
  const auto at = values.begin() + static_cast<ptrdiff_t>((values.size() - 1) * percent / 100);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// The median of the turns' percentiles, in microseconds.
double TypicalPercentile(const Outcome& outcome, size_t percent) {
  std::vector<nanoseconds> of_turns;
  for (const auto& [turn, took] : outcome.took) of_turns.push_back(Percentile(took, percent));
  return static_cast<double>(Percentile(of_turns, 50).count()) / 1000;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || std::atoi(argv[3]) <= 0) {
    std::fprintf(stderr, "usage: latency_load PATH TOKEN CALLS_PER_SECOND CALLS PORT...\n");
    return 2;
  }
  prctl(PR_SET_TIMERSLACK, 1);  // nanoseconds: waits end when a call is due
  Load load(std::atoi(argv[3]), static_cast<size_t>(std::atoi(argv[4])));
  for (int i = 5; i < argc; ++i) {
    if (load.AddTarget(std::atoi(argv[i]))) continue;
    std::fprintf(stderr, "latency_load: nobody listens at %s\n", argv[i]);
    return 1;
  }
  const bool ended = load.Run(argv[1], std::string("Bearer ") + argv[2]);
  if (!ended || load.Failed() > 0) {
    std::fprintf(stderr, "latency_load: %zu of %s calls came to an end, %zu of them failed\n",
                 load.Over(), argv[4], load.Failed());
    return 1;
  }
  for (const auto& target : load.targets()) {
    std::printf("%.1f %.1f\n", TypicalPercentile(target->outcome, 50),
                TypicalPercentile(target->outcome, 99));
  }
}
