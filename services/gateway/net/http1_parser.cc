#include "services/gateway/net/http1_parser.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include <boost/beast/http/basic_parser.hpp>

#include "services/gateway/net/http1_head.h"

namespace baliprocess::gateway {
namespace {

namespace http = boost::beast::http;
using BeastView = boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

// The size of a chunk, and what extensions are beside it (RFC 9112 7.1.1).
constexpr size_t kMaxChunkLine = 1024;

// The least that stands where a chunk may begin: the last chunk, "0", and two ends of lines.
constexpr size_t kLeastChunk = 5;

std::string_view View(BeastView text) { return {text.data(), text.size()}; }

bool IsMethodChar(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; }

bool IsControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t'; }

}  // namespace

// Beast's parser, which collects what it is told.
class Http1Parser::Grammar final : public http::basic_parser<true> {
 public:
  Grammar(Http1Head& head, uint64_t body_bytes) : head_(head) {
    // What is longer isn't given to it.
    header_limit(UINT32_MAX);
    body_limit(body_bytes);
  }

  std::string target;
  std::string_view body;
  uint64_t chunk_left = 0;

 private:
  void on_request_impl(http::verb, BeastView method, BeastView its_target, int version,
                       ErrorCode&) override {
    head_.method = View(method);
    target = View(its_target);
    head_.http10 = version == 10;
  }
  void on_response_impl(int, BeastView, int, ErrorCode&) override {}

  void on_field_impl(http::field, BeastView name, BeastView value, ErrorCode&) override {
    if (is_header_done()) return;  // trailers: nobody asks for them
    head_.fields.emplace_back(absl::AsciiStrToLower(absl::string_view(name.data(), name.size())),
                              View(value));
  }
  void on_header_impl(ErrorCode&) override {}

  void on_body_init_impl(const boost::optional<uint64_t>&, ErrorCode&) override {}
  size_t on_body_impl(BeastView bytes, ErrorCode&) override {
    body = View(bytes);
    return bytes.size();
  }

  void on_chunk_header_impl(uint64_t size, BeastView, ErrorCode&) override { chunk_left = size; }
  size_t on_chunk_body_impl(uint64_t, BeastView bytes, ErrorCode&) override {
    body = View(bytes);
    chunk_left -= bytes.size();
    return bytes.size();
  }
  void on_finish_impl(ErrorCode&) override {}

  Http1Head& head_;
};

Http1Parser::Http1Parser(const Http1Limits& limits)
    : limits_(limits), grammar_(std::make_unique<Grammar>(head_, limits.body_bytes)) {}

Http1Parser::~Http1Parser() = default;

void Http1Parser::Fail(int status, std::string_view what) {
  state_ = State::kFailed;
  fault_ = {status, what};
}

size_t Http1Parser::Feed(std::string_view bytes) {
  body_ = {};
  switch (state_) {
    case State::kHead:
      return FeedHead(bytes);
    case State::kBody:
      return FeedBody(bytes);
    case State::kDone:
    case State::kFailed:
      break;
  }
  return 0;
}

size_t Http1Parser::FeedHead(std::string_view bytes) {
  // One empty line before a request is forgiven (RFC 9112 2.2).
  constexpr std::string_view kEmptyLine = "\r\n";
  if (!empty_line_ && scanned_ == 0) {
    if (kEmptyLine.starts_with(bytes.substr(0, 2)) && bytes.size() < 2) return 0;
    empty_line_ = bytes.starts_with(kEmptyLine);
    if (empty_line_) return kEmptyLine.size();
  }
  const size_t end = FindEnd(bytes);
  if (state_ == State::kFailed) return 0;
  if (std::max(end, scanned_) > limits_.head_bytes) {
    Fail(431, "the request's headers are too large");
    return 0;
  }
  if (end == 0) return 0;
  ErrorCode error;
  grammar_->put({bytes.data(), end}, error);
  if (error == http::error::body_limit) {
    Fail(413, "the request's body is too large");
  } else if (error) {
    Fail(400, "the request's head isn't HTTP/1.1");
  } else if (const auto fault = CompleteHead(grammar_->target, head_)) {
    Fail(fault->status, fault->what);
  } else {
    state_ = grammar_->is_done() ? State::kDone : State::kBody;
  }
  return end;
}

size_t Http1Parser::FindEnd(std::string_view bytes) {
  for (; scanned_ < bytes.size(); ++scanned_) {
    if (const char* fault = FaultAt(bytes, scanned_)) {
      Fail(400, fault);
      return 0;
    }
    if (bytes[scanned_] != '\r') continue;
    if (bytes.size() < scanned_ + 2) return 0;
    if (!line_checked_ && !CheckLine(bytes.substr(0, scanned_))) return 0;
    if (bytes.size() < scanned_ + 3) return 0;
    if (bytes[scanned_ + 2] != '\r') continue;
    if (bytes.size() < scanned_ + 4) return 0;
    if (bytes[scanned_ + 3] == '\n') return scanned_ + 4;
  }
  return 0;
}

const char* Http1Parser::FaultAt(std::string_view bytes, size_t at) const {
  if (at == 0 && !IsMethodChar(bytes[0])) return "this isn't HTTP/1.1";
  switch (bytes[at]) {
    case '\0':
      return "a head has no zero bytes";
    case '\n':
      return at > 0 && bytes[at - 1] == '\r' ? nullptr : "a line must end with CR and LF";
    case '\r':
      if (at + 1 < bytes.size() && bytes[at + 1] != '\n') return "a line must end with CR and LF";
      return nullptr;
    case ' ':
    case '\t':
      return at > 0 && bytes[at - 1] == '\n' ? "a line must not be folded" : nullptr;
    default:
      return nullptr;
  }
}

// As soon as it is there: who speaks another version waits for nothing.
bool Http1Parser::CheckLine(std::string_view line) {
  constexpr std::string_view kVersion = " HTTP/1.";
  constexpr size_t kSize = kVersion.size() + 1;
  line_checked_ = true;
  const std::string_view version = line.size() < kSize ? line : line.substr(line.size() - kSize);
  if (version.starts_with(kVersion) && (version.back() == '0' || version.back() == '1')) {
    return true;
  }
  const bool other = version.starts_with(" HTTP/") && absl::ascii_isdigit(version[6]) &&
                     version[7] == '.' && absl::ascii_isdigit(version[8]);
  if (other) {
    Fail(505, "only HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here");
  } else {
    Fail(400, "the request's line isn't HTTP/1.1");
  }
  return false;
}

size_t Http1Parser::FeedBody(std::string_view bytes) {
  const bool between = head_.chunked && grammar_->chunk_left == 0;
  if (bytes.empty() || (between && !HasChunkLine(bytes))) return 0;
  grammar_->body = {};
  ErrorCode error;
  const size_t taken = grammar_->put({bytes.data(), bytes.size()}, error);
  body_ = grammar_->body;
  if (error == http::error::body_limit) {
    Fail(413, "the request's body is too large");
  } else if (error && error != http::error::need_more) {
    Fail(400, "the request's body isn't in chunks of HTTP/1.1");
  } else if (grammar_->is_done()) {
    state_ = State::kDone;
  } else if (taken == 0 && bytes.size() > limits_.head_bytes) {
    Fail(431, "the request's trailers are too large");
  }
  return taken;
}

// Beast takes ends of lines within quotes, counts a chunk again that it has read in vain, and
// asserts that there are as many bytes as the last chunk has.
bool Http1Parser::HasChunkLine(std::string_view bytes) {
  const size_t begin = bytes.starts_with("\r\n") ? 2 : 0;  // the end of the chunk before
  const size_t end = bytes.find("\r\n", begin);
  const bool whole = end != std::string_view::npos;
  std::string_view line = bytes.substr(begin, end - begin);
  if (!whole && line.ends_with('\r')) line.remove_suffix(1);
  const bool strange = std::any_of(line.begin(), line.end(), IsControl) ||
                       line.find('\\') != std::string_view::npos ||
                       (whole && std::count(line.begin(), line.end(), '"') % 2 != 0);
  if (strange) Fail(400, "the request's body isn't in chunks of HTTP/1.1");
  if (line.size() > kMaxChunkLine) Fail(400, "a chunk's line is too long");
  return whole && state_ != State::kFailed && bytes.size() >= kLeastChunk;
}

}  // namespace baliprocess::gateway
