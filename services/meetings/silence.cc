#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/composition.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "services/meetings/methods.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using google::protobuf::util::TimeUtil;
using membership::v1::Body;
using membership::v1::Composition;
using v1::Decision;

constexpr int kMostCorrigenda = 10;
constexpr absl::Duration kLongestSilence = absl::Hours(366 * 24);

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(time));
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

// A text whose time is over is adopted, written down or not.
absl::Status WrongState(const Scope& scope, const Decision& decision, std::string_view what) {
  const bool over = decision.state() == Decision::SILENCE_OPEN &&
                    scope.now() >= TimeOf(decision.silence_end_time());
  const auto state = over ? Decision::ADOPTED : decision.state();
  return baliprocess::WrongState(decision.name(), Decision::State_Name(state), what);
}

bool IsEligible(const Decision& decision, const std::string& member) {
  return std::find(decision.eligible_members().begin(), decision.eligible_members().end(),
                   member) != decision.eligible_members().end();
}

absl::Status NotEligible(const Decision& decision, const std::string& member) {
  return RuleBroken("not_eligible",
                    absl::StrCat(member, " isn't eligible to speak on ", decision.name()),
                    decision.name());
}

// Whether silence is open, or would be had nobody broken it. The window is half open: at its last
// moment the text is adopted.
bool InWindow(const Scope& scope, const Decision& decision) {
  const bool opened =
      decision.state() == Decision::SILENCE_OPEN || decision.state() == Decision::BROKEN;
  return opened && scope.now() < TimeOf(decision.silence_end_time());
}

absl::Status CheckWindow(const Scope& scope, const Body& body,
                         const google::protobuf::Timestamp& silence_end_time) {
  if (!body.decision_rules().silence_procedure()) {
    return RuleBroken("no_silence_procedure",
                      absl::StrCat(body.name(), " doesn't decide by silence"), body.name());
  }
  const absl::Duration length = TimeOf(silence_end_time) - scope.now();
  const absl::Duration least = absl::Seconds(body.decision_rules().minimum_silence().seconds());
  if (length < least) {
    return InvalidField("silence_end_time", absl::StrCat("must be at least ",
                                                         absl::FormatDuration(least), " from now"));
  }
  if (length > kLongestSilence) {
    return InvalidField("silence_end_time", "must be at most 366 days from now");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status OpenSilence(Scope& scope, const v1::OpenSilenceRequest& request, Decision& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  if (reply.state() != Decision::DRAFT)
    return WrongState(scope, reply, "only a draft lies in silence");
  if (reply.procedure() != Decision::SILENCE) {
    return RuleBroken("other_procedure", absl::StrCat(reply.name(), " isn't decided by silence"),
                      reply.name());
  }
  ASSIGN_OR_RETURN(const Body body, scope.GetOfPeer<Body>(reply.body()));
  RETURN_IF_ERROR(CheckWindow(scope, body, request.silence_end_time()));
  const google::type::Date today = DayOf(scope.now(), ZoneOf(body.time_zone()));
  ASSIGN_OR_RETURN(const Composition composition, CompositionOf(scope, reply.body(), today));
  for (const Composition::Entry& entry : composition.entries()) {
    if (entry.membership() == Composition::NOT_MEMBER) continue;
    reply.add_eligible_members(entry.member());
  }
  if (reply.eligible_members().empty()) {
    return RuleBroken("no_members", absl::StrCat(reply.body(), " has no members"), reply.body());
  }
  reply.set_state(Decision::SILENCE_OPEN);
  reply.set_time_zone(body.time_zone());
  *reply.mutable_silence_open_time() = ToProto(scope.now());
  // To the microsecond, as it is stored.
  *reply.mutable_silence_end_time() = ToProto(TimeOf(request.silence_end_time()));
  return scope.Update(reply);
}

absl::Status BreakSilence(Scope& scope, const v1::BreakSilenceRequest& request, Decision& reply) {
  if (request.kind() == Decision::Break::AMENDMENT && request.text().empty()) {
    return InvalidField("text", "is required of an amendment");
  }
  ASSIGN_OR_RETURN(reply, scope.Get<Decision>(request.name()));
  if (!InWindow(scope, reply)) return WrongState(scope, reply, "it doesn't lie in silence");
  if (!IsEligible(reply, request.member())) return NotEligible(reply, request.member());
  for (const Decision::Break& earlier : reply.breaks()) {
    if (earlier.member() != request.member()) continue;
    return RuleBroken("broken_already",
                      absl::StrCat(request.member(), " has broken silence on ", reply.name()),
                      reply.name());
  }
  Decision::Break& made = *reply.add_breaks();
  made.set_member(request.member());
  made.set_kind(request.kind());
  made.set_text(request.text());
  *made.mutable_break_time() = ToProto(scope.now());
  reply.set_state(Decision::BROKEN);
  return scope.Update(reply);
}

absl::Status AssociateReservation(Scope& scope, const v1::AssociateReservationRequest& request,
                                  Decision& reply) {
  ASSIGN_OR_RETURN(reply, scope.Get<Decision>(request.name()));
  const bool open = reply.state() == Decision::SILENCE_OPEN && InWindow(scope, reply);
  if (!open && reply.state() != Decision::ADOPTED) {
    return WrongState(scope, reply, "there is nothing to reserve on");
  }
  // Decisions by consensus, and those of the past, know of no eligible members.
  if (reply.procedure() == Decision::SILENCE && !reply.eligible_members().empty() &&
      !IsEligible(reply, request.member())) {
    return NotEligible(reply, request.member());
  }
  for (const Decision::Reservation& earlier : reply.reservations()) {
    if (earlier.member() != request.member()) continue;
    return RuleBroken("reserved_already",
                      absl::StrCat(request.member(), " has a reservation on ", reply.name()),
                      reply.name());
  }
  Decision::Reservation& made = *reply.add_reservations();
  made.set_member(request.member());
  made.set_text(request.text());
  *made.mutable_reserve_time() = ToProto(scope.now());
  return scope.Update(reply);
}

absl::Status AdoptDecision(Scope& scope, const v1::AdoptDecisionRequest& request, Decision& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  if (reply.state() != Decision::DRAFT) return WrongState(scope, reply, "only a draft is adopted");
  if (reply.procedure() == Decision::SILENCE) {
    return RuleBroken("other_procedure", absl::StrCat(reply.name(), " is decided by silence"),
                      reply.name());
  }
  ASSIGN_OR_RETURN(const Body body, scope.GetOfPeer<Body>(reply.body()));
  const google::type::Date today = DayOf(scope.now(), ZoneOf(body.time_zone()));
  if (reply.procedure() == Decision::NOTED) {
    reply.set_state(Decision::ON_RECORD);
    *reply.mutable_adopt_date() = today;
  } else {
    RETURN_IF_ERROR(Adopt(scope, today, reply));
  }
  return scope.Update(reply);
}

absl::Status WithdrawDecision(Scope& scope, const v1::WithdrawDecisionRequest& request,
                              Decision& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  const bool open = reply.state() == Decision::SILENCE_OPEN && InWindow(scope, reply);
  if (reply.state() != Decision::DRAFT && !open) {
    return WrongState(scope, reply, "there is nothing to withdraw");
  }
  reply.set_state(Decision::WITHDRAWN);
  return scope.Update(reply);
}

absl::Status CorrectDecision(Scope& scope, const v1::CorrectDecisionRequest& request,
                             Decision& reply) {
  RETURN_IF_ERROR(scope.GetForChange(request, reply));
  if (reply.state() != Decision::ADOPTED && reply.state() != Decision::ON_RECORD) {
    return WrongState(scope, reply, "only what was adopted or put on record is corrected");
  }
  if (reply.text() == request.text()) return InvalidField("text", "is the text as it stands");
  if (reply.corrigenda_size() >= kMostCorrigenda) {
    return RuleBroken("too_many_corrections",
                      absl::StrCat(reply.name(), " was corrected ", kMostCorrigenda, " times"),
                      reply.name());
  }
  Decision::Corrigendum& corrigendum = *reply.add_corrigenda();
  corrigendum.set_former_text(reply.text());
  corrigendum.set_reason(request.reason());
  *corrigendum.mutable_correct_time() = ToProto(scope.now());
  reply.set_text(request.text());
  return scope.Update(reply);
}

}  // namespace baliprocess::meetings
