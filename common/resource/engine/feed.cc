#include "common/resource/engine/feed.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/steady_time.h"
#include "common/resource/contract/validation.h"
#include "common/resource/engine/standard_reads.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/history.h"
#include "common/resource/store/store_status.h"

namespace baliprocess::resource {
namespace {

using common::v1::ListChangesRequest;
using common::v1::ListChangesResponse;
using common::v1::WatchChangesRequest;
using common::v1::WatchChangesResponse;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using storage::Transaction;

// On PostgreSQL the commits of other processes may not be heard of.
constexpr absl::Duration kPoll = absl::Seconds(1);

// A watch that had nothing to tell for so many beats of the bell (Engine::Options.watch_beat) tells
// its token: it moves past changes that the reader doesn't see. It does so whether or not there
// were such changes, so that nothing follows from it.
constexpr uint64_t kBeatsOfSilence = 10;

// After so many pages without a change for the reader a watch tells how far it is, or it would hold
// a thread for as long as the log is. Who sees that learns that some 2,000 changes were hidden.
constexpr int kMostHiddenPages = 8;

class Watcher final : public rpc::SharedSource {
 public:
  Watcher(FeedPages& pages, const CommitBell& bell, std::shared_ptr<WatchDelays::Watch> delay,
          const Sealer& sealer, auth::Caller caller, std::set<std::string> types,
          ChangePosition from)
      : pages_(pages),
        bell_(bell),
        delay_(std::move(delay)),
        sealer_(sealer),
        caller_(std::move(caller)),
        types_(std::move(types)),
        position_(from) {}

  // Wakes are heard until the watcher is destroyed.
  void HoldListening(std::shared_ptr<void> listening) { listening_ = std::move(listening); }

  absl::StatusOr<Next> PullBytes(rpc::SharedBytes& bytes) override {
    const uint64_t beat = bell_.beats();
    Next next = Next::kMessage;
    if (!announced_) {
      announced_ = true;
      bytes = Token();
    } else {
      ASSIGN_OR_RETURN(next, NextMessage(bytes));
      if (bytes != nullptr) delay_->Told();
      if (next == Next::kIdle) delay_->CaughtUp();
      if (next == Next::kIdle && beat < told_ + kBeatsOfSilence) return next;
      if (bytes == nullptr) bytes = Token();
    }
    told_ = beat;
    return next == Next::kIdle ? Next::kLastMessage : next;
  }

 private:
  // kIdle when there is nothing new for the reader; no bytes when all of much was hidden.
  absl::StatusOr<Next> NextMessage(rpc::SharedBytes& bytes) {
    for (int hidden = 0; hidden < kMostHiddenPages; ++hidden) {
      ASSIGN_OR_RETURN(const std::shared_ptr<const FeedPage> page,
                       pages_.After(caller_, position_));
      position_ = page->through();
      bytes = page->Message(types_);
      if (bytes != nullptr) return page->last() ? Next::kLastMessage : Next::kMessage;
      if (page->last()) return Next::kIdle;
    }
    return Next::kMessage;
  }

  rpc::SharedBytes Token() const {
    WatchChangesResponse token;
    token.set_resume_token(SealPosition(sealer_, position_));
    return std::make_shared<const std::string>(token.SerializeAsString());
  }

  FeedPages& pages_;
  const CommitBell& bell_;
  const std::shared_ptr<WatchDelays::Watch> delay_;
  const Sealer& sealer_;
  const auth::Caller caller_;
  const std::set<std::string> types_;
  ChangePosition position_;
  bool announced_ = false;
  uint64_t told_ = 0;  // the beat at which it told something last
  std::shared_ptr<void> listening_;
};

absl::StatusOr<ChangePosition> StartOf(storage::Database& database, const Sealer& sealer,
                                       const WatchChangesRequest& request) {
  ChangePosition from;
  if (!request.resume_token().empty()) {
    ASSIGN_OR_RETURN(from, OpenPosition(sealer, request.resume_token()));
  }
  const absl::Status status = database.Read([&](Transaction& tx) -> absl::Status {
    if (!request.resume_token().empty()) return CheckAllAfter(tx, from);
    ASSIGN_OR_RETURN(from, request.from_start() ? CompactedThrough(tx) : LastPosition(tx));
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(FromStore(status));
  return from;
}

std::string ListContext(const rpc::Call& call, const ListChangesRequest& request) {
  return absl::StrCat(call.method->full_name(), "\n", call.caller.subject, "\n",
                      Sha256(request.filter()), request.newest_first() ? "newest" : "oldest");
}

}  // namespace

CommitBell::CommitBell(storage::Database& database, absl::Duration beat, telemetry::StateLog& log,
                       std::function<void()> before)
    : database_(database), beat_(beat), log_(log), before_(std::move(before)), ringer_([this] {
        RingUntilStopped();
      }) {}

CommitBell::~CommitBell() {
  Stop();
  ringer_.join();
}

void CommitBell::Stop() {
  stopped_ = true;
  database_.WakeWaiters();
}

std::shared_ptr<void> CommitBell::Listen(std::function<void()> wake) {
  const std::lock_guard<std::mutex> lock(listeners_->mutex);
  const uint64_t id = listeners_->next_id++;
  listeners_->wakes.emplace(id, std::move(wake));
  // The listeners outlive the bell as long as anyone holds a handle.
  return std::shared_ptr<void>(nullptr, [listeners = listeners_, id](void*) {
    const std::lock_guard<std::mutex> guard(listeners->mutex);
    listeners->wakes.erase(id);
  });
}

void CommitBell::Ring() {
  const std::lock_guard<std::mutex> lock(listeners_->mutex);
  for (const auto& [id, wake] : listeners_->wakes) wake();
}

void CommitBell::RingUntilStopped() {
  uint64_t ticket = 0;
  SteadyTime last_beat = SteadyNow();
  while (!stopped_) {
    const uint64_t seen = ticket;
    ticket = database_.WaitForCommit(seen, std::min(kPoll, beat_));
    if (stopped_) return;
    // What was heard of needn't be looked for.
    const bool moved = ticket == seen && HasMoved();
    const bool beat = Since(last_beat) >= beat_;
    if (beat) {
      last_beat = SteadyNow();
      ++beats_;
    }
    before_();
    if (ticket != seen || moved || beat) Ring();
  }
}

bool CommitBell::HasMoved() {
  if (database_.reads_are_local()) return false;
  ChangePosition last;
  const absl::Status status = database_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(last, LastPosition(tx));
    return absl::OkStatus();
  });
  NoteRead(status, log_);
  // Watches find out themselves what is wrong.
  return !status.ok() || std::exchange(last_, last) != last;
}

ChangeFeed::ChangeFeed(storage::Database& database, const Registry& registry, const Sealer& sealer,
                       absl::Duration beat)
    : database_(database),
      registry_(registry),
      sealer_(sealer),
      pages_(database, registry, sealer, log_, FeedPages::Limits()),
      bell_(database, beat, log_, [this] { pages_.Clear(); }) {}

void ChangeFeed::Bind(rpc::MethodTable& table) {
  if (const MethodDescriptor* watch = table.service()->FindMethodByName("WatchChanges")) {
    table.ServerStream(watch, [this](const std::shared_ptr<rpc::Call>& call, const Message& request,
                                     std::function<void()> wake) {
      return Watch(call, static_cast<const WatchChangesRequest&>(request), std::move(wake));
    });
  }
  if (const MethodDescriptor* list = table.service()->FindMethodByName("ListChanges")) {
    // Filters of the log may have to look at all of it.
    table.Unary(list, rpc::Execution::kPooled,
                [this](rpc::Call& call, const Message& request, Message& reply) {
                  return List(call, static_cast<const ListChangesRequest&>(request),
                              static_cast<ListChangesResponse&>(reply));
                });
  }
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> ChangeFeed::Watch(
    const std::shared_ptr<rpc::Call>& call, const WatchChangesRequest& request,
    std::function<void()> wake) {
  Violations violations;
  Validate(request, "", {}, violations);
  for (int i = 0; i < request.types_size(); ++i) {
    if (registry_.FindType(request.types(i)) != nullptr) continue;
    violations.Add(absl::StrCat("types[", i, "]"), "must be a resource type of this service");
  }
  if (request.from_start() && !request.resume_token().empty()) {
    violations.Add("from_start", "must not be set together with resume_token");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const ChangePosition from, StartOf(database_, sealer_, request));
  const std::shared_ptr<WatchDelays::Watch> delay = delays_.Begin();
  auto watcher = std::make_unique<Watcher>(
      pages_, bell_, delay, sealer_, call->caller,
      std::set<std::string>(request.types().begin(), request.types().end()), from);
  delay->Woken();  // it may be far behind
  watcher->HoldListening(bell_.Listen([delay, wake = std::move(wake)] {
    delay->Woken();
    wake();
  }));
  return watcher;
}

absl::Status ChangeFeed::List(const rpc::Call& call, const ListChangesRequest& request,
                              ListChangesResponse& reply) {
  Violations violations;
  Validate(request, "", {}, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  const std::string context = ListContext(call, request);
  std::optional<ChangePosition> from;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const std::string token, sealer_.Open(request.page_token(), context));
    ASSIGN_OR_RETURN(from, ParsePosition(token));
  }
  ASSIGN_OR_RETURN(const Condition condition, CompileFilter(request.filter(), ChangeColumns(),
                                                            api::v1::Visibility::RESTRICTED));
  const int page_size = PageSizeOf(request.page_size());
  return FromStore(database_.Read([&](Transaction& tx) -> absl::Status {
    reply.Clear();
    if (from) {
      RETURN_IF_ERROR(request.newest_first() ? CheckHistory(tx, *from) : CheckAllAfter(tx, *from));
    }
    ASSIGN_OR_RETURN(ChangePage page, ListStoredChanges(tx, registry_, condition, from,
                                                        request.newest_first(), page_size));
    for (StoredChange& stored : page.changes) {
      RETURN_IF_ERROR(RedactChange(tx, registry_, call.caller, true, stored).status());
      stored.change.set_resume_token(SealPosition(sealer_, stored.position));
      *reply.add_changes() = stored.change;
    }
    if (page.more) {
      const ChangePosition last = page.changes.back().position;
      reply.set_next_page_token(sealer_.Seal(FormatPosition(last), context));
    }
    return absl::OkStatus();
  }));
}

}  // namespace baliprocess::resource
