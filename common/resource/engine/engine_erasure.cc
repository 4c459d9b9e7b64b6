// Engine::MutateErasing.

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/engine/engine.h"
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
    const auto erase = [&]() -> absl::Status {
      RETURN_IF_ERROR(WriteTwice(call, request, reply, work, answers, &erasure));
      RETURN_IF_ERROR(BoolField(request, "validate_only") ? erasure.PrepareToValidate()
                                                          : erasure.Prepare(Now(), may_go_on));
      return WriteTwice(call, request, reply, work, answers, &erasure);
    };
    absl::Status status = erase();
    erasure.End();
    feed_.ForgetPages();
    return FromStore(std::move(status));
  });
}

}  // namespace baliprocess::resource
