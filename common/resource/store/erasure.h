// Going through the whole history, and all kept replies, to take something out of them. There may
// be millions, so that is done in batches before the transaction that erases the resource: each is
// a transaction of its own, so that others get their turn, and what has nothing to take out is only
// read. The last transaction does what has come since. Nothing remembers how far it got: an erasure
// that ended on the way is done by its repeat.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_ERASURE_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_ERASURE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/resource/query/filter.h"
#include "common/resource/store/forgetting.h"
#include "common/resource/store/position.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// What a transaction has erased, for the list of erasures (erasure_list.h).
struct Erased {
  Forgotten::What what = Forgotten::What::kPersonal;
  std::string type = {};  // of the resource; empty for a text
  std::string id = {};    // its uid; the text
};

// One erasure. The transaction that erases is tried first and undone: that tells whether it may be,
// and what there is to forget. Then this is prepared, and the transaction is run for good. Used by
// one thread.
//
// What comes meanwhile is found by the numbers of changes, and by a mark on the replies that are
// kept while an erasure is under way (the table `erasures`). Both hold since writers take turns.
class Erasure {
 public:
  // Both outlive it.
  Erasure(storage::Database& database, const Registry& registry)
      : database_(database), registry_(registry) {}
  Erasure(const Erasure&) = delete;
  Erasure& operator=(const Erasure&) = delete;

  // While the transaction is only tried: notes what there is to forget, and touches nothing.
  // Once prepared: takes it out of what has come since; out of everything, in one go, if it wasn't
  // noted, or if the store is another one by now.
  absl::Status Forget(storage::Transaction& tx, const Forgotten& forgotten);

  // The names of the resources of a type that may have the text, which is to be forgotten; none
  // while the transaction is only tried.
  absl::StatusOr<std::vector<std::string>> NamesWith(storage::Transaction& tx,
                                                     const ResourceType& type,
                                                     const std::string& text);

  // Takes what was noted out of the history and the kept replies. `may_go_on` is asked between
  // batches, and its error ends it.
  absl::Status Prepare(absl::Time now, const std::function<absl::Status()>& may_go_on);

  // In place of Prepare: nothing is going to be committed, so that nothing is forgotten either.
  absl::Status PrepareToValidate();

  bool prepared() const { return stage_ != Stage::kTrying; }

  // What the transaction calls when it has erased all, and is going to be committed: to keep what
  // it was. An error undoes it. May be called more than once, as transactions may.
  using Keeper = std::function<absl::Status(storage::Transaction&, const std::vector<Erased>&)>;
  void set_keeper(Keeper keeper) { keeper_ = std::move(keeper); }
  absl::Status Keep(storage::Transaction& tx, const std::vector<Erased>& erased) const {
    return keeper_ && stage_ == Stage::kForgetting ? keeper_(tx, erased) : absl::OkStatus();
  }

  // After the last transaction, whatever has become of it. Without it the store keeps a mark for a
  // day, which costs little.
  void End();

 private:
  enum class Stage { kTrying, kValidating, kForgetting };

  // What was done before the last transaction, of one thing.
  struct Done {
    int64_t through = 0;  // changes up to this number
    // Of a text: the resources that had it when `names_through` was the last change.
    int64_t names_through = 0;
    std::map<const ResourceType*, std::vector<std::string>> names;
  };

  // How work is run: in transactions of its own, or in one that there is.
  struct Way {
    std::function<absl::Status(const storage::Work&)> read;
    std::function<absl::Status(const storage::Work&)> write;
    std::function<absl::Status()> may_go_on;
  };

  absl::Status PrepareOnce(absl::Time now, const Way& way);
  absl::Status FindNames();
  absl::Status Begin(absl::Time now);
  // Whether what was done before the last transaction is done in the store that it sees: it has the
  // mark, and it wasn't set back since. A history that only goes on from there, as with each start
  // of a replica, doesn't matter.
  absl::StatusOr<bool> StillHolds(storage::Transaction& tx) const;
  // The number of the last change that was looked at.
  absl::StatusOr<int64_t> ForgetInChanges(const Way& way, const Forgotten& forgotten,
                                          int64_t after);
  absl::Status ForgetInReplies(const Way& way, const std::vector<Forgotten>& what);
  absl::Status ForgetInRepliesThat(const Way& way, const Condition& condition,
                                   const std::vector<Forgotten>& what);
  std::vector<Forgotten> Noted() const;

  storage::Database& database_;
  const Registry& registry_;
  Keeper keeper_;
  Stage stage_ = Stage::kTrying;
  std::map<Forgotten, Done> noted_;
  int64_t number_ = 0;  // in `erasures`; 0: none
  // Of the store's newest history and its last change, when the number was given; and whether the
  // store had the same history from the first number to the second.
  int64_t epoch_ = 0;
  ChangePosition last_;
  bool holds_ = false;
};

// Removes marks of erasures that began before `before` and never ended.
absl::StatusOr<int64_t> RemoveErasures(storage::Transaction& tx, absl::Time before);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_ERASURE_H_
