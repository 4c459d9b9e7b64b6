#include "common/telemetry/certificate_expiry.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/flags/flag.h"

#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

ABSL_FLAG(absl::Duration, certificate_warning, absl::Hours(14 * 24),
          "How long before a certificate of this process ends the log warns of it, each day.");

namespace baliprocess::telemetry {
namespace {

constexpr absl::Duration kBetweenWarnings = absl::Hours(24);

absl::StatusOr<std::string> ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad() || !file.is_open()) return absl::NotFoundError(path + ": can't be read");
  return content;
}

absl::StatusOr<absl::Time> EndOf(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem, ContentOf(path));
  return FirstEndIn(pem);
}

}  // namespace

absl::StatusOr<absl::Time> FirstEndIn(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  absl::Time first = absl::InfiniteFuture();
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    std::tm end = {};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1) {
      first = std::min(first, absl::FromTM(end, absl::UTCTimeZone()));
    }
    X509_free(certificate);
  }
  ERR_clear_error();
  if (first == absl::InfiniteFuture()) return absl::InvalidArgumentError("has no certificate");
  return first;
}

CertificateExpiry::CertificateExpiry(const std::vector<std::string>& files, absl::Duration soon,
                                     const Clock& clock)
    : soon_(soon), clock_(clock) {
  for (const std::string& file : files) {
    const bool known = std::find(files_.begin(), files_.end(), file) != files_.end();
    if (!file.empty() && !known) files_.push_back(file);
  }
  if (!files_.empty()) thread_ = std::thread([this] { WarnDaily(); });
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
  families.Gauge("bali_certificate_end_timestamp_seconds",
                 "When the first certificate of a file ends, since 1970; 0: it can't be read.");
  for (const std::string& file : files_) {
    const absl::StatusOr<absl::Time> end = EndOf(file);
    families.Add({{"file", file}}, end.ok() ? static_cast<double>(absl::ToUnixSeconds(*end)) : 0);
  }
}

void CertificateExpiry::WarnDaily() {
  std::unique_lock<std::mutex> lock(mutex_);
  do {
    lock.unlock();
    Warn();
    lock.lock();
  } while (!changed_.wait_for(lock, absl::ToChronoNanoseconds(kBetweenWarnings),
                              [this] { return stopped_; }));
}

void CertificateExpiry::Warn() const {
  for (const std::string& file : files_) {
    const absl::StatusOr<absl::Time> end = EndOf(file);
    if (!end.ok()) continue;  // whoever uses the file says so
    const absl::Duration left = *end - clock_.Now();
    if (left > soon_) continue;
    Log(Level::kWarn, "files",
        left > absl::ZeroDuration() ? "a certificate ends soon" : "a certificate has ended")
        .Field("path", std::string_view(file))
        .Field("end",
               std::string_view(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *end, absl::UTCTimeZone())));
  }
}

}  // namespace baliprocess::telemetry
