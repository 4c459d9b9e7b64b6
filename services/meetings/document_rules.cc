#include "baliprocess/meetings/v1/document.pb.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Document;

absl::Status Check(resource::Scope&, const Document*, Document& after) {
  Violations violations;
  CheckOfMeeting(after.agenda_item(), MeetingOf(after.name()), "document.agenda_item", violations);
  return violations.ToStatus();
}

}  // namespace

resource::Rules DocumentRules() { return resource::RulesOf<Document>(nullptr, Check); }

}  // namespace baliprocess::meetings
