#include "common/auth/fetch.h"

#include <curl/curl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baliprocess::auth {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr long kConnectMillis = 2000;
constexpr long kTotalMillis = 5000;

// libcurl's write callback: taking less than offered ends the transfer.
size_t Append(char* data, size_t, size_t size, void* target) {
  auto* body = static_cast<std::string*>(target);
  if (body->size() + size > kMaxBytes) return 0;
  body->append(data, size);
  return size;
}

absl::StatusOr<std::string> FetchUrl(const std::string& url) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  if (initialised != CURLE_OK || !curl) return absl::InternalError("libcurl can't be initialised");
  std::string body;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectMillis);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kTotalMillis);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(result));
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (code != 200) return absl::UnavailableError(absl::StrCat("the answer is HTTP ", code));
  return body;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return absl::ErrnoToStatus(errno, "can't be opened");
  std::string body;
  std::array<char, 4096> part;
  while (body.size() <= kMaxBytes) {
    const size_t size = std::fread(part.data(), 1, part.size(), file.get());
    if (size == 0) break;
    body.append(part.data(), size);
  }
  if (std::ferror(file.get())) return absl::ErrnoToStatus(errno, "can't be read");
  if (body.size() > kMaxBytes) return absl::ResourceExhaustedError("larger than 1 MiB");
  return body;
}

}  // namespace

bool IsUrl(std::string_view source) {
  const absl::string_view text(source.data(), source.size());
  return absl::StartsWithIgnoreCase(text, "http://") ||
         absl::StartsWithIgnoreCase(text, "https://");
}

absl::StatusOr<std::string> Fetch(const std::string& source) {
  return IsUrl(source) ? FetchUrl(source) : ReadFile(source);
}

}  // namespace baliprocess::auth
