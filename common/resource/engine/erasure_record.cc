#include "common/resource/engine/erasure_record.h"

#include <google/protobuf/util/time_util.h>

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

using operate::v1::ListedErasure;
using storage::Transaction;

ListedErasure::Erased ToListed(const Erased& erased, std::string_view key) {
  if (erased.what == Forgotten::What::kText) return ErasedText(key, erased.id);
  ListedErasure::Erased listed;
  listed.set_kind(erased.what == Forgotten::What::kPersonal ? ListedErasure::PERSONAL
                                                            : ListedErasure::RESOURCE);
  listed.set_type(erased.type);
  listed.set_uid(erased.id);
  return listed;
}

// What the caller is told: where the list is, is in the log.
absl::Status Told(const absl::Status& status) {
  if (status.ok()) return status;
  telemetry::Log(telemetry::Level::kError, "erasure", "an erasure was refused")
      .Field("error", status.ToString());
  return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
               "the erasure wasn't done: the list that erasures are kept in can't be written, the "
               "log of the service says why");
}

bool MayBeCommitted(const absl::Status& status) {
  const storage::ErrorClass error = storage::ClassOf(status);
  return status.ok() || error == storage::ErrorClass::kConnectionLost ||
         error == storage::ErrorClass::kDisk;
}

}  // namespace

absl::Status ErasureRecord::Begin() const {
  return list_ == nullptr ? absl::OkStatus() : Told(list_->Probe());
}

absl::Status ErasureRecord::Keep(Transaction& tx, absl::Time now,
                                 const std::vector<Erased>& erased) {
  if (list_ == nullptr) return absl::OkStatus();
  if (id_.empty()) id_ = NewUuid();
  RETURN_IF_ERROR(MarkErasure(tx, id_, now));
  ListedErasure listed;
  listed.set_id(id_);
  *listed.mutable_erase_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(now));
  for (const Erased& one : erased) *listed.add_erased() = ToListed(one, key_);
  return Told(list_->Append(listed));
}

void ErasureRecord::End(const absl::Status& status, storage::Database& database) const {
  if (id_.empty() || MayBeCommitted(status)) return;
  // Another replica, which has the list too, may have begun meanwhile, and done it.
  const auto marked = MarkedErasures(database);
  if (!marked.ok() || marked->count(id_) > 0) return;
  ListedErasure listed;
  listed.set_id(id_);
  listed.set_withdrawn(true);
  const absl::Status withdrawn = list_->Append(listed);
  if (withdrawn.ok()) return;
  telemetry::Log(telemetry::Level::kError, "erasure",
                 "the list has an erasure that wasn't done: the next start does it")
      .Field("erasure", id_)
      .Field("error", withdrawn.ToString());
}

}  // namespace baliprocess::resource
