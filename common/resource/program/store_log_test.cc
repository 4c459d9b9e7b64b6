#include "common/resource/program/store_log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

using ::testing::HasSubstr;

TEST(StoreLogTest, SaysOnceThatNobodyListensAndThatItDoesAgain) {
  std::string text;
  telemetry::Logging logging({.write = [&](std::string_view lines) { text.append(lines); }});
  StoreLog log(absl::Seconds(1), std::make_shared<storage::StoreNumbers>());
  log.Listened(absl::OkStatus());
  for (int i = 0; i < 100; ++i) log.Listened(absl::UnavailableError("no server"));
  log.Listened(absl::OkStatus());
  log.SayCounts();
  logging.Flush();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
  EXPECT_THAT(text, HasSubstr("aren't heard of"));
  EXPECT_THAT(text, HasSubstr(R"("error":"no server")"));
  EXPECT_THAT(text, HasSubstr("are heard of again"));
  EXPECT_THAT(text, HasSubstr(R"("failed_listens":100)"));
}

}  // namespace
}  // namespace baliprocess::resource
