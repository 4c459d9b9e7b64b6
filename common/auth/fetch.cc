#include "common/auth/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/loopback.h"
#include "common/base/read_file.h"
#include "common/base/status_macros.h"

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

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void SetBounds(CURL* curl) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMillis);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTotalMillis);
}

std::string_view HeaderOf(CURL* curl, const char* name) {
  curl_header* header = nullptr;
  if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return {};
  return header->value;
}

// A transfer from or to the URL, with its bounds set; what is received is appended to `body`.
absl::StatusOr<Curl> Begin(const std::string& url, const std::string& ca_file, std::string& body) {
  RETURN_IF_ERROR(CheckUrl(url));
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  Curl curl(curl_easy_init(), &curl_easy_cleanup);
  if (initialised != CURLE_OK || !curl) return absl::InternalError("libcurl can't be initialised");
  SetBounds(curl.get());
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  if (!ca_file.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_CAPATH, nullptr);  // else the system's would do as well
  }
  return curl;
}

// The code of the answer.
absl::StatusOr<long> Perform(CURL* curl) {
  const CURLcode result = curl_easy_perform(curl);
  if (result == CURLE_PEER_FAILED_VERIFICATION) {
    return absl::FailedPreconditionError(kCertificateRefused);
  }
  if (result == CURLE_URL_MALFORMAT || result == CURLE_SSL_CACERT_BADFILE) {
    return absl::FailedPreconditionError(curl_easy_strerror(result));
  }
  if (result != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(result));
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  return code;
}

absl::StatusOr<Fetched> FetchUrl(const std::string& url, const std::string& etag,
                                 const std::string& ca_file) {
  Fetched fetched;
  ASSIGN_OR_RETURN(const Curl curl, Begin(url, ca_file, fetched.body));
  const std::string condition = absl::StrCat("If-None-Match: ", etag);
  const CurlList fields(etag.empty() ? nullptr : curl_slist_append(nullptr, condition.c_str()),
                        &curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, fields.get());
  ASSIGN_OR_RETURN(const long code, Perform(curl.get()));
  fetched.unchanged = code == 304 && !etag.empty();
  if (code != 200 && !fetched.unchanged) {
    const std::string answer = absl::StrCat("the answer is HTTP ", code);
    const bool lasts = code >= 400 && code < 500 && code != 408 && code != 429;
    return lasts ? absl::FailedPreconditionError(answer) : absl::UnavailableError(answer);
  }
  fetched.etag = HeaderOf(curl.get(), "etag");
  fetched.fresh_for = FreshFor(HeaderOf(curl.get(), "cache-control"), HeaderOf(curl.get(), "age"));
  return fetched;
}

}  // namespace

bool IsUrl(std::string_view source) {
  const absl::string_view text(source.data(), source.size());
  return absl::StartsWithIgnoreCase(text, "http://") ||
         absl::StartsWithIgnoreCase(text, "https://");
}

absl::Status CheckUrl(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts(curl_url(), &curl_url_cleanup);
  char* host = nullptr;
  if (!parts || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parts.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) {
    return absl::InvalidArgumentError("isn't a URL");
  }
  const bool near = IsLoopback(absl::StrCat(host, ":0"));
  curl_free(host);
  if (near || absl::StartsWithIgnoreCase(url, "https://")) return absl::OkStatus();
  return absl::InvalidArgumentError("must be https://, unless it is of this machine");
}

std::string UrlEncode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

absl::StatusOr<Answer> PostForm(const std::string& url,
                                const std::vector<std::pair<std::string, std::string>>& fields,
                                const std::string& ca_file) {
  Answer answer;
  ASSIGN_OR_RETURN(const Curl curl, Begin(url, ca_file, answer.body));
  std::string form;
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&form, form.empty() ? "" : "&", UrlEncode(name), "=", UrlEncode(value));
  }
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, form.c_str());
  const CurlList head(curl_slist_append(nullptr, "Accept: application/json"), &curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, head.get());
  ASSIGN_OR_RETURN(const long code, Perform(curl.get()));
  answer.code = static_cast<int>(code);
  return answer;
}

std::optional<absl::Duration> FreshFor(std::string_view cache_control, std::string_view age) {
  std::optional<absl::Duration> fresh_for;
  for (absl::string_view directive :
       absl::StrSplit(absl::string_view(cache_control.data(), cache_control.size()), ',')) {
    directive = absl::StripAsciiWhitespace(directive);
    if (absl::EqualsIgnoreCase(directive, "no-store") ||
        absl::EqualsIgnoreCase(directive, "no-cache")) {
      return absl::ZeroDuration();
    }
    int64_t seconds = 0;
    if (absl::StartsWithIgnoreCase(directive, "max-age=") &&
        absl::SimpleAtoi(directive.substr(8), &seconds) && seconds >= 0) {
      fresh_for = absl::Seconds(seconds);
    }
  }
  int64_t old = 0;
  if (fresh_for && absl::SimpleAtoi(absl::string_view(age.data(), age.size()), &old)) {
    return std::max(absl::ZeroDuration(), *fresh_for - absl::Seconds(old));
  }
  return fresh_for;
}

absl::StatusOr<Fetched> Fetch(const std::string& source, const std::string& etag,
                              const std::string& ca_file) {
  if (IsUrl(source)) return FetchUrl(source, etag, ca_file);
  Fetched fetched;
  ASSIGN_OR_RETURN(fetched.body, ReadFile(source));
  return fetched;
}

}  // namespace baliprocess::auth
