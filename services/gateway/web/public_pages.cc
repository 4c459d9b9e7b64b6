#include "services/gateway/web/public_pages.h"

#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/embedded_files.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "services/gateway/web/grpc_status.h"
#include "services/gateway/web/gzip.h"
#include "services/gateway/web/http_request.h"
#include "services/gateway/web/media.h"
#include "services/gateway/web/reply_bytes.h"

namespace baliprocess::gateway {
namespace {

constexpr std::string_view kDocs = "/docs";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

// Swagger UI runs with this and no more: it shows icons from `data:` addresses in its style sheet,
// and asks the gateway alone.
constexpr char kDocsPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr char kNothingPolicy[] = "default-src 'none'; frame-ancestors 'none'";

// By the end of the path; /docs has none.
std::string_view TypeOf(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTypes = {{
      {".json", "application/json"},
      {".binpb", "application/x-protobuf"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".png", "image/png"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return kHtml;
}

LocalAnswer RedirectTo(const PublicPage& page) {
  return {.http_status = 302,
          .fields = {{"location", std::string(page.location)}, {"cache-control", "no-cache"}},
          .body = nullptr,
          .page = page.path};
}

}  // namespace

PublicPages::PublicPages(bool served) {
  if (!served) return;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    pages_[file.path] = {.path = file.path,
                         .location = {},
                         .type = TypeOf(file.path),
                         .gzip = file.gzip,
                         .sha256 = ToHex(Sha256(file.gzip))};
  }
  for (const std::string_view path : {"/", "/docs/"}) {
    pages_[path] = {.path = path, .location = kDocs, .type = {}, .gzip = {}, .sha256 = {}};
  }
}

const PublicPage* PublicPages::Find(std::string_view path) const {
  const auto found = pages_.find(path);
  return found == pages_.end() ? nullptr : &found->second;
}

LocalAnswer AnswerOf(const PublicPage& page, const RequestHead& head) {
  if (!page.location.empty()) return RedirectTo(page);
  const bool packed = AcceptsGzip(head.passed_on().FindList("accept-encoding"));
  LocalAnswer answer;
  answer.page = page.path;
  // A tag for the contents, whether packed or not, is a weak one (RFC 9110 8.8.1). A program of
  // another version has other contents: caches ask each time, and mostly get 304.
  answer.fields = {{"content-type", std::string(page.type)},
                   {"cache-control", "no-cache"},
                   {"etag", absl::StrCat("W/\"", page.sha256, "\"")},
                   {"vary", "accept-encoding"},
                   {"x-content-type-options", "nosniff"},
                   {"referrer-policy", "no-referrer"},
                   {"content-security-policy", page.type == kHtml ? kDocsPolicy : kNothingPolicy}};
  if (MatchesAny(head.passed_on().FindList("if-none-match"), page.sha256)) {
    answer.http_status = 304;
    return answer;
  }
  if (packed) {
    answer.fields.emplace_back("content-encoding", "gzip");
    answer.body = std::make_unique<LastingBytes>(page.gzip);
  } else {
    answer.body = UnpackedBytes::Of(page.gzip);
  }
  if (answer.body != nullptr) return answer;
  return ErrorAnswer(503, Error(api::v1::Error::OVERLOADED, "there is no memory for this page"));
}

}  // namespace baliprocess::gateway
