#include "services/gateway/web/public_pages.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

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
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kAssets = "/assets/";
constexpr std::string_view kDocument = "/index.html";
constexpr std::string_view kSecurity = "/.well-known/security.txt";
constexpr size_t kMostOfDocument = 1 << 20;

// A file of this name is new whenever its contents are.
constexpr std::string_view kForGood = "public, max-age=31536000, immutable";

// The first parts of the addresses of the record's pages: web/pages/index.js has what is behind
// them.
constexpr std::array<std::string_view, 13> kRecord = {
    "",         "actionItems", "bodies", "calendar", "decisions", "figures", "history",
    "meetings", "members",     "now",    "search",   "sign-in",   "unknown"};

// Swagger UI runs with this and no more, and so do the pages of the record: both show icons from
// `data:` addresses in their style sheets, and ask the gateway alone.
constexpr char kDocsPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr char kNothingPolicy[] = "default-src 'none'; frame-ancestors 'none'";

// By the end of the path; /docs has none.
std::string_view TypeOf(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTypes = {{
      {".json", kJson},
      {".binpb", "application/x-protobuf"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return kHtml;
}

// Who signs in asks the provider, too. What the record says can't become a script: the pages write
// no markup.
std::string RecordPolicy(const SignIn& sign_in) {
  const std::string also = sign_in.origin.empty() ? "" : absl::StrCat(" ", sign_in.origin);
  return absl::StrCat(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
      "connect-src 'self'",
      also,
      "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
      "require-trusted-types-for 'script'");
}

std::string SettingsOf(const SignIn& sign_in) {
  nlohmann::json settings = {{"rolesClaim", sign_in.roles_claim},
                             {"memberClaim", sign_in.member_claim}};
  if (!sign_in.issuer.empty()) {
    settings["signIn"] = {
        {"issuer", sign_in.issuer}, {"clientId", sign_in.client_id}, {"scope", sign_in.scope}};
  }
  return settings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A name for the contents of all assets.
std::string HashOfAssets() {
  std::string all;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.path.starts_with(kAssets)) all.append(file.path).append(Sha256(file.gzip));
  }
  return ToHex(Sha256(all)).substr(0, 16);
}

LocalAnswer RedirectTo(const PublicPage& page) {
  return {.http_status = 302,
          .fields = {{"location", std::string(page.location)}, {"cache-control", "no-cache"}},
          .body = nullptr,
          .page = page.path};
}

}  // namespace

PublicPages::PublicPages(bool served, const SignIn& sign_in, const SecurityContact& security) {
  if (!security.contacts.empty()) {
    AddMade(kSecurity, TypeOf(kSecurity), SecurityText(security, absl::Now()), kNothingPolicy);
  }
  if (!served) return;
  AddFiles();
  AddRecord(sign_in);
  pages_["/docs/"] = {.path = "/docs/", .location = kDocs};
}

void PublicPages::AddFiles() {
  const std::string assets = std::string(kAssets) + HashOfAssets() + "/";
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    const bool asset = file.path.starts_with(kAssets);
    const std::string path =
        asset ? assets + std::string(file.path.substr(kAssets.size())) : std::string(file.path);
    const std::string_view type = TypeOf(file.path);
    pages_[path] = {.path = file.path,
                    .type = type,
                    .gzip = file.gzip,
                    .brotli = file.brotli,
                    .sha256 = ToHex(Sha256(file.gzip)),
                    .policy = type == kHtml ? kDocsPolicy : kNothingPolicy,
                    .caching = asset ? kForGood : "no-cache"};
  }
}

void PublicPages::AddMade(std::string_view path, std::string_view type, std::string contents,
                          std::string policy) {
  auto made = std::make_shared<std::string>(Gzip(contents).value_or(""));
  const std::string_view gzip = *made;
  pages_[std::string(path)] = {.path = path,
                               .type = type,
                               .gzip = gzip,
                               .made = std::move(made),
                               .sha256 = ToHex(Sha256(gzip)),
                               .policy = std::move(policy)};
}

// The document says where its scripts are.
void PublicPages::AddRecord(const SignIn& sign_in) {
  const auto file = pages_.find(kDocument);
  if (file == pages_.end()) return;  // of a program without pages
  const std::string document = Gunzip(file->second.gzip, kMostOfDocument).value_or("");
  AddMade(kDocument, kHtml,
          absl::StrReplaceAll(document, {{"@ASSETS@", std::string(kAssets) + HashOfAssets()}}),
          RecordPolicy(sign_in));
  AddMade("/settings.json", kJson, SettingsOf(sign_in), kNothingPolicy);
}

const PublicPage* PublicPages::Find(std::string_view path) const {
  const auto found = pages_.find(path);
  if (found != pages_.end()) return &found->second;
  if (!path.starts_with('/') || pages_.empty()) return nullptr;
  const std::string_view first = path.substr(1, path.find('/', 1) - 1);
  if (std::find(kRecord.begin(), kRecord.end(), first) == kRecord.end()) return nullptr;
  const auto document = pages_.find(kDocument);
  return document == pages_.end() ? nullptr : &document->second;
}

LocalAnswer AnswerOf(const PublicPage& page, const RequestHead& head) {
  if (!page.location.empty()) return RedirectTo(page);
  const std::string accepted = head.passed_on().FindList("accept-encoding");
  const std::string_view coding = page.brotli.empty() ? PreferredCoding(accepted, {"gzip"})
                                                      : PreferredCoding(accepted, {"br", "gzip"});
  LocalAnswer answer;
  answer.page = page.path;
  // A tag for the contents, whether packed or not, is a weak one (RFC 9110 8.8.1). A program of
  // another version has other contents: caches ask each time, and mostly get 304.
  answer.fields = {{"content-type", std::string(page.type)},
                   {"cache-control", std::string(page.caching)},
                   {"etag", absl::StrCat("W/\"", page.sha256, "\"")},
                   {"vary", "accept-encoding"},
                   {"x-content-type-options", "nosniff"},
                   {"referrer-policy", "no-referrer"},
                   {"content-security-policy", page.policy}};
  if (MatchesAny(head.passed_on().FindList("if-none-match"), page.sha256)) {
    answer.http_status = 304;
    return answer;
  }
  if (!coding.empty()) {
    answer.fields.emplace_back("content-encoding", coding);
    answer.body = std::make_unique<LastingBytes>(coding == "br" ? page.brotli : page.gzip);
  } else {
    answer.body = UnpackedBytes::Of(page.gzip);
  }
  if (answer.body != nullptr) return answer;
  return ErrorAnswer(503, Error(api::v1::Error::OVERLOADED, "there is no memory for this page"));
}

}  // namespace baliprocess::gateway
