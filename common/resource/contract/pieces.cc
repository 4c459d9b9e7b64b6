#include "common/resource/contract/pieces.h"

#include <cstdint>
#include <string>

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Where to cut a text after at most `most` bytes, 4 at least: between two characters. Bytes are cut
// anywhere.
size_t CutOf(const std::string& text, bool characters, size_t from, size_t most) {
  if (text.size() - from <= most) return text.size();
  size_t end = from + most;
  while (characters && end > from && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

// The message of `piece` that is reached by these fields, made if it isn't there.
Message& Within(const std::vector<const FieldDescriptor*>& fields, Message& piece) {
  Message* at = &piece;
  for (const FieldDescriptor* field : fields) at = at->GetReflection()->MutableMessage(at, field);
  return *at;
}

}  // namespace

Pieces::Pieces(std::unique_ptr<Message> whole) : whole_(std::move(whole)) {
  FindLeaves(*whole_, {});
}

void Pieces::FindLeaves(const Message& message, const Path& inside) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated() || field->message_type() == nullptr) {
      leaves_.push_back({inside, field, &message});
      continue;
    }
    Path within = inside;
    within.push_back(field);
    FindLeaves(message.GetReflection()->GetMessage(message, field), within);
  }
}

bool Pieces::Next(Message& piece) {
  size_t bytes = 0;
  for (; leaf_ < leaves_.size(); ++leaf_, at_ = 0) {
    if (!Take(leaves_[leaf_], bytes, piece)) break;
  }
  const bool first = !begun_;
  begun_ = true;
  return first || bytes > 0;
}

bool Pieces::Take(const Leaf& leaf, size_t& bytes, Message& piece) {
  if (leaf.field->is_repeated()) return TakeElements(leaf, bytes, piece);
  if (leaf.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return TakeText(leaf, bytes, piece);
  }
  Message& to = Within(leaf.inside, piece);
  to.GetReflection()->SetInt32(&to, leaf.field,
                               leaf.from->GetReflection()->GetInt32(*leaf.from, leaf.field));
  bytes += sizeof(int32_t);
  return true;
}

bool Pieces::TakeText(const Leaf& leaf, size_t& bytes, Message& piece) {
  std::string scratch;
  const std::string& text =
      leaf.from->GetReflection()->GetStringReference(*leaf.from, leaf.field, &scratch);
  constexpr size_t kLongestCharacter = 4;
  if (bytes + kLongestCharacter > kPieceBytes) return false;
  const bool characters = leaf.field->type() == FieldDescriptor::TYPE_STRING;
  const size_t end = CutOf(text, characters, at_, kPieceBytes - bytes);
  Message& to = Within(leaf.inside, piece);
  to.GetReflection()->SetString(&to, leaf.field, text.substr(at_, end - at_));
  bytes += end - at_;
  at_ = end;
  return at_ == text.size();
}

bool Pieces::TakeElements(const Leaf& leaf, size_t& bytes, Message& piece) {
  const auto* reflection = leaf.from->GetReflection();
  const auto size = static_cast<size_t>(reflection->FieldSize(*leaf.from, leaf.field));
  for (; at_ < size; ++at_) {
    const Message& element =
        reflection->GetRepeatedMessage(*leaf.from, leaf.field, static_cast<int>(at_));
    const size_t more = element.ByteSizeLong() + 1;  // an empty element is one, too
    if (bytes > 0 && bytes + more > kPieceBytes) return false;
    Message& to = Within(leaf.inside, piece);
    to.GetReflection()->AddMessage(&to, leaf.field)->CopyFrom(element);
    bytes += more;
  }
  return true;
}

void AppendPiece(const Message& piece, Message& whole) {
  const auto* reflection = whole.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  piece.GetReflection()->ListFields(piece, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(piece, field); ++j) {
        reflection->AddMessage(&whole, field)
            ->CopyFrom(reflection->GetRepeatedMessage(piece, field, j));
      }
    } else if (field->message_type() != nullptr) {
      AppendPiece(reflection->GetMessage(piece, field), *reflection->MutableMessage(&whole, field));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string text = reflection->GetString(whole, field);
      text += reflection->GetString(piece, field);
      reflection->SetString(&whole, field, std::move(text));
    } else {
      reflection->SetInt32(&whole, field, reflection->GetInt32(piece, field));
    }
  }
}

}  // namespace baliprocess::resource
