#include "services/gateway/settings/sign_in.h"

#include <gtest/gtest.h>

namespace baliprocess::gateway {
namespace {

TEST(SignInTest, WithoutAClientNobodySignsIn) {
  const auto none = SignInAt({"https://login.example.org"}, "");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->issuer, "");
  EXPECT_EQ(none->origin, "");
}

TEST(SignInTest, ItIsTheFirstIssuer) {
  const auto sign_in = SignInAt({"https://login.example.org/realm", "https://other.org"}, "suite");
  ASSERT_TRUE(sign_in.ok());
  EXPECT_EQ(sign_in->issuer, "https://login.example.org/realm");
  EXPECT_EQ(sign_in->origin, "https://login.example.org");
  EXPECT_EQ(sign_in->client_id, "suite");
}

TEST(SignInTest, PlainHttpIsForThisMachine) {
  for (const char* issuer : {"http://127.0.0.1:8080", "http://localhost:8080/realm",
                             "http://localhost", "http://[::1]:8080/"}) {
    EXPECT_TRUE(SignInAt({issuer}, "suite").ok()) << issuer;
  }
  EXPECT_EQ(SignInAt({"http://[::1]:8080/"}, "suite")->origin, "http://[::1]:8080");
}

// The origin becomes part of a policy.
TEST(SignInTest, WhatIsNoUrlOfAProviderIsRefused) {
  for (const char* issuer :
       {"", "login", "http://login.example.org", "https://", "https:///realm",
        "https://a; script-src *", "https://a b/", "https://u@a/", "https://a*/",
        "http://localhost.example.org", "http://127.0.0.1.example.org", "ftp://a/"}) {
    const auto refused = SignInAt({issuer}, "suite");
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << issuer;
  }
  EXPECT_EQ(SignInAt({}, "suite").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baliprocess::gateway
