// Requests of HTTP/1.0 and HTTP/1.1 (RFC 9112) as they come in bytes.
//
// What two programs could read in two ways is refused, since a proxy in front of the gateway may
// have read it in the other ("request smuggling"): two lengths, a length beside chunks, codings
// other than chunked, lines that end without CR or without LF, folded lines, blanks before a colon,
// two hosts. The grammar is Boost.Beast's; what Beast takes beyond that is refused here.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_PARSER_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baliprocess::gateway {

// A request's head.
struct Http1Head {
  std::string method;
  std::string path;       // of the target, with its query; "*" for OPTIONS of the whole server
  std::string authority;  // of the target, or else of Host; empty in HTTP/1.0 alone
  bool http10 = false;
  // Names in lower case, blanks around values cut off. Those that are about this connection alone
  // (RFC 9110 7.6.1) are left out, as is Host.
  std::vector<std::pair<std::string, std::string>> fields;

  bool keep_alive = true;          // the connection can take another request
  bool expects_continue = false;   // the body comes when 100 (Continue) was said
  bool takes_trailers = false;     // of the reply (RFC 9110 10.1.4)
  std::optional<uint64_t> length;  // of the body; none: it comes in chunks, or there is none
  bool chunked = false;
};

struct Http1Limits {
  size_t head_bytes = 16 << 10;  // up to the empty line, that included
  uint64_t body_bytes = 64 << 20;
};

// Why a request can't be served.
struct Http1Fault {
  int status = 400;       // of HTTP, to be answered before the connection closes
  std::string_view what;  // for people
};

// One request. What came is given to Feed again and again, each time without the bytes that were
// taken before.
class Http1Parser {
 public:
  enum class State {
    kHead,  // isn't whole
    kBody,  // is coming
    kDone,
    kFailed,
  };

  explicit Http1Parser(const Http1Limits& limits);
  ~Http1Parser();
  Http1Parser(const Http1Parser&) = delete;
  Http1Parser& operator=(const Http1Parser&) = delete;

  // Takes one piece of the request: its head, a part of its body, what stands between two parts.
  // Returns how many bytes that were; 0: more must come first, or there is nothing more to take.
  // Must not be called with fewer bytes than it has left before.
  size_t Feed(std::string_view bytes);

  State state() const { return state_; }
  // Once it is whole.
  Http1Head& head() { return head_; }
  // The part of the body among the bytes that the last Feed took.
  std::string_view body() const { return body_; }
  const Http1Fault& fault() const { return fault_; }

 private:
  class Grammar;

  size_t FeedHead(std::string_view bytes);
  size_t FeedBody(std::string_view bytes);
  // Whether the line with a chunk's size is there, to be read.
  bool HasChunkLine(std::string_view bytes);
  // The end of the head; 0 when it hasn't come or something is wrong.
  size_t FindEnd(std::string_view bytes);
  // What is wrong with a byte of a head that two programs may read in two ways; null: nothing.
  const char* FaultAt(std::string_view bytes, size_t at) const;
  bool CheckLine(std::string_view line);
  void Fail(int status, std::string_view what);

  const Http1Limits limits_;
  std::unique_ptr<Grammar> grammar_;
  State state_ = State::kHead;
  Http1Head head_;
  Http1Fault fault_;
  std::string_view body_;
  size_t scanned_ = 0;  // of the head
  bool line_checked_ = false;
  bool empty_line_ = false;  // came before the request
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HTTP1_PARSER_H_
