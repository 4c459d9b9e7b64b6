// What the contracts say of themselves: the comments of their proto files, which are part of the
// program.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_DOCUMENTATION_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_DOCUMENTATION_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace baliprocess::balictl {

// The comment above a message, field, method, enum or value, as paragraphs: a line feed between
// lines that belong together becomes a blank. "" when there is none.
std::string CommentOf(const google::protobuf::Descriptor& message);
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::MethodDescriptor& method);
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value);

// The text before the first empty line.
std::string FirstParagraph(const std::string& text);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_DOCUMENTATION_H_
