// A meeting with all that belongs to it, as far as the caller sees it.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_MEETING_RECORD_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_MEETING_RECORD_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "baliprocess/common/v1/party.pb.h"
#include "baliprocess/common/v1/venue.pb.h"
#include "baliprocess/meetings/v1/action_item.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/decision.pb.h"
#include "baliprocess/meetings/v1/delegate.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/document.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "baliprocess/meetings/v1/statement.pb.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/display_names.h"

namespace baliprocess::balictl {

struct MeetingRecord {
  meetings::v1::Meeting meeting;
  std::vector<meetings::v1::Delegation> delegations;
  meetings::v1::AttendanceGap gap;
  meetings::v1::Agenda agenda;
  std::vector<meetings::v1::Statement> statements;
  std::vector<meetings::v1::Document> documents;
  std::vector<meetings::v1::Decision> decisions;
  std::vector<meetings::v1::ActionItem> action_items;  // open ones: carried over, or agreed here
  std::set<std::string> together;                      // meetings held together with it
  DisplayNames names;
};

// The name of the meeting that a person means by `ahg-17` or `meetings/ahg-17`; a usage error when
// that isn't the name of a meeting.
absl::StatusOr<std::string> MeetingName(const std::string& text);

absl::StatusOr<MeetingRecord> GatherMeeting(Connection& connection, const std::string& name);

// A meeting with who took part in it.
struct Attendance {
  meetings::v1::Meeting meeting;
  std::vector<meetings::v1::Delegation> delegations;
  std::vector<meetings::v1::Delegate> delegates;
  std::set<std::string> organisations;  // members among the participants that are no states
  DisplayNames names;
};

absl::StatusOr<Attendance> GatherAttendance(Connection& connection, const std::string& name);

// What a party is called, as far as it is known.
std::string NameOf(const common::v1::Party& party, const DisplayNames& names);

// The same, or else the name of the resource.
std::string CalledParty(const common::v1::Party& party, const DisplayNames& names);

// The member or body that leads it; "" where none does.
const std::string& LeadOf(const meetings::v1::ActionItem& item);

// `David Scott, A guest`; members, bodies and officials without a known name by their own.
std::string PresentersText(const meetings::v1::AgendaItem& item, const DisplayNames& names);

// `Kuala Lumpur, MY`; "" where nothing is known.
std::string PlaceText(const common::v1::Venue& venue);

// Whether it is over or going on.
bool TookPlace(const meetings::v1::Meeting& meeting);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_MEETING_RECORD_H_
