// Layers over calls: whatever a server is asked goes through them. One sees what it is made for: it
// logs, it counts, or it fails.

#ifndef BALIPROCESS_COMMON_RPC_CALL_LAYER_H_
#define BALIPROCESS_COMMON_RPC_CALL_LAYER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "common/base/status_macros.h"
#include "common/rpc/service.h"

namespace grpc {
class ServerContextBase;
}

namespace baliprocess::rpc {

// A call as layers see it, for as long as they are asked.
struct CallView {
  std::string_view method;  // `/package.Service/Method`, as it was asked for
  // Its caller is known from OnBody on. `call.method` is nullptr when there is no such method.
  const Call& call;
  const grpc::ServerContextBase& context;
  // Of the server's own, such as health.
  bool housekeeping = false;

  // The address that the call came from.
  std::string peer() const;
};

// How a call went.
struct CallEnd {
  const absl::Status& status;  // what its caller is told
  absl::Duration took;         // since the call began
  size_t request_bytes = 0;    // of all its messages
  size_t reply_bytes = 0;
};

// Asked on the threads of the calls, and so by many at once. Each call has one OnBegin and one
// OnEnd; what lies between needn't come.
class CallLayer {
 public:
  virtual ~CallLayer() = default;

  // A call has come. Nobody has looked yet at who calls, nor whether there is room. Mustn't wait.
  virtual void OnBegin(const CallView& /*call*/) {}

  // The call was admitted and its body is about to run. An error refuses the call with it, and the
  // body doesn't run. On the thread of the body: where that may wait (Execution), so may this.
  virtual absl::Status OnBody(const CallView& /*call*/) { return absl::OkStatus(); }

  // The body has made the reply, or the next message of a stream. An error is told instead, and
  // ends the call. What the body did stands.
  virtual absl::Status OnReply(const CallView& /*call*/) { return absl::OkStatus(); }

  // The call is answered. Mustn't wait.
  virtual void OnEnd(const CallView& /*call*/, const CallEnd& /*end*/) {}
};

// The layers of a server, the uppermost first. The first error counts.
class CallLayers {
 public:
  explicit CallLayers(std::vector<std::shared_ptr<CallLayer>> layers)
      : layers_(std::move(layers)) {}

  void OnBegin(const CallView& call) const {
    for (const auto& layer : layers_) layer->OnBegin(call);
  }
  absl::Status OnBody(const CallView& call) const {
    for (const auto& layer : layers_) RETURN_IF_ERROR(layer->OnBody(call));
    return absl::OkStatus();
  }
  absl::Status OnReply(const CallView& call) const {
    for (const auto& layer : layers_) RETURN_IF_ERROR(layer->OnReply(call));
    return absl::OkStatus();
  }
  void OnEnd(const CallView& call, const CallEnd& end) const {
    for (const auto& layer : layers_) layer->OnEnd(call, end);
  }

 private:
  const std::vector<std::shared_ptr<CallLayer>> layers_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_CALL_LAYER_H_
