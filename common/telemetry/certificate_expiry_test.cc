#include "common/telemetry/certificate_expiry.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cmath>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

#include "common/testing/admin_client.h"
#include "common/testing/log_capture.h"
#include "common/testing/matchers.h"

namespace baliprocess::telemetry {
namespace {

using ::baliprocess::testing::LogCapture;
using ::baliprocess::testing::MessageHas;
using ::baliprocess::testing::Scrape;
using ::baliprocess::testing::Soon;

// A certificate that ends so many seconds from now, as PEM.
std::string CertificateFor(int64_t seconds) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), -100 * 86400L);
  X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(seconds));
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

std::string FileWith(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << content;
  return path;
}

constexpr absl::Duration kSoon = absl::Hours(14 * 24);

TEST(CertificateExpiryTest, TheFirstOfSeveralCertificatesCounts) {
  const auto term = FirstTermIn(CertificateFor(9000) + CertificateFor(3000) + CertificateFor(6000));
  ASSERT_OK(term);
  EXPECT_LT(absl::AbsDuration(term->end - absl::Now() - absl::Seconds(3000)), absl::Seconds(100));
  EXPECT_LT(absl::AbsDuration(absl::Now() - term->begin - absl::Hours(2400)), absl::Seconds(100));
  std::string damaged = CertificateFor(9000) + CertificateFor(3000);
  damaged.replace(damaged.size() - 60, 10, "!!!!!!!!!!");
  EXPECT_THAT(FirstTermIn(damaged), MessageHas("damaged"));
  EXPECT_EQ(FirstTermIn("nothing").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CertificateExpiryTest, TheEndIsANumberThatFollowsTheFile) {
  const std::string file = FileWith("shown.pem", CertificateFor(5000));
  const CertificateExpiry expiry({file, "", file, "/nowhere.pem"}, kSoon, Clock::System(),
                                 absl::Milliseconds(10));
  const Inspected process;
  ASSERT_OK_AND_ASSIGN(const auto operators,
                       Operators::Start({.listen = "127.0.0.1:0"}, {}, process));
  const auto shown = operators->Show(expiry);
  const auto end_of = [&](const std::string& path) {
    return Scrape(operators->port())
        .at(absl::StrCat("bali_certificate_end_timestamp_seconds{file=\"", path, "\"}"));
  };
  const double first = end_of(file);
  EXPECT_NEAR(first, static_cast<double>(absl::ToUnixSeconds(absl::Now())) + 5000, 100);
  EXPECT_EQ(end_of("/nowhere.pem"), 0);
  const auto begin =
      Scrape(operators->port())
          .at(absl::StrCat("bali_certificate_begin_timestamp_seconds{file=\"", file, "\"}"));
  EXPECT_NEAR(begin, static_cast<double>(absl::ToUnixSeconds(absl::Now())) - 8640000, 100);
  FileWith("shown.pem", CertificateFor(50000));
  EXPECT_TRUE(Soon([&] { return std::abs(end_of(file) - first - 45000) < 100; }));
}

TEST(CertificateExpiryTest, TheLogWarnsOfWhatEndsSoon) {
  LogCapture log;
  const std::string ended = FileWith("ended.pem", CertificateFor(-10));
  const std::string soon = FileWith("soon.pem", CertificateFor(13 * 86400));
  const std::string later = FileWith("later.pem", CertificateFor(15 * 86400));
  const CertificateExpiry expiry({ended, soon, later}, kSoon, Clock::System());
  EXPECT_TRUE(Soon([&] {
    return log.Count("a certificate has ended") == 1 && log.Count("a certificate ends soon") == 1;
  }));
  EXPECT_EQ(log.Count("later.pem"), 0);
}

}  // namespace
}  // namespace baliprocess::telemetry
