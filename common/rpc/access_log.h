// The access log: one line per call, however it ends.

#ifndef BALIPROCESS_COMMON_RPC_ACCESS_LOG_H_
#define BALIPROCESS_COMMON_RPC_ACCESS_LOG_H_

#include "common/rpc/call_layer.h"

namespace baliprocess::rpc {

// At level info; calls of housekeeping at level debug.
class AccessLog final : public CallLayer {
 public:
  void OnEnd(const CallView& call, const CallEnd& end) override;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_ACCESS_LOG_H_
