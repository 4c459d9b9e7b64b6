#include "services/gateway/web/cors.h"

#include <algorithm>

namespace baliprocess::gateway {
namespace {

// What a page may read of a reply's head.
constexpr char kExposed[] =
    "content-disposition, content-range, etag, grpc-message, grpc-previous-rpc-attempts, "
    "grpc-status, "
    "grpc-status-details-bin, retry-after, x-bali-position";

// How long a browser may remember the answer, in seconds. Browsers have maxima of their own.
constexpr char kMaxAge[] = "7200";

}  // namespace

bool Cors::Lists(std::string_view origin) const {
  return !origin.empty() && std::any_of(origins_.begin(), origins_.end(), [&](const auto& listed) {
    return listed == "*" || listed == origin;
  });
}

TextFields Cors::FieldsOf(const RequestHead& head) const {
  // Caches must not give one origin's reply to another.
  if (origins_.empty()) return {};
  TextFields fields = {{"vary", "origin"}};
  const std::string_view origin = head.Find("origin");
  if (!Lists(origin)) return fields;
  fields.emplace_back("access-control-allow-origin", origin);
  fields.emplace_back("access-control-expose-headers", kExposed);
  return fields;
}

bool Cors::IsPreflight(const RequestHead& head) {
  return head.method() == "OPTIONS" && !head.Find("origin").empty() &&
         !head.Find("access-control-request-method").empty();
}

// Which fields a page sends is its own business: what mustn't go on is dropped, whoever sends it.
TextFields Cors::PreflightFieldsOf(const RequestHead& head, std::string_view methods) const {
  if (!Lists(head.Find("origin"))) return {};
  TextFields fields = {{"access-control-allow-methods", std::string(methods)},
                       {"access-control-max-age", kMaxAge}};
  const std::string_view asked = head.Find("access-control-request-headers");
  if (!asked.empty()) fields.emplace_back("access-control-allow-headers", asked);
  return fields;
}

}  // namespace baliprocess::gateway
