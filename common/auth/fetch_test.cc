#include "common/auth/fetch.h"

#include <gmock/gmock.h>

#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(CheckUrlTest, HttpsEverywhereAndHttpHere) {
  for (const char* url :
       {"https://login.example.org/keys", "HTTPS://login.example.org", "http://127.0.0.1:8080/keys",
        "http://localhost/keys", "http://[::1]:80/"}) {
    EXPECT_OK(CheckUrl(url)) << url;
  }
  for (const char* url : {"http://login.example.org/keys", "http://127.0.0.1@example.org/",
                          "http://127.0.0.1.example.org/", "http://10.0.0.1/", "http://", ""}) {
    EXPECT_FALSE(CheckUrl(url).ok()) << url;
  }
}

TEST(FreshForTest, ReadsMaxAge) {
  EXPECT_THAT(FreshFor("max-age=600", ""), Optional(Eq(absl::Minutes(10))));
  EXPECT_THAT(FreshFor("public, Max-Age=600 , must-revalidate", "60"),
              Optional(Eq(absl::Minutes(9))));
  EXPECT_THAT(FreshFor("max-age=60", "600"), Optional(Eq(absl::ZeroDuration())));
  EXPECT_THAT(FreshFor("no-store, max-age=600", ""), Optional(Eq(absl::ZeroDuration())));
  EXPECT_THAT(FreshFor("no-cache", ""), Optional(Eq(absl::ZeroDuration())));
  EXPECT_EQ(FreshFor("", "5"), std::nullopt);
  EXPECT_EQ(FreshFor("public, max-age=soon, s-maxage=7", ""), std::nullopt);
}

}  // namespace
}  // namespace baliprocess::auth
