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
  PieceSource(HeldReplies& held, const std::string& subject, std::unique_ptr<Message> reply,
              std::function<absl::Status(Message&)> fill)
      : held_(held), subject_(subject), reply_(std::move(reply)), fill_(std::move(fill)) {}

  ~PieceSource() override {
    if (bytes_ > 0) held_.Release(subject_, bytes_);
  }

  absl::StatusOr<Next> Pull(Message& piece) override {
    if (!pieces_) {
      RETURN_IF_ERROR(fill_(*reply_));
      const size_t bytes = reply_->ByteSizeLong();
      RETURN_IF_ERROR(held_.Take(subject_, bytes));
      bytes_ = bytes;
      pieces_.emplace(std::move(reply_));
    }
    return pieces_->Next(piece) ? Next::kMessage : Next::kEnd;
  }

 private:
  HeldReplies& held_;
  const std::string subject_;
  std::unique_ptr<Message> reply_;  // until it is filled
  const std::function<absl::Status(Message&)> fill_;
  std::optional<Pieces> pieces_;
  size_t bytes_ = 0;  // taken of held_
};

}  // namespace

std::unique_ptr<rpc::StreamSource> StreamPieces(HeldReplies& held, const std::string& subject,
                                                std::unique_ptr<Message> reply,
                                                std::function<absl::Status(Message&)> fill) {
  return std::make_unique<PieceSource>(held, subject, std::move(reply), std::move(fill));
}

}  // namespace baliprocess::resource
