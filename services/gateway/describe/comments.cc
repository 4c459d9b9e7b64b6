#include "services/gateway/describe/comments.h"

#include <google/protobuf/descriptor.pb.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::DescriptorPool;

// A comment as protoc keeps it has the lines of the file, each with the blank after `//`. Lines of
// a paragraph are joined, but for those of a list and those set in further.
std::string Text(const std::string& comment) {
  std::string text;
  bool begins = true;
  for (const absl::string_view raw : absl::StrSplit(comment, '\n')) {
    const absl::string_view line = absl::StripTrailingAsciiWhitespace(raw);
    const absl::string_view words = absl::StripLeadingAsciiWhitespace(line);
    if (words.empty()) {
      begins = true;
      continue;
    }
    const bool apart = absl::StartsWith(words, "- ") || absl::StartsWith(line, "   ");
    absl::StrAppend(&text, text.empty() ? "" : begins ? "\n\n" : apart ? "\n" : " ", words);
    begins = false;
  }
  return text;
}

template <typename Described>
std::string CommentOf(const Described* described) {
  google::protobuf::SourceLocation location;
  if (described == nullptr || !described->GetSourceLocation(&location)) return "";
  return Text(location.leading_comments);
}

}  // namespace

absl::StatusOr<Comments> Comments::Parse(const std::string& bytes) {
  google::protobuf::FileDescriptorSet files;
  if (!files.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("the descriptors aren't a FileDescriptorSet");
  }
  auto pool = std::make_unique<DescriptorPool>();
  for (const auto& file : files.file()) {
    if (pool->BuildFile(file) != nullptr) continue;
    return absl::InvalidArgumentError(absl::StrCat("the descriptor of ", file.name(), " is bad"));
  }
  return Comments(std::move(pool));
}

std::string Comments::Of(const google::protobuf::ServiceDescriptor& service) const {
  return CommentOf(pool_->FindServiceByName(service.full_name()));
}
std::string Comments::Of(const google::protobuf::MethodDescriptor& method) const {
  return CommentOf(pool_->FindMethodByName(method.full_name()));
}
std::string Comments::Of(const google::protobuf::Descriptor& message) const {
  return CommentOf(pool_->FindMessageTypeByName(message.full_name()));
}
std::string Comments::Of(const google::protobuf::FieldDescriptor& field) const {
  return CommentOf(pool_->FindFieldByName(field.full_name()));
}
std::string Comments::Of(const google::protobuf::EnumDescriptor& type) const {
  return CommentOf(pool_->FindEnumTypeByName(type.full_name()));
}
std::string Comments::Of(const google::protobuf::EnumValueDescriptor& value) const {
  return CommentOf(pool_->FindEnumValueByName(value.full_name()));
}

std::string FirstSentence(const std::string& comment) {
  std::string sentence = comment.substr(0, comment.find('\n'));
  sentence = sentence.substr(0, sentence.find(". "));
  if (absl::EndsWith(sentence, ".")) sentence.pop_back();
  return sentence;
}

}  // namespace baliprocess::gateway
