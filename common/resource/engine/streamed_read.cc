#include "common/resource/engine/streamed_read.h"

#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/resource/contract/pieces.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;

class PieceSource final : public rpc::StreamSource {
 public:
  PieceSource(std::unique_ptr<Message> reply, std::function<absl::Status(Message&)> fill)
      : reply_(std::move(reply)), fill_(std::move(fill)) {}

  absl::StatusOr<Next> Pull(Message& piece) override {
    if (!pieces_) {
      RETURN_IF_ERROR(fill_(*reply_));
      pieces_.emplace(std::move(reply_));
    }
    return pieces_->Next(piece) ? Next::kMessage : Next::kEnd;
  }

 private:
  std::unique_ptr<Message> reply_;  // until it is filled
  const std::function<absl::Status(Message&)> fill_;
  std::optional<Pieces> pieces_;
};

}  // namespace

std::unique_ptr<rpc::StreamSource> StreamPieces(std::unique_ptr<Message> reply,
                                                std::function<absl::Status(Message&)> fill) {
  return std::make_unique<PieceSource>(std::move(reply), std::move(fill));
}

}  // namespace baliprocess::resource
