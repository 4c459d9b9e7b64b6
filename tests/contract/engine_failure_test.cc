// The store goes away and comes back.

#include "common/testing/postgres.h"
#include "tests/contract/membership_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {
namespace {

using testing::HasReason;
using ::testing::SizeIs;
using testing::WatchReader;

constexpr char kBody[] = "body { kind: TASK_FORCE display_name: 'Task force' } ";

class FailureTest : public ::testing::Test {
 protected:
  FailureTest() : clock_(absl::FromUnixSeconds(1714640400)) {}
  void SetUp() override {
    auto server = testing::ThrowawayPostgres::Create();
    ASSERT_OK(server);
    server_ = *std::move(server);
    const auto url = server_->CreateDatabase();
    ASSERT_OK(url);
    auto database = storage::Database::Open(*url, {});
    ASSERT_OK(database);
    service_ = std::make_unique<Service>(*std::move(database), clock_);
  }
  absl::Status Try(const std::string& method, const std::string& request) {
    return service_->CallText(Secretariat(), method, request).status();
  }

  FakeClock clock_;
  std::unique_ptr<testing::ThrowawayPostgres> server_;
  std::unique_ptr<Service> service_;
};

TEST_F(FailureTest, AServerThatDiesIsUnavailableUntilItIsBack) {
  WatchReader reader(*service_, Secretariat());
  ASSERT_OK(Try("CreateBody", std::string("body_id: 'a' ") + kBody));
  ASSERT_OK(server_->Kill());
  const std::string id = "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c11' body_id: 'b' ";
  EXPECT_THAT(Try("CreateBody", id + kBody), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(Try("GetBody", "name: 'bodies/a'"),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  EXPECT_THAT(Try("ListChanges", ""), HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));
  common::v1::WatchChangesRequest from_start;
  from_start.set_from_start(true);
  EXPECT_THAT(service_->Watch(Secretariat(), from_start).status(),
              HasReason(api::v1::Error::TEMPORARILY_UNAVAILABLE));

  ASSERT_OK(server_->Start());
  EXPECT_THAT(Try("GetBody", "name: 'bodies/b'"), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  ASSERT_OK(Try("CreateBody", id + kBody));
  const auto changes = reader.ReadThrough("bodies/b");
  ASSERT_OK(reader.status());
  EXPECT_THAT(changes, SizeIs(2));
}

TEST_F(FailureTest, ReadsOutliveARestart) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_OK(Try("CreateBody", absl::StrCat("body_id: '", id, "' ", std::string(kBody))));
  }
  ASSERT_OK(server_->Stop());
  ASSERT_OK(server_->Start());
  // The connections are dead, and nothing is told twice by reading again on a new one.
  const auto page = service_->CallText(Secretariat(), "ListBodies", "");
  ASSERT_OK(page);
  EXPECT_THAT(static_cast<const v1::ListBodiesResponse&>(**page).bodies(), SizeIs(3));
}

}  // namespace
}  // namespace baliprocess::membership
