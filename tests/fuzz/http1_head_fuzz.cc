// Requests of HTTP/1.1: whatever a client sends is refused with a status of HTTP, or is a request
// of which everything that goes on is safe to pass on; and it is one thing, however its bytes come.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/gateway/net/http1_parser.h"

namespace {

using baliprocess::gateway::Http1Head;
using baliprocess::gateway::Http1Limits;
using baliprocess::gateway::Http1Parser;
using State = Http1Parser::State;

constexpr Http1Limits kLimits = {.head_bytes = 2048, .body_bytes = 4096};

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

struct Outcome {
  State state;
  int status = 0;
  std::string body;
  std::string head;
  size_t left = 0;  // bytes that weren't taken

  bool operator==(const Outcome&) const = default;
};

std::string Flatten(const Http1Head& head) {
  std::string text = head.method + "|" + head.path + "|" + head.authority;
  for (const auto& [name, value] : head.fields) text += "|" + name + ":" + value;
  return text;
}

bool IsSafe(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void CheckHead(const Http1Head& head) {
  Require(!head.method.empty() && IsSafe(head.method), "method");
  Require(head.path == "*" || head.path.starts_with('/'), "path");
  Require(IsSafe(head.path) && head.path.find(' ') == std::string::npos, "path's characters");
  Require(head.http10 || !head.authority.empty(), "authority");
  Require(IsSafe(head.authority), "authority's characters");
  Require(!(head.chunked && head.length), "two lengths");
  for (const auto& [name, value] : head.fields) {
    Require(!name.empty() && IsSafe(name) && IsSafe(value), "field");
    Require(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
            "name in lower case");
    Require(name != "transfer-encoding" && name != "content-length" && name != "connection" &&
                name != "host",
            "field of the connection");
  }
}

Outcome ParseBy(std::string_view bytes, size_t step) {
  Http1Parser parser(kLimits);
  Outcome outcome;
  std::string waiting;
  for (size_t at = 0; at < bytes.size(); at += step) {
    waiting.append(bytes.substr(at, step));
    while (const size_t taken = parser.Feed(waiting)) {
      Require(taken <= waiting.size(), "takes more than there is");
      Require(parser.state() != State::kHead || parser.body().empty(), "body before the head");
      outcome.body.append(parser.body());
      waiting.erase(0, taken);
    }
    Require(parser.state() == State::kDone || parser.state() == State::kFailed ||
                waiting.size() <= kLimits.head_bytes + step,
            "keeps more than a head");
  }
  outcome.state = parser.state();
  outcome.left = waiting.size();
  Require(outcome.body.size() <= kLimits.body_bytes, "body");
  if (outcome.state == State::kFailed) {
    outcome.status = parser.fault().status;
    outcome.left = 0;
    outcome.body.clear();  // as far as it came
    Require(outcome.status >= 400 && outcome.status <= 505, "status");
    Require(!parser.fault().what.empty(), "words");
  } else if (outcome.state != State::kHead) {
    CheckHead(parser.head());
    outcome.head = Flatten(parser.head());
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = ParseBy(bytes, std::max<size_t>(size, 1));
  Require(whole == ParseBy(bytes, 1), "byte by byte it is another request");
  Require(whole == ParseBy(bytes, 7), "in pieces it is another request");
  return 0;
}
