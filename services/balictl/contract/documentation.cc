#include "services/balictl/contract/documentation.h"

#include <google/protobuf/descriptor.pb.h>
#include <zlib.h>

#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/embedded_files.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::SourceLocation;

// What is packed in a file that is part of the program (RFC 1952); "" when it can't be unpacked.
std::string Unpacked(std::string_view gzip) {
  z_stream stream{};
  constexpr int kGzip = 16;
  if (inflateInit2(&stream, MAX_WBITS + kGzip) != Z_OK) return "";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string unpacked;
  std::vector<char> piece(1 << 16);
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    unpacked.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END ? unpacked : "";
}

// The contracts once more, with their comments, which the linked ones lack.
const DescriptorPool& Documented() {
  static const DescriptorPool& pool = *[] {
    auto* made = new DescriptorPool;
    google::protobuf::FileDescriptorSet set;
    for (const EmbeddedFile& file : EmbeddedFiles()) {
      if (!set.ParseFromString(Unpacked(file.gzip))) set.Clear();
    }
    for (const auto& file : set.file()) made->BuildFile(file);
    return made;
  }();
  return pool;
}

// Lines that belong together as one; an empty line stays between paragraphs.
std::string Paragraphs(const std::string& comment) {
  std::string text;
  for (const absl::string_view line : absl::StrSplit(comment, '\n')) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(line);
    if (stripped.empty()) {
      if (!text.empty() && !text.ends_with("\n\n")) text += "\n\n";
      continue;
    }
    if (!text.empty() && !text.ends_with('\n')) text += ' ';
    absl::StrAppend(&text, stripped);
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

template <typename Documented>
std::string CommentOfDocumented(const Documented* documented) {
  SourceLocation location;
  if (documented == nullptr || !documented->GetSourceLocation(&location)) return "";
  return Paragraphs(location.leading_comments);
}

}  // namespace

std::string CommentOf(const google::protobuf::Descriptor& message) {
  return CommentOfDocumented(Documented().FindMessageTypeByName(message.full_name()));
}

std::string CommentOf(const google::protobuf::FieldDescriptor& field) {
  return CommentOfDocumented(Documented().FindFieldByName(field.full_name()));
}

std::string CommentOf(const google::protobuf::MethodDescriptor& method) {
  return CommentOfDocumented(Documented().FindMethodByName(method.full_name()));
}

std::string CommentOf(const google::protobuf::EnumValueDescriptor& value) {
  return CommentOfDocumented(Documented().FindEnumValueByName(value.full_name()));
}

std::string FirstParagraph(const std::string& text) { return text.substr(0, text.find("\n\n")); }

}  // namespace baliprocess::balictl
