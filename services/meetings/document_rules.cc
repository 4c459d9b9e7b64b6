#include <string>

#include "baliprocess/meetings/v1/document.pb.h"
#include "common/resource/contract/names.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Document;

void Validate(const Document& document, std::string_view path, Violations& violations) {
  ValidateOfMeeting(document.agenda_item(), resource::ParentOf(document.name()),
                    std::string(path) + ".agenda_item", violations);
}

}  // namespace

resource::Rules DocumentRules() { return resource::RulesOf<Document>(Validate, nullptr); }

}  // namespace baliprocess::meetings
