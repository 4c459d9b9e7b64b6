#include "common/resource/query/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using testing::HasReason;

const Sealer& TestSealer() {
  static const Sealer sealer(std::string(Sealer::kKeySize, 'k'));
  return sealer;
}

TEST(SealerTest, OpensWhatItSealed) {
  for (const std::string& plain : {std::string(), std::string("key"), std::string(1000, '\0')}) {
    for (const std::string_view context : {"", "ListSeats"}) {
      ASSERT_OK_AND_ASSIGN(const std::string opened,
                           TestSealer().Open(TestSealer().Seal(plain, context), context));
      EXPECT_EQ(opened, plain);
    }
  }
}

TEST(SealerTest, TokensAreUrlSafeAndNeverTheSame) {
  const std::string token = TestSealer().Seal("members/aus", "q");
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_NE(TestSealer().Seal("members/aus", "q"), token);
}

TEST(SealerTest, RefusesAnotherContext) {
  const std::string token = TestSealer().Seal("key", "ListSeats caller-a");
  EXPECT_THAT(TestSealer().Open(token, "ListSeats caller-b"),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(TestSealer().Open(token, ""), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST(SealerTest, RefusesAnotherKey) {
  const Sealer other(std::string(Sealer::kKeySize, 'x'));
  EXPECT_THAT(other.Open(TestSealer().Seal("key", "q"), "q"),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST(SealerTest, OpensWhatAnyOfItsKeysHasSealed) {
  Sealer sealer("first");
  const std::string before = sealer.Seal("key", "q");
  sealer.SetKeys({"first", "second"}, 0);
  const std::string meanwhile = sealer.Seal("key", "q");
  sealer.SetKeys({"first", "second"}, 1);
  const std::string after = sealer.Seal("key", "q");
  for (const std::string& token : {before, meanwhile, after}) EXPECT_OK(sealer.Open(token, "q"));
  const Sealer first("first");
  EXPECT_OK(first.Open(meanwhile, "q"));
  EXPECT_FALSE(first.Open(after, "q").ok());
  sealer.SetKeys({"second"}, 0);
  EXPECT_THAT(sealer.Open(before, "q"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_OK(sealer.Open(after, "q"));
}

TEST(SealerTest, RefusesAnyDamage) {
  const std::string token = TestSealer().Seal("members/aus", "q");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(TestSealer().Open(damaged, "q"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN))
        << i;
    EXPECT_THAT(TestSealer().Open(token.substr(0, i), "q"),
                HasReason(api::v1::Error::INVALID_PAGE_TOKEN))
        << i;
  }
  for (const std::string& other : {token + "=", token + "A", token + "\n", " " + token}) {
    EXPECT_THAT(TestSealer().Open(other, "q"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN))
        << other;
  }
}

TEST(SealerTest, RefusesNonsenseAndLengthWithoutReadingIt) {
  EXPECT_THAT(TestSealer().Open("", "q"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(TestSealer().Open("next", "q"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(TestSealer().Open("!!!", "q"), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(TestSealer().Open(TestSealer().Seal(std::string(3000, 'x'), "q"), "q"),
              HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST(SealerTest, TakesKeysOfAnyLength) {
  const Sealer sealer("a passphrase");
  EXPECT_OK(sealer.Open(sealer.Seal("key", "q"), "q"));
}

}  // namespace
}  // namespace baliprocess::resource
