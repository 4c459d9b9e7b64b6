#include "common/rpc/call_layer.h"

#include <grpcpp/server_context.h>

namespace baliprocess::rpc {

std::string CallView::peer() const { return context.peer(); }

}  // namespace baliprocess::rpc
