#include "common/telemetry/certificate_expiry.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>

#include "absl/flags/flag.h"

#include "common/base/read_file.h"
#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

ABSL_FLAG(absl::Duration, certificate_warning, absl::Hours(14 * 24),
          "How long before a certificate of this process ends the log warns of it, each day.");

namespace baliprocess::telemetry {
namespace {

constexpr absl::Duration kBetweenWarnings = absl::Hours(24);

// Of a file; the epoch when there is none that can be read.
CertificateTerm TermOf(const std::string& path) {
  const absl::StatusOr<std::string> pem = ReadFile(path);
  return pem.ok() ? FirstTermIn(*pem).value_or(CertificateTerm()) : CertificateTerm();
}

// InfiniteFuture when it isn't a time.
absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfiniteFuture();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<CertificateTerm> FirstTermIn(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  CertificateTerm first = {.begin = absl::UnixEpoch(), .end = absl::InfiniteFuture()};
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    const CertificateTerm term = {.begin = TimeOf(X509_get0_notBefore(certificate)),
                                  .end = TimeOf(X509_get0_notAfter(certificate))};
    if (term.end < first.end) first = term;
    X509_free(certificate);
  }
  // Else something stands there that isn't a certificate.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return absl::InvalidArgumentError("has a damaged certificate");
  if (first.end == absl::InfiniteFuture()) return absl::InvalidArgumentError("has no certificate");
  return first;
}

CertificateExpiry::CertificateExpiry(const std::vector<std::string>& files, absl::Duration soon,
                                     const Clock& clock, absl::Duration every)
    : soon_(soon), every_(every), clock_(clock) {
  for (const std::string& file : files) {
    if (!file.empty()) terms_[file] = TermOf(file);
  }
  if (!terms_.empty()) thread_ = std::thread([this] { LookAgain(); });
}

CertificateExpiry::~CertificateExpiry() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::Duration CertificateExpiry::SoonFromFlags() {
  return absl::GetFlag(FLAGS_certificate_warning);
}

void CertificateExpiry::AddMetrics(Families& families) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  families.Gauge("bali_certificate_end_timestamp_seconds",
                 "When the first certificate of a file ends, since 1970; 0: there is none that can "
                 "be read.");
  for (const auto& [file, term] : terms_) {
    families.Add({{"file", file}}, static_cast<double>(absl::ToUnixSeconds(term.end)));
  }
  families.Gauge("bali_certificate_begin_timestamp_seconds",
                 "From when on the certificate is good that bali_certificate_end_timestamp_seconds "
                 "tells of.");
  for (const auto& [file, term] : terms_) {
    families.Add({{"file", file}}, static_cast<double>(absl::ToUnixSeconds(term.begin)));
  }
}

void CertificateExpiry::LookAgain() {
  absl::Time next_warning = absl::InfinitePast();
  std::unique_lock<std::mutex> lock(mutex_);
  do {
    // Files may be on a disk that hangs; whoever asks for numbers isn't to wait for it.
    std::map<std::string, CertificateTerm> terms = terms_;
    lock.unlock();
    for (auto& [file, term] : terms) term = TermOf(file);
    const absl::Time now = clock_.Now();
    if (now >= next_warning) {
      Warn(terms, now);
      next_warning = now + kBetweenWarnings;
    }
    lock.lock();
    terms_ = std::move(terms);
  } while (
      !changed_.wait_for(lock, absl::ToChronoNanoseconds(every_), [this] { return stopped_; }));
}

void CertificateExpiry::Warn(const std::map<std::string, CertificateTerm>& terms,
                             absl::Time now) const {
  for (const auto& [file, term] : terms) {
    if (term.end == absl::UnixEpoch()) continue;  // whoever uses the file says so
    const absl::Duration left = term.end - now;
    if (left > soon_) continue;
    Log(Level::kWarn, "files",
        left > absl::ZeroDuration() ? "a certificate ends soon" : "a certificate has ended")
        .Field("path", std::string_view(file))
        .Field("end", std::string_view(
                          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", term.end, absl::UTCTimeZone())));
  }
}

}  // namespace baliprocess::telemetry
