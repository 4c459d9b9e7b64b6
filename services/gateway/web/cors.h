// Which pages of other origins may read replies (CORS, of the Fetch standard). None, unless the
// operator lists their origins. Credentials of the browser are never asked for: callers send
// tokens.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_CORS_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_CORS_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/calls/request_head.h"
#include "services/gateway/web/text_fields.h"

namespace baliprocess::gateway {

class Cors {
 public:
  // Origins as browsers send them, such as `https://desk.example.org`; `*` is every origin.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  // The fields of every reply to this request. None when the request names no origin that is
  // listed.
  TextFields FieldsOf(const RequestHead& head) const;

  // Whether a page asks by OPTIONS whether it may send a request.
  static bool IsPreflight(const RequestHead& head);

  // The fields of the answer to that, beside those of every reply. `methods` are those of the path,
  // such as `GET, HEAD`.
  TextFields PreflightFieldsOf(const RequestHead& head, std::string_view methods) const;

 private:
  bool Lists(std::string_view origin) const;

  const std::vector<std::string> origins_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_CORS_H_
