// What a clock that is wrong for a while does to what is kept: nothing.

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kId[] = "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c11' ";
constexpr absl::Duration kRetention = absl::Hours(24 * 365);

class ClockTest : public MembershipTest {
 protected:
  ClockTest() { Start(); }

  void Start() {
    service_.reset();
    service_ = std::make_unique<Service>(store_.Open(), clock_, kRetention);
  }

  // A body with a reply that is kept; without its own, AddBody and its kin.
  absl::StatusOr<v1::Body> Create() {
    return Call<v1::Body>(
        "CreateBody", absl::StrCat(kId, "body { kind: TASK_FORCE display_name: 'Task force' }"));
  }
};
INSTANTIATE_ON_ENGINES(ClockTest);

TEST_P(ClockTest, NothingIsRemovedWhileItIsAhead) {
  ASSERT_OK_AND_ASSIGN(const v1::Body first, Create());
  clock_.Advance(absl::Minutes(11));
  clock_.Set(absl::Hours(9000));
  for (int minute = 0; minute < 59; ++minute) {
    ASSERT_OK(service_->engine().KeepHouse());
    clock_.Advance(absl::Minutes(1));
  }
  clock_.Set(-absl::Hours(9000));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const v1::Body again, Create());
  EXPECT_EQ(again.name(), first.name());
  // Time that passes does remove.
  clock_.Advance(absl::Hours(9000));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const v1::Body other, Create());
  EXPECT_NE(other.name(), first.name());
}

TEST_P(ClockTest, ATimeThatItHasStoodAtForAnHourIsBelieved) {
  ASSERT_OK(Create());
  clock_.Set(absl::Hours(9000));
  ASSERT_OK(service_->engine().KeepHouse());
  clock_.Advance(absl::Hours(1));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(ClockTest, NothingIsRemovedInTheFirstMinutes) {
  ASSERT_OK(Create());
  clock_.Advance(absl::Hours(9000));
  Start();
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), SizeIs(1));
  clock_.Advance(absl::Minutes(10));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(ClockTest, AtTheStartItMustNotBeBehindTheStore) {
  ASSERT_OK(Create());
  clock_.Advance(kRetention + absl::Minutes(20));
  AddBody("b");  // now
  clock_.Set(-absl::Minutes(5));
  Start();
  clock_.Advance(absl::Minutes(59));
  clock_.Set(-absl::Minutes(59));  // and there it stays
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), SizeIs(2));
  clock_.Set(absl::Minutes(64));
  ASSERT_OK(service_->engine().KeepHouse());
  EXPECT_THAT(Changes(), SizeIs(1));
}

TEST_P(ClockTest, TimesOfAResourceNeverGoBack) {
  v1::Body body = AddBody("a");
  const auto expect_later = [&](const v1::Body& now) {
    EXPECT_GE(now.update_time(), now.create_time());
    EXPECT_GE(now.update_time(), body.update_time());
    body = now;
  };
  clock_.Set(-absl::Hours(1));
  const auto update = [&](std::string_view name) {
    return Call<v1::Body>("UpdateBody",
                          absl::StrCat("body { name: 'bodies/a' display_name: '", std::string(name),
                                       "' } update_mask { paths: 'display_name' }"));
  };
  ASSERT_OK_AND_ASSIGN(const v1::Body updated, update("B"));
  expect_later(updated);
  ASSERT_OK_AND_ASSIGN(const v1::Body deleted, Call<v1::Body>("DeleteBody", "name: 'bodies/a'"));
  expect_later(deleted);
  EXPECT_EQ(deleted.delete_time(), deleted.update_time());
  clock_.Set(-absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(const v1::Body back, Call<v1::Body>("UndeleteBody", "name: 'bodies/a'"));
  expect_later(back);
  clock_.Set(absl::Hours(3));
  ASSERT_OK_AND_ASSIGN(const v1::Body later, update("C"));
  EXPECT_EQ(TimeUtil::TimestampToMicroseconds(later.update_time()),
            absl::ToUnixMicros(clock_.Now()));
}

}  // namespace
}  // namespace baliprocess::membership
