// Until when the certificates of a process are good.

#ifndef BALIPROCESS_COMMON_TELEMETRY_CERTIFICATE_EXPIRY_H_
#define BALIPROCESS_COMMON_TELEMETRY_CERTIFICATE_EXPIRY_H_

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/clock.h"
#include "common/telemetry/operators.h"

namespace baliprocess::telemetry {

// From when until when a certificate is good.
struct CertificateTerm {
  absl::Time begin = absl::UnixEpoch();
  absl::Time end = absl::UnixEpoch();
};

// The term of the certificate in a PEM text that ends first. INVALID_ARGUMENT when there is none,
// or one that is damaged.
absl::StatusOr<CertificateTerm> FirstTermIn(const std::string& pem);

// Shows the terms of the certificates of some PEM files, and warns in the log of those that end
// soon: when it starts, and each day.
class CertificateExpiry final : public Inspected {
 public:
  // Empty paths are left out. `soon`: how long before the end. The files are looked at when it
  // starts, and `every` so often. The clock outlives this object.
  CertificateExpiry(const std::vector<std::string>& files, absl::Duration soon, const Clock& clock,
                    absl::Duration every = absl::Seconds(10));
  ~CertificateExpiry() override;

  // --certificate_warning.
  static absl::Duration SoonFromFlags();

  void AddMetrics(Families& families) const override;

 private:
  void LookAgain();
  void Warn(const std::map<std::string, CertificateTerm>& terms, absl::Time now) const;

  const absl::Duration soon_;
  const absl::Duration every_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, CertificateTerm> terms_;  // by file; the epoch: unknown
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_CERTIFICATE_EXPIRY_H_
