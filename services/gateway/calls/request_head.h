// The header fields of a call as the client sent them: what is read here, passed on, or kept from
// the services.

#ifndef BALIPROCESS_SERVICES_GATEWAY_CALLS_REQUEST_HEAD_H_
#define BALIPROCESS_SERVICES_GATEWAY_CALLS_REQUEST_HEAD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

#include "services/gateway/net/header_block.h"

namespace baliprocess::gateway {

// Reads the value of `grpc-timeout`: one to eight digits and a unit.
std::optional<absl::Duration> ParseTimeout(std::string_view text);

// Writes one, rounded down, to a buffer of at least 10 characters.
std::string_view FormatTimeout(absl::Duration timeout, char* buffer);

class RequestHead {
 public:
  // Takes the next field. What a caller must not set (identity and peer headers of ours, those of
  // gRPC's own, those that concern one connection) is dropped, as is what the gateway writes anew
  // and what mustn't travel with others' calls (header_rules.h).
  void Add(const ReceivedField& field);

  // Forgets everything but the size: for heads that are too large.
  void Drop();

  // Makes this its authorization; there is none yet.
  void Authorize(std::string_view authorization);

  // Makes of the head of any request the head of a gRPC call of the method with this path. What
  // HTTP has for itself and gRPC has not, such as `accept` and `if-match`, is dropped.
  void BecomeGrpc(std::string_view grpc_path);

  // The value of a field as it came, if it is of printable ASCII; empty when there is none.
  std::string_view Find(std::string_view name) const { return passed_on_.Find(name); }

  // What a request by HTTP means depends on these fields, so none of them is left out in silence:
  // content-encoding, idempotency-key, if-match, if-none-match, if-range, last-event-id, range. The
  // value of one as it came, of any bytes, its lines as one list (RFC 9110 5.3); null: it didn't.
  const std::string* FindDecisive(std::string_view name) const;

  // What goes on to the service.
  const HeaderBlock& passed_on() const { return passed_on_; }

  // As RFC 9113 6.5.2 counts: of what came or of what goes on, whichever is more.
  size_t size() const { return std::max(size_, passed_size_); }

  // Whether what goes on says whom the client means: HTTP/1.0 needn't.
  bool has_authority() const { return has_authority_ || !Find("host").empty(); }
  std::string_view method() const { return method_; }
  std::string_view path() const { return path_; }
  // Not a media type when it came with a byte that isn't printable ASCII, or more than once.
  std::string_view content_type() const { return content_type_; }
  std::string_view authorization() const { return authorization_; }
  bool authorized_twice() const { return authorizations_ > 1; }
  bool unauthorized() const { return authorizations_ == 0; }
  std::string_view request_id() const { return request_id_; }
  // As far as version 00 of trace contexts goes; empty when there is none, or not a valid one. It
  // isn't among the fields that are passed on.
  std::string_view traceparent() const { return {traceparent_, traceparent_size_}; }

  // Whether `content-type` is gRPC's.
  bool is_grpc() const { return is_grpc_ && has_content_type_; }
  // Whether that says that messages aren't of Protocol Buffers, such as `application/grpc+json`.
  bool has_other_codec() const;
  // Whether `:scheme` is another than http or https.
  bool bad_scheme() const { return bad_scheme_; }
  // Whether `grpc-encoding` is another than identity.
  bool compresses() const { return compresses_; }

  // Infinite when the client gave none.
  absl::Duration timeout() const { return timeout_; }
  bool bad_timeout() const { return bad_timeout_; }

  // What proxies say of whom they pass the request on for (calls/forwarded.h): `forwarded` and
  // `x-forwarded-for`, each as one list.
  std::string_view forwarded() const { return forwarded_; }
  std::string_view forwarded_for() const { return forwarded_for_; }

 private:
  // Reads a field; false when it goes on no further. `kept` becomes the member that is to view it.
  bool ReadPseudo(std::string_view name, std::string_view value, std::string_view*& kept);
  bool Read(std::string_view name, std::string_view value, std::string_view*& kept);
  void ReadTimeout(std::string_view value);
  void KeepDecisive(std::string_view name, std::string_view value);

  HeaderBlock passed_on_;
  size_t size_ = 0;
  size_t passed_size_ = 0;
  std::vector<std::pair<std::string, std::string>> decisive_;
  // Views into passed_on_.
  std::string_view method_;
  std::string_view path_;
  std::string_view content_type_;
  std::string_view authorization_;
  std::string_view request_id_;
  char traceparent_[55] = {};
  uint8_t traceparent_size_ = 0;
  absl::Duration timeout_ = absl::InfiniteDuration();
  bool is_grpc_ = true;
  bool has_content_type_ = false;
  bool has_authority_ = false;
  bool bad_scheme_ = false;
  bool compresses_ = false;
  bool bad_timeout_ = false;
  int authorizations_ = 0;
  std::string forwarded_;
  std::string forwarded_for_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_CALLS_REQUEST_HEAD_H_
