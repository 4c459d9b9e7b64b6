// Engine::EraseAgain: what the list of erasures has and the store hasn't, as it was set back to an
// older copy of itself, or the service was ended in the middle of an erasure.

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/engine.h"
#include "common/resource/engine/erase_again.h"
#include "common/resource/store/erasure.h"
#include "common/resource/store/history.h"
#include "common/resource/store/name_search.h"
#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

using operate::v1::ListedErasure;
using storage::ErrorClass;
using storage::Transaction;
using telemetry::Level;
using telemetry::Log;

constexpr char kReason[] = "erased before, and again as the store was set back";

// What the store hasn't marked.
absl::StatusOr<std::vector<ListedErasure>> ReadUndone(const ErasureList& list,
                                                      storage::Database& database) {
  ASSIGN_OR_RETURN(const ErasureList::Contents contents, list.Read());
  if (contents.unreadable > 0) {
    Log(Level::kWarn, "erasure", "lines of the list of erasures can't be read")
        .Field("lines", contents.unreadable)
        .Field("numbers", absl::StrJoin(contents.unreadable_lines, ","));
  }
  return UndoneErasures(contents, database);
}

// The texts that the store has of those that were erased, by their hashes.
absl::StatusOr<ErasedTexts> FindTexts(const std::vector<ListedErasure>& undone,
                                      const std::string& key, storage::Database& database,
                                      const Registry& registry) {
  std::set<std::string> hashes;
  for (const ListedErasure& listed : undone) {
    for (const auto& erased : listed.erased()) {
      if (erased.kind() == ListedErasure::TEXT) hashes.insert(erased.hash());
    }
  }
  ErasedTexts texts;
  if (hashes.empty()) return texts;
  RETURN_IF_ERROR(ForEachErasableText(database, registry, [&](const std::string& text) {
    std::string hash = ErasedText(key, text).hash();
    if (hashes.count(hash) > 0) texts.emplace(std::move(hash), text);
  }));
  return texts;
}

absl::Status EraseTextAgain(Scope& scope, const ListedErasure::Erased& erased,
                            const ErasedTexts& texts, const std::string& key) {
  if (erased.key() != ErasedText(key, "").key()) {
    return absl::FailedPreconditionError(
        "the store has another key of hashes, so that it can't be searched for the name: call "
        "EraseNames");
  }
  const auto found = texts.find(erased.hash());
  if (found == texts.end()) return absl::OkStatus();
  return scope.EraseText(found->second).status();
}

// Whether the next erasure would fail as well: the start ends, or waits for the store.
bool IsOfTheStore(const absl::Status& status) {
  const ErrorClass error = storage::ClassOf(status);
  return error == ErrorClass::kConnectionLost || error == ErrorClass::kDisk;
}

// Whether it may be done when it is tried again.
bool MayPass(const absl::Status& status) {
  const ErrorClass error = storage::ClassOf(status);
  return error == ErrorClass::kTimeout || error == ErrorClass::kConflict;
}

void LogLeft(const ListedErasure& listed, const absl::Status& status) {
  Log(Level::kError, "erasure", "an erasure of the list can't be done: erase by hand")
      .Field("erasure", listed.id())
      .Field("error", std::string(status.message()));
}

}  // namespace

// Each by itself: one that can't be done is told, and keeps no other from being done.
absl::Status Engine::EraseAgain() {
  if (options_.erasure_list == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<ListedErasure> undone,
                   ReadUndone(*options_.erasure_list, database_));
  if (undone.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ErasedTexts texts, FindTexts(undone, erasure_key_, database_, registry_));
  int done = 0;
  absl::Status to_be_tried_again;
  for (const ListedErasure& listed : undone) {
    const absl::Status status = EraseAgain(listed, texts);
    if (IsOfTheStore(status)) return status;
    if (MayPass(status)) to_be_tried_again = status;
    if (status.ok()) ++done;
    if (!status.ok()) LogLeft(listed, status);
    // What else it erases is erased all the same. It isn't marked.
    for (int i = 0; !status.ok() && listed.erased_size() > 1 && i < listed.erased_size(); ++i) {
      ListedErasure part;
      *part.mutable_erase_time() = listed.erase_time();
      *part.add_erased() = listed.erased(i);
      const absl::Status parted = EraseAgain(part, texts);
      if (IsOfTheStore(parted)) return parted;
    }
  }
  Log(Level::kInfo, "erasure", "what the list of erasures has was erased again")
      .Field("erasures", done)
      .Field("failures", static_cast<int>(undone.size()) - done);
  return to_be_tried_again;
}

absl::Status Engine::EraseAgain(const ListedErasure& listed, const ErasedTexts& texts) {
  auth::Caller nobody;
  nobody.roles |= 1u << api::v1::Access::SECRETARIAT;
  Erasure erasure(database_, registry_);
  bool passed = false;  // it was only tried, and could be done
  const auto work = [&](Transaction& tx) -> absl::Status {
    passed = false;
    // Another replica starts, too, and may have been here first.
    if (!listed.id().empty()) {
      ASSIGN_OR_RETURN(const bool marked, IsErasureMarked(tx, listed.id()));
      if (marked) return absl::OkStatus();
    }
    PeerAnswers answers;
    Scope scope(scope_store(), tx, nobody, "", Now(), answers);
    scope.set_reason(kReason);
    scope.set_erasure(&erasure);
    for (const auto& erased : listed.erased()) {
      RETURN_IF_ERROR(erased.kind() == ListedErasure::TEXT
                          ? EraseTextAgain(scope, erased, texts, erasure_key_)
                          : EraseResourceAgain(scope, erased, listed.erase_time()));
    }
    passed = !erasure.prepared();
    if (passed) return absl::CancelledError("undone");
    return listed.id().empty() ? absl::OkStatus() : MarkErasure(tx, listed.id(), Now());
  };
  const absl::Status tried = WriteChanges(database_, work);
  if (!passed || storage::ClassOf(tried) != ErrorClass::kNone) return tried;
  absl::Status status = erasure.Prepare(Now(), [] { return absl::OkStatus(); });
  if (status.ok()) status = WriteChanges(database_, work);
  erasure.End();
  feed_.ForgetPages();
  return status;
}

}  // namespace baliprocess::resource
