#include <string>

#include "baliprocess/meetings/v1/statement.pb.h"
#include "common/resource/contract/names.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Statement;

void Validate(const Statement& statement, std::string_view prefix, Violations& violations) {
  ValidateOfMeeting(statement.agenda_item(), resource::ParentOf(statement.name()),
                    std::string(prefix) + ".agenda_item", violations);
}

}  // namespace

resource::Rules StatementRules() { return resource::RulesOf<Statement>(Validate, nullptr); }

}  // namespace baliprocess::meetings
