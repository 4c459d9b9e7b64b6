// What the change feed holds for its watchers is bounded, and so is what it looks through for one.

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "absl/strings/str_cat.h"

#include "common/resource/engine/feed_pages.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using common::v1::WatchChangesRequest;
using common::v1::WatchChangesResponse;
using resource::FeedPages;
using rpc::StreamSource;

class FeedTest : public MembershipTest {
 protected:
  absl::StatusOr<std::shared_ptr<const resource::FeedPage>> After(FeedPages& pages,
                                                                  resource::ChangePosition from) {
    return pages.After(Secretariat(), from);
  }
  const resource::Sealer sealer_{std::string(32, 'k')};
  telemetry::StateLog log_{{.component = "feed", .lost = "lost", .back = "back"}};
};
INSTANTIATE_ON_ENGINES(FeedTest);

TEST_P(FeedTest, KeepsSoManyPages) {
  AddBody("ahg");
  FeedPages pages(service_->database(), service_->engine().registry(), sealer_, log_, {.pages = 3});
  for (int i = 0; i < 10; ++i) {
    const auto caller = MemberOf(absl::StrCat("members/m", i));
    ASSERT_OK(pages.After(caller, {}).status());
    EXPECT_LE(pages.size(), 3);
  }
  // The last one that was read is kept.
  ASSERT_OK_AND_ASSIGN(const auto page, pages.After(MemberOf("members/m8"), {}));
  ASSERT_OK_AND_ASSIGN(const auto again, pages.After(MemberOf("members/m8"), {}));
  EXPECT_EQ(page, again);
}

TEST_P(FeedTest, KeepsPagesOfSoManyBytes) {
  v1::CreateBodyRequest request;
  request.mutable_body()->set_kind(v1::Body::TASK_FORCE);
  request.mutable_body()->set_mandate(std::string(5'000, 'm'));
  for (int i = 0; i < 100; ++i) {
    request.set_body_id(absl::StrCat("b", i));
    request.mutable_body()->set_display_name(request.body_id());
    ASSERT_OK(Call<v1::Body>("CreateBody", request));
  }
  FeedPages pages(service_->database(), service_->engine().registry(), sealer_, log_,
                  {.bytes = size_t{100} << 10});
  resource::ChangePosition from;
  size_t most = 0;
  for (bool last = false; !last;) {
    ASSERT_OK_AND_ASSIGN(const auto page, After(pages, from));
    from = page->through();
    last = page->last();
    most = std::max(most, pages.size());
  }
  EXPECT_LE(most, 2);  // each holds about 64 KiB
}

// A watch for which thousands of changes are hidden tells how far it is before it goes on: it holds
// no thread for as long as the log is.
TEST_P(FeedTest, AWatchTellsHowFarItIsAmongHiddenChanges) {
  AddState("aus", "AU");
  for (int i = 0; i < 22; ++i) {
    const std::string body = absl::StrCat("b", i);
    AddBody(body);
    std::string batch = absl::StrCat("parent: 'bodies/", body, "' ");
    for (int year = 1000; year < 1100; ++year) {
      absl::StrAppend(&batch, "requests { parent: 'bodies/", body,
                      "' seat { member: 'members/aus' role: PARTICIPANT visibility: RESTRICTED "
                      "term { start_date { year: ",
                      year, " month: 1 day: 1 } end_date { year: ", year,
                      " month: 2 day: 1 } } } }");
    }
    ASSERT_OK(Try("BatchCreateSeats", batch));
  }
  WatchChangesRequest request;
  request.set_from_start(true);
  request.add_types("baliprocess.net/Seat");
  ASSERT_OK_AND_ASSIGN(auto source, service_->Watch(Observer(), request));
  WatchChangesResponse message;
  ASSERT_OK(source->Pull(message).status());  // that the watch stands
  message.Clear();
  ASSERT_OK_AND_ASSIGN(const auto next, source->Pull(message));
  EXPECT_EQ(next, StreamSource::Next::kMessage);
  EXPECT_EQ(message.changes_size(), 0);
  request.clear_from_start();
  request.set_resume_token(message.resume_token());
  ASSERT_OK_AND_ASSIGN(source, service_->Watch(Observer(), request));
  ASSERT_OK(source->Pull(message).status());
  ASSERT_OK_AND_ASSIGN(const auto end, source->Pull(message));
  EXPECT_EQ(end, StreamSource::Next::kIdle);
}

// What is hidden from a reader moves the end of the log, too.
TEST_P(FeedTest, AWatchWithoutNewsTellsWhereToResumeNowAndThen) {
  AddBody("before");
  service_.reset();
  testing::LocalService quick({kSchemaVersion, Resources, Methods}, store_.Open(),
                              {.ask_peer = {}, .watch_beat = absl::Milliseconds(1)});
  std::mutex mutex;
  std::condition_variable woken;
  bool wanted = false;
  ASSERT_OK_AND_ASSIGN(const auto source, quick.Watch(Observer(), {}, [&] {
    const std::lock_guard lock(mutex);
    wanted = true;
    woken.notify_one();
  }));
  WatchChangesResponse first;
  ASSERT_OK(source->Pull(first).status());
  ASSERT_OK(quick
                .CallText(Secretariat(), "CreateBody",
                          "body_id: 'hidden' body { display_name: 'H' kind: TASK_FORCE "
                          "visibility: RESTRICTED }")
                .status());
  WatchChangesResponse told;
  while (told.resume_token().empty() || told.resume_token() == first.resume_token()) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(woken.wait_for(lock, std::chrono::seconds(20), [&] { return wanted; }));
    wanted = false;
    lock.unlock();
    ASSERT_OK(source->Pull(told).status());
  }
  EXPECT_EQ(told.changes_size(), 0);
}

}  // namespace
}  // namespace baliprocess::membership
