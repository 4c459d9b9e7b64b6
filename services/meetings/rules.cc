#include "services/meetings/rules.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "common/resource/contract/names.h"

namespace baliprocess::meetings {

void ValidateOfMeeting(std::string_view agenda_item, std::string_view meeting,
                       const std::string& field, Violations& violations) {
  if (agenda_item.empty() || (!meeting.empty() && resource::ParentOf(agenda_item) == meeting))
    return;
  violations.Add(field, "must be an item of the same meeting");
}

absl::StatusOr<membership::v1::Composition> CompositionOf(resource::Scope& scope,
                                                          const std::string& body,
                                                          const google::type::Date& as_of) {
  membership::v1::GetCompositionRequest request;
  request.set_body(body);
  *request.mutable_as_of() = as_of;
  return scope.AskPeer<membership::v1::Member, membership::v1::Composition>("GetComposition",
                                                                            request);
}

}  // namespace baliprocess::meetings
