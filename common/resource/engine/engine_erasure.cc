// Engine::MutateErasing.

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/engine/engine.h"
#include "common/resource/engine/erasure_record.h"
#include "common/resource/store/erasure.h"
#include "common/resource/store/store_status.h"

namespace baliprocess::resource {

using google::protobuf::Message;

absl::Status Engine::MutateErasing(const rpc::Call& call, const Message& request, Message& reply,
                                   const std::function<absl::Status(Scope&)>& work) {
  Violations violations;
  Validate(request, "", {}, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  const auto may_go_on = [&]() -> absl::Status {
    if (stopped_) {
      return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
                   "the service ends: repeat the erasure with the same request_id");
    }
    if (!call.cancelled || !call.cancelled()) return absl::OkStatus();
    return Error(api::v1::Error::DEADLINE_PASSED, "the caller is gone or its deadline has passed");
  };
  return Answering(call, [&](PeerAnswers& answers) {
    Erasure erasure(database_, registry_);
    ErasureRecord record(options_.erasure_list, erasure_key_);
    erasure.set_keeper([&](storage::Transaction& tx, const std::vector<Erased>& erased) {
      return record.Keep(tx, Now(), erased);
    });
    const auto erase = [&]() -> absl::Status {
      RETURN_IF_ERROR(WriteTwice(call, request, reply, work, answers, &erasure));
      if (BoolField(request, "validate_only")) {
        RETURN_IF_ERROR(erasure.PrepareToValidate());
      } else {
        RETURN_IF_ERROR(record.Begin());
        RETURN_IF_ERROR(erasure.Prepare(Now(), may_go_on));
        // That may have taken long. In the transaction to come other writers wait for the list's
        // disk.
        RETURN_IF_ERROR(record.Begin());
      }
      return WriteTwice(call, request, reply, work, answers, &erasure);
    };
    absl::Status status = erase();
    erasure.End();
    record.End(status, database_);
    feed_.ForgetPages();
    if (!IsUnanswered(status)) standby_reads_.NotePrimary(call, status);
    return FromStore(std::move(status));
  });
}

}  // namespace baliprocess::resource
