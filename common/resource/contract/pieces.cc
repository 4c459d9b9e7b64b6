#include "common/resource/contract/pieces.h"

#include <string>

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Where to cut a text after at most `most` bytes, 4 at least: between two characters.
size_t CutOf(const std::string& text, size_t from, size_t most) {
  if (text.size() - from <= most) return text.size();
  size_t end = from + most;
  while (end > from && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

}  // namespace

bool Pieces::Next(Message& piece) {
  const auto* type = whole_->GetDescriptor();
  size_t bytes = 0;
  for (; field_ < type->field_count(); ++field_, at_ = 0) {
    const FieldDescriptor* field = type->field(field_);
    const bool done =
        field->is_repeated() ? TakeElements(field, bytes, piece) : TakeText(field, bytes, piece);
    if (!done) break;
  }
  const bool first = !begun_;
  begun_ = true;
  return first || bytes > 0;
}

bool Pieces::TakeText(const FieldDescriptor* field, size_t& bytes, Message& piece) {
  std::string scratch;
  const std::string& text = whole_->GetReflection()->GetStringReference(*whole_, field, &scratch);
  if (at_ == text.size()) return true;
  constexpr size_t kLongestCharacter = 4;
  if (bytes + kLongestCharacter > kPieceBytes) return false;
  const size_t end = CutOf(text, at_, kPieceBytes - bytes);
  piece.GetReflection()->SetString(&piece, field, text.substr(at_, end - at_));
  bytes += end - at_;
  at_ = end;
  return at_ == text.size();
}

bool Pieces::TakeElements(const FieldDescriptor* field, size_t& bytes, Message& piece) {
  const auto* reflection = whole_->GetReflection();
  const auto size = static_cast<size_t>(reflection->FieldSize(*whole_, field));
  for (; at_ < size; ++at_) {
    const Message& element = reflection->GetRepeatedMessage(*whole_, field, static_cast<int>(at_));
    const size_t more = element.ByteSizeLong() + 1;  // an empty element is one, too
    if (bytes > 0 && bytes + more > kPieceBytes) return false;
    piece.GetReflection()->AddMessage(&piece, field)->CopyFrom(element);
    bytes += more;
  }
  return true;
}

void AppendPiece(const Message& piece, Message& whole) {
  const auto* reflection = whole.GetReflection();
  for (int i = 0; i < whole.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = whole.GetDescriptor()->field(i);
    if (field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(piece, field); ++j) {
        reflection->AddMessage(&whole, field)
            ->CopyFrom(reflection->GetRepeatedMessage(piece, field, j));
      }
      continue;
    }
    std::string text = reflection->GetString(whole, field);
    text += reflection->GetString(piece, field);
    reflection->SetString(&whole, field, std::move(text));
  }
}

}  // namespace baliprocess::resource
