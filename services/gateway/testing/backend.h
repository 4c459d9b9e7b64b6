// A service for the gateway's tests: a real gRPC server that answers every method as the request's
// headers ask for.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_BACKEND_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_BACKEND_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace baliprocess::gateway {

// How long a test waits for what must happen. Generous: machines are shared, sanitizers are slow.
inline constexpr absl::Duration kSoon = absl::Seconds(30);

// The header `do` chooses the behaviour:
//   echo     (when absent) sends every message back, then OK
//   collect  reads all, then one message with the number of bytes
//   stream   sends `count` messages of `size` bytes
//   fail     ends at once with INVALID_ARGUMENT, a message and details
//   hang     says nothing until it is cancelled
//   begin    sends headers and one message, then says nothing
//   await    the same, until Release: then sends another and OK
//   say      reads all, then sends what Say was told
//   hold     says nothing until Release, then echoes
//   slow     echoes after 200 ms
//   unavailable  ends at once with UNAVAILABLE
//   half     echo and unavailable in turn
// Calls of grpc.health.v1 are answered apart, by SetHealth, and not seen.
// Headers and trailers that begin with `ask-` are sent back, and x-bali-position as a trailer.
class TestBackend final : public grpc::CallbackGenericService {
 public:
  struct Seen {
    int calls = 0;
    std::map<std::string, int> calls_of;  // of each method
    int cancelled = 0;
    int finished = 0;
    int64_t bytes_sent = 0;                           // by `stream`: messages that gRPC has taken
    int64_t bytes_received = 0;                       // of messages
    std::multimap<std::string, std::string> headers;  // of the last call
    std::set<std::string> peers;                      // connections that calls came on
    absl::Duration timeout;                           // of the last call
    std::vector<std::string> messages;                // that `say` has read, of all calls
  };

  // What `say` sends, and the end: unless it goes on, then there is none.
  struct Speech {
    std::vector<std::string> messages;
    grpc::Status status;
    bool goes_on = false;
  };

  explicit TestBackend(int port = 0, std::shared_ptr<grpc::ServerCredentials> credentials =
                                         grpc::InsecureServerCredentials());
  ~TestBackend() override;

  int port() const { return port_; }

  // Ends its calls and connections.
  void Stop();

  void Say(Speech speech);
  Speech speech();

  // What calls do whose header doesn't say.
  void Behave(std::string what);
  std::string behaviour();
  // Whether it is the turn of the second of two.
  bool TakeTurn();

  // What is told of each service's health; before, health isn't implemented.
  void SetHealth(bool serving);
  std::optional<bool> health();
  // `changed` is called with each change, until it is forgotten by the same key.
  void WatchHealth(const void* key, std::function<void()> changed);
  void ForgetHealth(const void* key);

  // Lets the calls that await it end.
  void Release();
  void AwaitRelease(std::function<void()> released);

  Seen seen();
  // Whether it comes true soon.
  bool WaitFor(const std::function<bool(const Seen&)>& condition);
  void Note(const std::function<void(Seen&)>& change);

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  std::mutex watchers_mutex_;  // held while watchers of health are told; taken before mutex_
  std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
  Speech speech_;
  std::vector<std::function<void()>> awaiting_;
  std::string behaviour_ = "echo";
  bool turn_ = false;
  std::optional<bool> health_;
  std::map<const void*, std::function<void()>> health_watchers_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_BACKEND_H_
