#include "common/resource/engine/streamed_read.h"

#include <optional>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/pieces.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;

class PieceSource final : public rpc::StreamSource {
 public:
  PieceSource(std::shared_ptr<PoolShare> held, std::unique_ptr<Message> reply,
              std::function<absl::Status(Message&)> fill)
      : held_(std::move(held)), reply_(std::move(reply)), fill_(std::move(fill)) {}

  absl::StatusOr<Next> Pull(Message& piece) override {
    if (!pieces_) {
      RETURN_IF_ERROR(fill_(*reply_));
      if (!ticket_.Take(held_, static_cast<int64_t>(reply_->ByteSizeLong()))) {
        return WithRetryAfter(
            Error(api::v1::Error::OVERLOADED, "too many large replies wait for their readers"),
            absl::Seconds(5));
      }
      pieces_.emplace(std::move(reply_));
    }
    return pieces_->Next(piece) ? Next::kMessage : Next::kEnd;
  }

 private:
  const std::shared_ptr<PoolShare> held_;
  std::unique_ptr<Message> reply_;  // until it is filled
  const std::function<absl::Status(Message&)> fill_;
  std::optional<Pieces> pieces_;
  PoolTicket ticket_;
};

}  // namespace

std::unique_ptr<rpc::StreamSource> StreamPieces(std::shared_ptr<PoolShare> held,
                                                std::unique_ptr<Message> reply,
                                                std::function<absl::Status(Message&)> fill) {
  return std::make_unique<PieceSource>(std::move(held), std::move(reply), std::move(fill));
}

}  // namespace baliprocess::resource
