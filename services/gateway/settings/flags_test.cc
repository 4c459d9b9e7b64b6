// What the flag --upstream accepts.

#include "services/gateway/settings/flags.h"

#include <gmock/gmock.h>

#include "common/testing/matchers.h"

namespace baliprocess::gateway {
namespace {

using ::testing::ElementsAre;

TEST(ParseUpstreamsTest, ReadsServicesAndTheirAddresses) {
  ASSERT_OK_AND_ASSIGN(const auto services,
                       ParseUpstreams("membership=a:1+[::1]:2,meetings=unix:/run/m.sock"));
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].service, "membership");
  EXPECT_THAT(services[0].addresses, ElementsAre("a:1", "[::1]:2"));
  EXPECT_EQ(services[1].service, "meetings");
  EXPECT_THAT(services[1].addresses, ElementsAre("unix:/run/m.sock"));
}

TEST(ParseUpstreamsTest, RefusesWhatIsIncomplete) {
  for (const char* text : {"", " ", "membership", "membership=", "=a:1", "membership=a:1,x"}) {
    EXPECT_FALSE(ParseUpstreams(text).ok()) << text;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
