// balictl report participants: the list of participants of a meeting.

#include <unicode/coll.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/meeting_record.h"
#include "services/balictl/commands/papers.h"
#include "services/balictl/contract/long_dates.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::Delegate;
using meetings::v1::Delegation;
using meetings::v1::Meeting;

// The groups of the list, in their order.
constexpr std::array kGroups = {"States", "Observers", "Organisations", "Bodies of the forum",
                                "Guests"};
enum Group { kStates, kObservers, kOrganisations, kBodies, kGuests };

Group GroupOf(const Delegation& delegation, const Attendance& attendance) {
  const auto& participant = delegation.participant();
  if (delegation.capacity() == Delegation::OBSERVER) return kObservers;
  if (participant.has_body()) return kBodies;
  if (!participant.has_member() || delegation.capacity() == Delegation::GUEST) return kGuests;
  return attendance.organisations.contains(participant.member()) ? kOrganisations : kStates;
}

// A key by which names are in the order of the English alphabet: accents and case count last. The
// name itself where ICU's data isn't installed.
std::string AlphabetKey(const std::string& name) {
  UErrorCode error = U_ZERO_ERROR;
  static const std::unique_ptr<icu::Collator> collator(
      icu::Collator::createInstance(icu::Locale::getEnglish(), error));
  if (collator == nullptr) return name;
  const auto text = icu::UnicodeString::fromUTF8(name);
  std::string key(static_cast<size_t>(collator->getSortKey(text, nullptr, 0)), '\0');
  collator->getSortKey(text, reinterpret_cast<uint8_t*>(key.data()),
                       static_cast<int32_t>(key.size()));
  return key;
}

// The head comes first; who has no role on record, last.
int RankOf(const Delegate& delegate) {
  constexpr int kWithout = 100;
  return delegate.role() == Delegate::ROLE_UNSPECIFIED ? kWithout : delegate.role();
}

// Who speaks for a participant, in the order of the list.
std::vector<const Delegate*> DelegatesOf(const Delegation& delegation,
                                         const Attendance& attendance) {
  std::vector<const Delegate*> delegates;
  for (const Delegate& delegate : attendance.delegates) {
    if (absl::StartsWith(delegate.name(), delegation.name() + "/delegates/")) {
      delegates.push_back(&delegate);
    }
  }
  const auto key = [&](const Delegate& delegate) {
    return std::tuple(RankOf(delegate),
                      AlphabetKey(CalledParty(delegate.person(), attendance.names)));
  };
  std::stable_sort(delegates.begin(), delegates.end(),
                   [&](const Delegate* a, const Delegate* b) { return key(*a) < key(*b); });
  return delegates;
}

std::string RoleText(const Delegate& delegate) {
  switch (delegate.role()) {
    case Delegate::HEAD:
      return "Head of delegation";
    case Delegate::ALTERNATE_HEAD:
      return "Alternate head of delegation";
    default: {
      std::string words = InWords(delegate.role());
      if (!words.empty()) words[0] = absl::ascii_toupper(static_cast<unsigned char>(words[0]));
      return words;
    }
  }
}

// One row for each delegate, or one without: a participant is there even if nobody is on record who
// spoke for it.
void AddRows(const Delegation& delegation, const Attendance& attendance, std::vector<Row>& rows) {
  std::string participant = CalledParty(delegation.participant(), attendance.names);
  if (delegation.attendance() == Delegation::REMOTE) participant += " (remote)";
  const auto delegates = DelegatesOf(delegation, attendance);
  if (delegates.empty()) rows.push_back({participant, "", "", ""});
  for (const Delegate* delegate : delegates) {
    std::string person = CalledParty(delegate->person(), attendance.names);
    if (delegate->presence() == Delegate::REMOTE) person += " (remote)";
    rows.push_back({participant, person, delegate->title(), RoleText(*delegate)});
    participant.clear();  // once
  }
}

std::string HeadOf(const Meeting& meeting) {
  std::string head = meeting.display_name();
  for (const std::string& part :
       {PlaceText(meeting.venue()), LongDates(meeting.start_date(), meeting.end_date())}) {
    if (!part.empty()) absl::StrAppend(&head, ", ", part);
  }
  return head;
}

}  // namespace

absl::StatusOr<Paper> ParticipantsPaper(Connection& connection, const std::string& meeting) {
  ASSIGN_OR_RETURN(const std::string name, MeetingName(meeting));
  ASSIGN_OR_RETURN(Attendance attendance, GatherAttendance(connection, name));
  std::stable_sort(attendance.delegations.begin(), attendance.delegations.end(),
                   [&](const Delegation& a, const Delegation& b) {
                     return AlphabetKey(CalledParty(a.participant(), attendance.names)) <
                            AlphabetKey(CalledParty(b.participant(), attendance.names));
                   });
  std::array<std::vector<Row>, kGroups.size()> groups;
  std::vector<std::string> apologies;
  for (const Delegation& delegation : attendance.delegations) {
    if (delegation.attendance() == Delegation::ABSENT) continue;
    if (delegation.attendance() == Delegation::APOLOGIES) {
      apologies.push_back(CalledParty(delegation.participant(), attendance.names));
      continue;
    }
    AddRows(delegation, attendance, groups[GroupOf(delegation, attendance)]);
  }
  Paper paper(TookPlace(attendance.meeting) ? "List of participants"
                                            : "Provisional list of participants");
  paper.Paragraph(HeadOf(attendance.meeting));
  bool any = false;
  for (size_t i = 0; i < groups.size(); ++i) {
    any |= !groups[i].empty();
    groups[i].insert(groups[i].begin(),
                     Row{"Participant", "Name", "Position", "In the delegation"});
    paper.Part(kGroups[i]);
    paper.Table(std::move(groups[i]));
  }
  if (!any) paper.Paragraph("No participants are on record.");
  paper.Part("Apologies");
  paper.List(std::move(apologies));
  return paper;
}

}  // namespace baliprocess::balictl
