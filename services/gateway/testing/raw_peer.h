// An HTTP/2 peer that does what gRPC's own never would: for tests of bad clients and bad services.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_RAW_PEER_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_RAW_PEER_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baliprocess::gateway {

// One stream as the peer has seen it.
struct RawStream {
  std::map<std::string, std::string> headers;  // trailers among them
  std::set<std::string> never_indexed;         // of these by name (RFC 7541 6.2.3)
  std::string data;
  bool ended = false;             // by END_STREAM
  std::optional<uint32_t> reset;  // the code of RST_STREAM
};

// One connection, driven by the test's thread: nothing moves but in Until and SendOnly.
class RawPeer {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // Takes over a connected socket.
  RawPeer(int fd, bool server, std::vector<nghttp2_settings_entry> settings = {});
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  // As client of what listens there. `receive_buffer` is of its socket, in bytes; 0: as usual.
  static std::unique_ptr<RawPeer> Connect(int port,
                                          std::vector<nghttp2_settings_entry> settings = {},
                                          int receive_buffer = 0);

  // Sends and receives until the condition holds. False when it takes too long, or the connection
  // has ended without it.
  bool Until(const std::function<bool()>& condition);

  // Whether the other side closes soon though nothing is sent.
  bool ClosedInSilence();

  // Fields of this name are sent as never indexed from now on.
  void NeverIndex(std::string name) { never_indexed_ = std::move(name); }
  // Submits a call: POST of gRPC, but for the fields given, which replace those of the same name
  // (an empty content-type: there is none); with an empty message, unless told otherwise.
  int32_t Request(const Fields& fields, const std::string& body = std::string(5, '\0'),
                  bool end = true);
  // Sends these bytes in a DATA frame of their own, behind the body of the last request, which had
  // no end.
  void Dribble(const std::string& bytes);
  // Submits the beginning of a reply, without its end.
  void Reply(int32_t stream_id, const Fields& fields, const std::string& body);
  // Submits a whole reply, with these trailers; without any, it ends with its body.
  void Reply(int32_t stream_id, const Fields& fields, const std::string& body,
             const Fields& trailers);
  // Submits a reply of headers only.
  void ReplyWhole(int32_t stream_id, const Fields& fields);

  // Sends all that was submitted, as far as the other side takes it.
  bool Flush() {
    return Until([this] { return nghttp2_session_want_write(session_) == 0; });
  }

  // Sends all that was submitted and receives nothing meanwhile. False when the other side doesn't
  // take all of it soon, or the connection has ended.
  bool SendOnly();

  nghttp2_session* session() { return session_; }
  std::map<int32_t, RawStream>& streams() { return streams_; }
  std::optional<uint32_t> goaway() const { return goaway_; }  // its code
  int pings() const { return pings_; }                        // that came, not their answers
  bool over() const { return over_; }

 private:
  friend struct RawCallbacks;
  struct Body {
    std::string bytes;
    size_t sent = 0;
    bool end = false;
    Fields trailers = {};
  };
  nghttp2_data_provider Provider(const std::string& body, bool end);
  // Puts what the session has to send into outgoing_.
  void TakeOutgoing();
  // Writes of outgoing_ what the socket takes now. False when the connection has ended.
  bool WriteOutgoing();

  int fd_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, RawStream> streams_;
  std::vector<std::unique_ptr<Body>> bodies_;
  int32_t last_request_ = 0;
  std::string never_indexed_;
  std::optional<uint32_t> goaway_;
  int pings_ = 0;
  std::string outgoing_;
  bool over_ = false;
};

// Listens on a free port of loopback.
class RawListener {
 public:
  explicit RawListener(int port = 0);  // 0: any
  ~RawListener();
  int port() const { return port_; }
  // The next connection, as its server; null when none comes soon.
  std::unique_ptr<RawPeer> Accept(std::vector<nghttp2_settings_entry> settings = {});

 private:
  int fd_;
  int port_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_RAW_PEER_H_
