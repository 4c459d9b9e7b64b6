#include "services/gateway/net/http1_head.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace baliprocess::gateway {
namespace {

using Fault = std::optional<Http1Fault>;

// Read here, or about this connection alone (RFC 9110 7.6.1).
bool IsOfConnection(std::string_view name) {
  return name == "connection" || name == "content-length" || name == "expect" || name == "host" ||
         name == "http2-settings" || name == "keep-alive" || name == "proxy-connection" ||
         name == "te" || name == "trailer" || name == "transfer-encoding" || name == "upgrade";
}

std::vector<std::string> ListOf(std::string_view value) {
  std::vector<std::string> items;
  for (absl::string_view item :
       absl::StrSplit(absl::string_view(value.data(), value.size()), ',')) {
    item = absl::StripAsciiWhitespace(item);
    if (!item.empty()) items.push_back(absl::AsciiStrToLower(item));
  }
  return items;
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// A host and perhaps a port, nothing beside (RFC 9110 7.2).
bool IsAuthority(std::string_view text) {
  return !text.empty() && IsPrintable(text) &&
         text.find_first_of("/\\?#@,\"<>{}|^`") == std::string_view::npos;
}

// The fields that say how long the body is; one that isn't alone says nothing that is sure.
class Framing {
 public:
  Fault Add(std::string_view name, std::string_view value) {
    if (name == "content-length") {
      uint64_t length = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
      if (error != std::errc() || end != value.data() + value.size()) {
        return Http1Fault{400, "Content-Length isn't a number"};
      }
      if (length_) return Http1Fault{400, "the request has two lengths"};
      length_ = length;
    } else if (name == "transfer-encoding") {
      if (chunked_) return Http1Fault{400, "the request has two transfer codings"};
      if (absl::AsciiStrToLower(absl::string_view(value.data(), value.size())) != "chunked") {
        return Http1Fault{501, "no transfer coding but chunked is known here"};
      }
      chunked_ = true;
    }
    return std::nullopt;
  }

  Fault Complete(Http1Head& head) const {
    if (chunked_ && length_) return Http1Fault{400, "the request has a length and chunks"};
    if (chunked_ && head.http10) return Http1Fault{400, "HTTP/1.0 has no chunks"};
    head.length = length_;
    head.chunked = chunked_;
    return std::nullopt;
  }

 private:
  std::optional<uint64_t> length_;
  bool chunked_ = false;
};

// Of one Connection field, and of fields that it names: each is looked for among the request's.
constexpr size_t kMostOptions = 16;

// Without these the request would be another: another caller's, or without its condition. Whoever
// is between the client and here may not have them taken out.
bool IsNeeded(std::string_view field) {
  for (const char* needed : {"authorization", "forwarded", "x-forwarded-for", "if-match",
                             "idempotency-key", "content-type", "content-encoding"}) {
    if (field == needed) return true;
  }
  return false;
}

// The connection's options; names of other fields that end here are added to `of_connection`.
Fault ReadConnection(std::string_view value, Http1Head& head, bool& asked_to_keep,
                     std::vector<std::string>& of_connection) {
  std::vector<std::string> options = ListOf(value);
  if (options.size() > kMostOptions) return Http1Fault{400, "Connection has too many options"};
  for (std::string& option : options) {
    if (option == "close") {
      head.keep_alive = false;
    } else if (option == "keep-alive") {
      asked_to_keep = true;
    } else if (IsNeeded(option)) {
      return Http1Fault{400, "Connection mustn't name a field that the request depends on"};
    } else {
      of_connection.push_back(std::move(option));
    }
  }
  if (of_connection.size() > kMostOptions) {
    return Http1Fault{400, "Connection has too many options"};
  }
  return std::nullopt;
}

Fault ReadFields(Http1Head& head, std::string& host, std::vector<std::string>& of_connection) {
  Framing framing;
  int hosts = 0;
  bool asked_to_keep = false;
  for (const auto& [name, value] : head.fields) {
    if (const Fault fault = framing.Add(name, value)) return fault;
    if (name == "host") {
      ++hosts;
      host = value;
    } else if (name == "connection") {
      if (const Fault fault = ReadConnection(value, head, asked_to_keep, of_connection)) {
        return fault;
      }
    } else if (name == "expect") {
      if (!absl::EqualsIgnoreCase(value, "100-continue")) {
        return Http1Fault{417, "nothing but 100-continue can be expected"};
      }
      head.expects_continue = !head.http10;  // RFC 9110 10.1.1
    } else if (name == "te") {
      const auto codings = ListOf(value);
      head.takes_trailers = std::find(codings.begin(), codings.end(), "trailers") != codings.end();
    }
  }
  if (hosts > 1) return Http1Fault{400, "the request has two hosts"};
  if (hosts == 0 && !head.http10) return Http1Fault{400, "the request has no Host"};
  if (hosts == 1 && !host.empty() && !IsAuthority(host)) {
    return Http1Fault{400, "Host isn't a host"};
  }
  if (head.http10 && !asked_to_keep) head.keep_alive = false;
  return framing.Complete(head);
}

// The forms of RFC 9112 3.2.
Fault ReadTarget(std::string_view target, std::string_view host, Http1Head& head) {
  head.authority = host;
  if (!IsPrintable(target) || target.find('#') != std::string_view::npos) {
    return Http1Fault{400, "the request's target isn't a path"};
  }
  if (head.method == "CONNECT") return Http1Fault{501, "this is no proxy"};
  if (target == "*" && head.method == "OPTIONS") {
    head.path = target;
    return std::nullopt;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(absl::string_view(target.data(), target.size()),
                                    absl::string_view(scheme.data(), scheme.size()))) {
      continue;
    }
    const std::string_view rest = target.substr(scheme.size());
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    head.authority = rest.substr(0, end);
    target = rest.substr(end);
    if (!IsAuthority(head.authority)) return Http1Fault{400, "the request's target has no host"};
    head.path = target.starts_with('/') ? "" : "/";
    head.path += target;
    return std::nullopt;
  }
  if (!target.starts_with('/')) return Http1Fault{400, "the request's target isn't a path"};
  head.path = target;
  return std::nullopt;
}

}  // namespace

std::optional<Http1Fault> CompleteHead(std::string_view target, Http1Head& head) {
  std::string host;
  std::vector<std::string> of_connection;
  if (const Fault fault = ReadFields(head, host, of_connection)) return fault;
  if (const Fault fault = ReadTarget(target, host, head)) return fault;
  if (head.authority.empty() && !head.http10) return Http1Fault{400, "the request has no Host"};
  std::erase_if(head.fields, [&](const auto& field) {
    return IsOfConnection(field.first) || std::find(of_connection.begin(), of_connection.end(),
                                                    field.first) != of_connection.end();
  });
  return std::nullopt;
}

}  // namespace baliprocess::gateway
