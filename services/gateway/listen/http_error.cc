#include "services/gateway/listen/http_error.h"

#include "common/base/errors.h"

namespace baliprocess::gateway {

absl::Status ErrorOfHttp(int http_status, std::string_view what) {
  using Reason = api::v1::Error;
  switch (http_status) {
    case 408:
      return Error(Reason::DEADLINE_PASSED, what);
    case 413:
    case 431:
      return Error(Reason::TOO_LARGE, what);
    case 417:
    case 501:
    case 505:
      return Error(Reason::UNSUPPORTED_CALL, what);
    case 429:
      return Error(Reason::OVERLOADED, what);
    default:
      return Error(Reason::MALFORMED_REQUEST, what);
  }
}

}  // namespace baliprocess::gateway
