// A client of HTTP/1.1 that sends whatever bytes a test wants: for what no library would send.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_HTTP1_PEER_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_HTTP1_PEER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

struct Http1Answer {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case; trailers among them
  std::string body;                           // without the marks of chunks
};

// Takes one reply off the front of `bytes`, when it is whole. `to_head`: to a HEAD request.
// `ended`: nothing comes behind `bytes`.
std::optional<Http1Answer> TakeAnswer(std::string& bytes, bool to_head = false, bool ended = false);

class Http1Peer {
 public:
  // Takes over a connected socket. `idle` is called while the peer waits.
  explicit Http1Peer(int fd, std::function<void()> idle = nullptr);
  ~Http1Peer();
  Http1Peer(const Http1Peer&) = delete;
  Http1Peer& operator=(const Http1Peer&) = delete;

  // To what listens there. `receive_buffer` is of its socket, in bytes; 0: as usual.
  static std::unique_ptr<Http1Peer> Connect(int port, int receive_buffer = 0);

  // Sends as much as the other side takes soon; whether that was all.
  bool Send(std::string_view bytes);
  // As much as it takes without waiting: how many bytes.
  size_t SendSome(std::string_view bytes);

  // Reads until the condition holds of what was received and isn't taken. False: it didn't soon.
  bool Until(const std::function<bool()>& condition);
  // The next reply; nothing when none comes soon.
  std::optional<Http1Answer> Receive(bool to_head = false);
  // Whether the other side closes soon.
  bool IsClosed() {
    return Until([this] { return over_; });
  }

  std::string& received() { return received_; }
  bool over() const { return over_; }

 private:
  bool Read();

  int fd_;
  std::function<void()> idle_;
  std::string received_;
  bool over_ = false;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_HTTP1_PEER_H_
