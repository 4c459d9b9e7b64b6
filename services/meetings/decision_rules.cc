#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/decision.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using resource::ChangeKind;
using resource::ChangeOf;
using resource::Scope;
using v1::Decision;

// The largest number that a decision may have (decision.proto).
constexpr int64_t kMostDecisions = 1'000'000;

// What a record of a silence has to have: who could break it, and until when.
void ValidateSilence(const Decision& decision, const std::string& path, Violations& violations) {
  const bool silence = decision.procedure() == Decision::SILENCE;
  const bool opened =
      decision.state() == Decision::SILENCE_OPEN || decision.state() == Decision::BROKEN;
  if (opened && !silence) {
    violations.Add(path + ".state", "is for decisions by silence");
  }
  const bool noted = decision.procedure() == Decision::NOTED;
  if (decision.state() == (noted ? Decision::ADOPTED : Decision::ON_RECORD)) {
    violations.Add(path + ".state", "must be ON_RECORD for what is noted, ADOPTED for the rest");
  }
  if (opened && (!decision.has_silence_open_time() || !decision.has_silence_end_time())) {
    violations.Add(path + ".silence_end_time", "is required, as is silence_open_time");
  }
  if (opened && decision.eligible_members().empty()) {
    violations.Add(path + ".eligible_members", "are required where silence was opened");
  }
  if (!silence && (decision.has_silence_open_time() || decision.has_silence_end_time())) {
    violations.Add(path + ".silence_end_time", "must be absent unless the procedure is SILENCE");
  }
  if (decision.breaks().empty() == (decision.state() == Decision::BROKEN)) {
    violations.Add(path + ".breaks", "are of a decision that is BROKEN, and of no other");
  }
}

void Validate(const Decision& decision, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  ValidateOfMeeting(decision.agenda_item(), decision.meeting(), path + ".agenda_item", violations);
  ValidateSilence(decision, path, violations);
  const bool adopted = decision.state() == Decision::ADOPTED;
  if (decision.number() != 0 && !adopted) {
    violations.Add(path + ".number", "must be absent until the decision is adopted");
  }
  if (decision.has_adopt_date() && !adopted && decision.state() != Decision::ON_RECORD) {
    violations.Add(path + ".adopt_date", "must be absent until the decision is adopted");
  }
}

// A body numbers its decisions: each number is one decision's.
absl::Status CheckNumber(Scope& scope, const Decision& decision) {
  if (decision.number() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const auto others,
      scope.Where<Decision>("body = ? AND number = ? AND name <> ?",
                            {decision.body(), int64_t{decision.number()}, decision.name()}));
  if (others.empty()) return absl::OkStatus();
  return RuleBroken(
      "number_taken",
      absl::StrCat(others[0].name(), " is decision ", decision.number(), " of ", decision.body()),
      others[0].name());
}

// Others than those of the past begin as drafts.
absl::Status CheckNew(Scope& scope, const ChangeOf<Decision>& change) {
  Decision& decision = change.after;
  if (decision.state() == Decision::STATE_UNSPECIFIED) decision.set_state(Decision::DRAFT);
  if (decision.state() != Decision::ADOPTED) return absl::OkStatus();
  if (decision.number() == 0) return Adopt(scope, decision.adopt_date(), decision);
  return CheckNumber(scope, decision);
}

absl::Status CheckFollows(Scope& scope, const Decision& decision) {
  if (decision.follows().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Decision before, scope.Require<Decision>(decision.follows()));
  if (before.state() == Decision::BROKEN || before.state() == Decision::WITHDRAWN) {
    return absl::OkStatus();
  }
  return RuleBroken("follows_standing",
                    absl::StrCat(before.name(), " is neither broken nor withdrawn"), before.name());
}

absl::Status CheckUpdate(Scope& scope, const Decision& before, const Decision& after) {
  const bool corrected = before.corrigenda_size() != after.corrigenda_size();
  const bool changed = (!corrected && before.text() != after.text()) ||
                       before.body() != after.body() || before.procedure() != after.procedure() ||
                       before.display_name() != after.display_name();
  if (changed && before.state() != Decision::DRAFT) {
    return WrongState(after.name(), Decision::State_Name(before.state()),
                      "what it says doesn't change any more");
  }
  return before.follows() == after.follows() ? absl::OkStatus() : CheckFollows(scope, after);
}

absl::Status Check(Scope& scope, const ChangeOf<Decision>& change) {
  switch (change.kind) {
    case ChangeKind::kCreate:
      RETURN_IF_ERROR(CheckNew(scope, change));
      return CheckFollows(scope, change.after);
    case ChangeKind::kUpdate:
      return CheckUpdate(scope, *change.before, change.after);
    case ChangeKind::kDelete:
      return absl::OkStatus();
    case ChangeKind::kUndelete:
      RETURN_IF_ERROR(CheckNumber(scope, change.after));
      return CheckFollows(scope, change.after);
  }
  return absl::InternalError("no such kind of change");
}

// The window is half open: a break at the moment of expiry comes too late.
absl::Status Settle(Scope& scope, google::protobuf::Message& resource) {
  auto& decision = static_cast<Decision&>(resource);
  const absl::Time expired = absl::FromUnixSeconds(decision.silence_end_time().seconds());
  RETURN_IF_ERROR(Adopt(scope, DayOf(expired, ZoneOf(decision.time_zone())), decision));
  return scope.Update(decision);
}

}  // namespace

resource::Rules DecisionRules() {
  resource::Rules rules = resource::RulesOf<Decision>(Validate, Check);
  rules.due_when = absl::StrCat("state = ", static_cast<int>(Decision::SILENCE_OPEN));
  rules.due_column = "silence_end_time";
  rules.settle = Settle;
  return rules;
}

absl::Status Adopt(Scope& scope, const google::type::Date& day, Decision& decision) {
  decision.set_state(Decision::ADOPTED);
  if (day.year() != 0) *decision.mutable_adopt_date() = day;
  if (decision.number() != 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto rows,
                   scope.tx().Query("SELECT COALESCE(MAX(number), 0) FROM decisions WHERE body = ?",
                                    {decision.body()}));
  const int64_t number = storage::AsInt(rows[0][0]) + 1;
  if (number > kMostDecisions) {
    return RuleBroken("no_number_left", absl::StrCat(decision.body(), " has no number left"),
                      decision.body());
  }
  decision.set_number(static_cast<int32_t>(number));
  return absl::OkStatus();
}

}  // namespace baliprocess::meetings
