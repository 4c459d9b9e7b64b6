// Methods that read and whose reply may be large: a server stream of its pieces
// (common/resource/contract/pieces.h).

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_STREAMED_READ_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_STREAMED_READ_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"

#include "common/base/shared_pool.h"
#include "common/resource/engine/engine.h"
#include "common/rpc/service.h"

namespace baliprocess::resource {

// Streams the pieces of what `fill` makes of `reply`, an empty message; `fill` runs once. The reply
// is held as part of the caller's share; OVERLOADED when that is too much.
std::unique_ptr<rpc::StreamSource> StreamPieces(
    std::shared_ptr<PoolShare> held, std::unique_ptr<google::protobuf::Message> reply,
    std::function<absl::Status(google::protobuf::Message& reply)> fill);

// Adds a custom method to the table, within Engine::Read: `method` makes the whole reply on one
// snapshot, and the stream holds it until its end. The engine outlives the table.
template <typename Request, typename Reply>
void BindStreamedRead(Engine& engine, rpc::MethodTable& table, const std::string& name,
                      std::function<absl::Status(Scope&, const Request&, Reply&)> method) {
  table.ServerStream<Request>(
      name,
      [&engine, method](
          const std::shared_ptr<rpc::Call>& call, const Request& request,
          std::function<void()>) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource>> {
        return StreamPieces(engine.held_replies().Of(call->caller.subject),
                            std::make_unique<Reply>(),
                            [&engine, method, call, request](google::protobuf::Message& reply) {
                              return engine.Read(*call, request, reply, [&](Scope& scope) {
                                return method(scope, request, static_cast<Reply&>(reply));
                              });
                            });
      });
}

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_STREAMED_READ_H_
