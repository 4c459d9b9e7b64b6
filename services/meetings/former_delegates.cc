// Before delegates were resources, a delegation had a list of them: field 17, of messages with an
// official (1) or a name (2), a title (3), and whether it is the head (4).

#include <google/protobuf/unknown_field_set.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/delegate.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using google::protobuf::Message;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;
using v1::Delegate;
using v1::Delegation;

constexpr int kDelegates = 17;

void ReadField(const UnknownField& field, Delegate& delegate) {
  if (field.type() == UnknownField::TYPE_VARINT) {
    if (field.number() == 4 && field.varint() != 0) delegate.set_role(Delegate::HEAD);
    return;
  }
  if (field.type() != UnknownField::TYPE_LENGTH_DELIMITED) return;
  if (field.number() == 1) delegate.mutable_person()->set_official(field.length_delimited());
  if (field.number() == 2) delegate.mutable_person()->set_display_name(field.length_delimited());
  if (field.number() == 3) delegate.set_title(field.length_delimited());
}

Delegate ReadDelegate(const std::string& bytes) {
  Delegate delegate;
  UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) return delegate;
  for (int i = 0; i < fields.field_count(); ++i) ReadField(fields.field(i), delegate);
  return delegate;
}

}  // namespace

std::vector<std::unique_ptr<Message>> SplitDelegates(Message& resource) {
  auto& delegation = static_cast<Delegation&>(resource);
  UnknownFieldSet& unknown = *delegation.GetReflection()->MutableUnknownFields(&delegation);
  std::vector<std::unique_ptr<Message>> delegates;
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    if (field.number() != kDelegates || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    auto delegate = std::make_unique<Delegate>(ReadDelegate(field.length_delimited()));
    delegate->set_name(absl::StrCat(delegation.name(), "/delegates/d", delegates.size() + 1));
    delegate->set_member(delegation.participant().member());
    delegates.push_back(std::move(delegate));
  }
  unknown.DeleteByNumber(kDelegates);
  return delegates;
}

}  // namespace baliprocess::meetings
