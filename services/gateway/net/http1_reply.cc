#include "services/gateway/net/http1_reply.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "absl/strings/str_cat.h"
#include <boost/beast/http/status.hpp>

namespace baliprocess::gateway {
namespace {

// Of the body at once.
constexpr size_t kMaxPart = 32 << 10;

std::string_view NameOf(const nghttp2_nv& field) {
  return {reinterpret_cast<const char*>(field.name), field.namelen};
}

std::string_view ValueOf(const nghttp2_nv& field) {
  return {reinterpret_cast<const char*>(field.value), field.valuelen};
}

int64_t NumberIn(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

// A value with the end of a line in it would be read as another field, or as another reply.
bool Breaks(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void WriteField(const nghttp2_nv& field, std::string& out) {
  const std::string_view name = NameOf(field);
  const std::string_view value = ValueOf(field);
  if (Breaks(name) || Breaks(value)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

// Of HTTP/2, or written here.
bool IsOfConnection(std::string_view name) {
  return name.starts_with(':') || name == "connection" || name == "keep-alive" ||
         name == "transfer-encoding" || name == "upgrade";
}

}  // namespace

bool Http1Reply::WriteHead(const std::vector<nghttp2_nv>& fields, bool has_body, bool close,
                           std::string& out) {
  const auto status = static_cast<unsigned>(
      std::clamp<int64_t>(fields.empty() ? 500 : NumberIn(ValueOf(fields.front())), 100, 999));
  const bool bodiless = status / 100 == 1 || status == 204 || status == 304;
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out.append(reason.data(), reason.size()).append("\r\n");
  int64_t length = -1;
  for (const nghttp2_nv& field : fields) {
    if (IsOfConnection(NameOf(field))) continue;
    if (NameOf(field) == "content-length") length = std::max(length, NumberIn(ValueOf(field)));
    WriteField(field, out);
  }
  const bool writes_body = has_body && !is_head_ && !bodiless;
  closes_ = close;
  if (length >= 0) {
    left_ = static_cast<uint64_t>(length);
    // As much was promised.
    closes_ = closes_ || (!has_body && length > 0 && !is_head_ && !bodiless);
  } else if (!has_body && !bodiless) {
    // What GET would get may have a body (RFC 9110 8.6).
    if (!is_head_) out.append("content-length: 0\r\n");
  } else if (writes_body && http10_) {
    framing_ = Framing::kUntilClose;
    closes_ = true;
  } else if (writes_body) {
    framing_ = Framing::kChunks;
    out.append("transfer-encoding: chunked\r\n");
  }
  WriteConnection(out);
  out.append("\r\n");
  return writes_body;
}

// RFC 9112 9.3: HTTP/1.0 ends the connection unless told otherwise, HTTP/1.1 keeps it.
void Http1Reply::WriteConnection(std::string& out) const {
  if (closes_) {
    out.append("connection: close\r\n");
  } else if (http10_) {
    out.append("connection: keep-alive\r\n");
  }
}

Http1Reply::Part Http1Reply::WriteBody(Body& body, std::string& out) {
  uint32_t flags = NGHTTP2_DATA_FLAG_NONE;
  const ssize_t read = body.Read(kMaxPart, &flags);
  if (read == NGHTTP2_ERR_DEFERRED) return Part::kNone;
  if (read < 0) return Part::kBroken;
  const auto size = static_cast<size_t>(read);
  const bool last = (flags & NGHTTP2_DATA_FLAG_EOF) != 0;
  if (framing_ == Framing::kLength) {
    if (size > left_ || (last && size < left_)) return Part::kBroken;
    left_ -= size;
  }
  if (size > 0) {
    const bool chunk = framing_ == Framing::kChunks;
    if (chunk) absl::StrAppend(&out, absl::Hex(size), "\r\n");
    body.Move(size, out);
    if (chunk) out.append("\r\n");
  }
  if (!last) return size > 0 ? Part::kSome : Part::kNone;
  if (framing_ == Framing::kChunks) out.append("0\r\n").append(trailers_).append("\r\n");
  return Part::kLast;
}

void Http1Reply::SetTrailers(const std::vector<nghttp2_nv>& fields) {
  if (!takes_trailers_) return;
  for (const nghttp2_nv& field : fields) WriteField(field, trailers_);
}

}  // namespace baliprocess::gateway
