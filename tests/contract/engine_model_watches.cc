#include "tests/contract/engine_model_watches.h"

#include <chrono>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baliprocess::membership {
namespace {

using api::v1::Error;
using common::v1::Change;
using common::v1::WatchChangesRequest;
using testing::HasReason;
using testing::LocalService;
using testing::WatchReader;

constexpr size_t kMostWatches = 4;
constexpr size_t kMostBookmarks = 200;

std::string LineOf(Change::Kind kind, const std::string& resource, const std::string& before,
                   const std::string& after) {
  return absl::StrCat(Change::Kind_Name(kind), " ", resource, "\nbefore ", absl::CEscape(before),
                      "\nafter ", absl::CEscape(after));
}

}  // namespace

std::string LineOf(const Change& change) {
  return LineOf(change.kind(), change.resource(), change.before().value(), change.after().value());
}
std::string LineOf(const LogEntry& entry) {
  return LineOf(entry.kind, entry.resource, entry.before, entry.after);
}

ModelWatches::Copy ModelWatches::CopyOfModel() const {
  Copy copy;
  for (const auto& [name, row] : model_.rows()) copy[name] = row->SerializeAsString();
  return copy;
}

void ModelWatches::OpenAny(LocalService& service) {
  if (watches_.size() == kMostWatches) watches_.erase(watches_.begin());
  const int kind = random_.Any(10);
  if (kind < 3) {
    AwaitLastChange(service);
    return Open(service, {}, {"", model_.log().size(), CopyOfModel()});
  }
  // What was there before the oldest change that is kept, nobody is told.
  if (kind < 5 && model_.compacted() == 0) {
    WatchChangesRequest request;
    request.set_from_start(true);
    return Open(service, request, {});
  }
  if (!bookmarks_.empty()) ResumeAt(service, bookmarks_[random_.Any(bookmarks_.size())]);
}

void ModelWatches::AwaitLastChange(LocalService& service) const {
  if (model_.log().size() == model_.compacted()) return;
  common::v1::ListChangesRequest request;
  request.set_newest_first(true);
  request.set_page_size(1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  do {
    const auto page = service.Call<common::v1::ListChangesResponse>(testing::Secretariat(),
                                                                    "ListChanges", request);
    ASSERT_OK(page);
    if (page->changes_size() == 1 && LineOf(page->changes(0)) == LineOf(model_.log().back())) {
      return;
    }
  } while (std::chrono::steady_clock::now() < deadline);
  ADD_FAILURE() << "the last change isn't told: " << LineOf(model_.log().back());
}

void ModelWatches::ResumeAt(LocalService& service, const Bookmark& bookmark) {
  WatchChangesRequest request;
  request.set_resume_token(bookmark.token);
  Open(service, request, bookmark);
}

void ModelWatches::Open(LocalService& service, const WatchChangesRequest& request,
                        const Bookmark& at) {
  auto reader = std::make_unique<WatchReader>(service, testing::Secretariat(), request);
  if (at.next < model_.compacted()) {
    ASSERT_THAT(reader->status(), HasReason(Error::HISTORY_COMPACTED));
    ++done_["watch opened too late"];
    return;
  }
  ASSERT_OK(reader->status());
  watches_.push_back({std::move(reader), at});
  watches_.back().at.token = watches_.back().reader->resume_token();
  ++done_["watch opened"];
}

void ModelWatches::ReadAny() {
  if (!watches_.empty()) Read(random_.Any(watches_.size()));
}
void ModelWatches::ReadAll() {
  for (size_t i = watches_.size(); i > 0; --i) Read(i - 1);
}

// Each change since the watch was read before, once and in order: with them the copy becomes equal.
void ModelWatches::Read(size_t index) {
  Watch& watch = watches_[index];
  const std::vector<LogEntry>& log = model_.log();
  if (watch.at.next < model_.compacted()) return ReadCompacted(index);
  if (watch.at.next == log.size()) return;
  const auto changes = watch.reader->Read(log.size() - watch.at.next);
  ASSERT_OK(watch.reader->status());
  ASSERT_EQ(changes.size(), log.size() - watch.at.next);
  for (const Change& change : changes) {
    ASSERT_EQ(LineOf(change), LineOf(log[watch.at.next++]));
    Replay(change, watch.at.known);
    if (random_.Chance(2)) Keep({change.resume_token(), watch.at.next, watch.at.known});
  }
  ASSERT_EQ(watch.at.known, CopyOfModel());
  watch.at.token = watch.reader->resume_token();
  Keep(watch.at);
  ++done_["watch read"];
}

void ModelWatches::ReadCompacted(size_t index) {
  const auto changes = watches_[index].reader->Read(1);
  ASSERT_THAT(watches_[index].reader->status(), HasReason(Error::HISTORY_COMPACTED));
  ASSERT_TRUE(changes.empty());
  watches_.erase(watches_.begin() + static_cast<int64_t>(index));
  ++done_["watch read too late"];
}

void ModelWatches::Replay(const Change& change, Copy& copy) {
  // What was purged later has no content any more.
  if (change.has_after()) {
    copy[change.resource()] = change.after().value();
  } else {
    copy.erase(change.resource());
  }
}

void ModelWatches::Keep(Bookmark bookmark) {
  bookmarks_.push_back(std::move(bookmark));
  if (bookmarks_.size() > kMostBookmarks) bookmarks_.erase(bookmarks_.begin());
}

void ModelWatches::Stop() {
  for (Watch& watch : watches_) watch.reader.reset();
}

void ModelWatches::GoOn(LocalService& service) {
  for (const Watch& watch : std::exchange(watches_, {})) ResumeAt(service, watch.at);
}

}  // namespace baliprocess::membership
