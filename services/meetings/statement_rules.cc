#include <string>

#include "baliprocess/meetings/v1/statement.pb.h"
#include "common/resource/contract/names.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Statement;

void Validate(const Statement& statement, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  if (statement.speaker().empty() == statement.speaker_name().empty()) {
    violations.Add(path + ".speaker", "is required, or else a speaker_name, and not both");
  }
  if (!statement.on_behalf_of().empty() && !statement.on_behalf_of_body().empty()) {
    violations.Add(path + ".on_behalf_of_body", "must be empty where on_behalf_of is given");
  }
  ValidateOfMeeting(statement.agenda_item(), resource::ParentOf(statement.name()),
                    path + ".agenda_item", violations);
}

}  // namespace

resource::Rules StatementRules() { return resource::RulesOf<Statement>(Validate, nullptr); }

}  // namespace baliprocess::meetings
