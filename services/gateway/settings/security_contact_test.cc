#include "services/gateway/settings/security_contact.h"

#include <gtest/gtest.h>

namespace baliprocess::gateway {
namespace {

TEST(SecurityContactTest, ThePageSaysWhereToReport) {
  const auto contact =
      SecurityContactAt({"mailto:security@example.org", "https://example.org/report?by=form"},
                        "https://suite.example.org:8443");
  ASSERT_TRUE(contact.ok()) << contact.status();
  EXPECT_EQ(SecurityText(*contact, absl::FromUnixSeconds(0)),
            "Contact: mailto:security@example.org\n"
            "Contact: https://example.org/report?by=form\n"
            "Expires: 1970-12-31T00:00:00Z\n"
            "Preferred-Languages: en\n"
            "Canonical: https://suite.example.org:8443/.well-known/security.txt\n");
}

TEST(SecurityContactTest, WithoutAnAddressThePageDoesNotNameItself) {
  const auto contact = SecurityContactAt({"tel:+61-2-5550-0123"}, "");
  ASSERT_TRUE(contact.ok()) << contact.status();
  EXPECT_EQ(SecurityText(*contact, absl::FromUnixSeconds(0)),
            "Contact: tel:+61-2-5550-0123\n"
            "Expires: 1970-12-31T00:00:00Z\n"
            "Preferred-Languages: en\n");
}

TEST(SecurityContactTest, NobodyIsNamedByItself) {
  const auto contact = SecurityContactAt({}, "");
  ASSERT_TRUE(contact.ok());
  EXPECT_TRUE(contact->contacts.empty());
}

TEST(SecurityContactTest, WhatIsNoContactIsRefused) {
  for (const char* contact :
       {"", "security@example.org", "mailto:", "https://", "http://example.org",
        "tel:", "mailto:a@example.org\nContact: mailto:b@example.org", "mailto:a b@example.org",
        "mailto:\xC3\xA9@example.org"}) {
    const auto refused = SecurityContactAt({"mailto:a@example.org", contact}, "");
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << contact;
    EXPECT_EQ(refused.status().message().find("--security_contact: "), 0u) << contact;
  }
}

TEST(SecurityContactTest, WhatIsNoAddressOfAGatewayIsRefused) {
  for (const char* url : {"suite.example.org", "http://suite.example.org", "http://localhost",
                          "https://", "https://suite.example.org/", "https://a b",
                          "https://suite.example.org/v1", "https://a\nContact: b"}) {
    const auto refused = SecurityContactAt({"mailto:a@example.org"}, url);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_EQ(refused.status().message().find("--public_url: "), 0u) << url;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
