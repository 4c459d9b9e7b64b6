// What a client asks for by HTTP: the binding that its method and path lead to, and what its head
// says that gRPC has no word for.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_HTTP_REQUEST_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_HTTP_REQUEST_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "services/gateway/calls/request_head.h"
#include "services/gateway/transcoding/bindings.h"
#include "services/gateway/transcoding/query.h"

namespace baliprocess::gateway {

// A range of bytes of which both ends are in it; without `last` it goes to the end.
struct ByteRange {
  int64_t first = 0;
  std::optional<int64_t> last;
};

// Reads the value of `range` (RFC 9110 14.2) if it is one range that tells where it begins. Nothing
// otherwise: a server may leave a range alone, and send everything.
std::optional<ByteRange> ParseRange(std::string_view range);

struct HttpRequest {
  HttpRequest(const RequestHead& head, Match its_match, QueryParameters its_query);

  const Binding& binding() const { return *match.binding; }
  bool is_mutation() const;
  // Whether the client has what `etag`, without quotes, names, and asks whether it is another now.
  bool Knows(std::string_view etag) const;
  // Whether the body has a content coding.
  bool is_packed() const;
  // The range that is asked for. None beside `if-range`: whether the condition holds is known only
  // when the file is read already, and everything may be sent instead (RFC 9110 14.2). None for
  // HEAD and for what changes something, and none beside an `offset` in the query: that is where
  // the reply begins.
  std::optional<ByteRange> byte_range() const;

  Match match;  // has a binding
  QueryParameters query;

  bool is_head;  // HEAD: the reply's head alone is wanted
  // The head's, each empty when it isn't there. Lines of one list are joined.
  std::string accept;
  std::string content_type;
  std::string content_encoding;
  std::string accept_encoding;
  std::string range;
  // These mean something even when they are empty, or of bytes that can't be right.
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<std::string> if_range;
  std::optional<std::string> idempotency_key;
  std::optional<std::string> last_event_id;
};

// An empty message of the request's type, and of the reply's.
std::unique_ptr<google::protobuf::Message> NewRequest(const Binding& binding);
std::unique_ptr<google::protobuf::Message> NewReply(const Binding& binding);

// Fills `message` from the path, the query, the body (without its content coding) and the head:
// `if-match` is the etag of a request or of its resource, `idempotency-key` its request_id,
// `last-event-id` its resume_token in place of another one and of from_start, the beginning of
// `range` its offset. Errors are those of ReadRequest; ETAG_MISMATCH for a condition that can't be
// true; and INVALID_FIELDS, which names the header field, for one that the method has no word for
// or that can't be that.
absl::Status FillRequest(const HttpRequest& request, std::string_view body,
                         google::protobuf::Message& message);

// The entity tag without quotes and without `W/`, when there is exactly one; `*` is itself.
std::string_view EtagOf(std::string_view header);

// Whether `etag`, without quotes, is among the entity tags of the value of `if-none-match`, or that
// is `*`; whether they are weak doesn't matter (RFC 9110 13.1.2). Never when `etag` is empty, as
// nothing is named then. What isn't a tag ends the list.
bool MatchesAny(std::string_view list, std::string_view etag);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_HTTP_REQUEST_H_
