// balictl calendar: meetings as a calendar.

#include <ostream>

#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::ExportCalendarRequest;

std::string_view ReasonText(meetings::v1::Calendar::Reason reason) {
  return reason == meetings::v1::Calendar::NO_DATE ? "it has no date"
                                                   : "its date isn't known to the day";
}

absl::Status RunCalendar(const Arguments& arguments, Io& io) {
  const std::string path = arguments.positional.empty() ? "" : arguments.positional[0];
  const bool force = arguments.Is("force");
  if (!path.empty()) RETURN_IF_ERROR(CheckOutput(path, force));
  ASSIGN_OR_RETURN(const auto* method, FindMethod("meetings/ExportCalendar"));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ExportCalendarRequest request;
  request.set_filter(arguments.Text("filter"));
  meetings::v1::Calendar calendar;
  RETURN_IF_ERROR(connection->CallForPieces(*method, request, calendar));
  if (path.empty()) {
    io.out << calendar.file().data();
  } else {
    RETURN_IF_ERROR(WriteOutput(path, calendar.file().data(), force));
  }
  for (const auto& omission : calendar.omissions()) {
    io.err << "left out " << omission.meeting() << ": " << ReasonText(omission.reason()) << "\n";
  }
  if (calendar.meeting_count() == 0) io.err << "there is no meeting in the calendar\n";
  return absl::OkStatus();
}

}  // namespace

Command CalendarCommand() {
  return {.name = "calendar",
          .arguments = "[FILE]",
          .max_arguments = 1,
          .summary = "Get meetings as a calendar",
          .description =
              "Writes the meetings that the caller may see as a calendar (RFC 5545) that any\n"
              "calendar program reads, to FILE or to the standard output. Meetings whose date\n"
              "isn't known to the day are left out and named on the standard error. An empty\n"
              "calendar is told there, too. Links to join from afar are in it only for the\n"
              "secretariat, and for members with a delegation to the meeting.\n"
              "\n"
              "Example:\n"
              "  balictl calendar meetings.ics --filter 'body = \"bodies/ahg\"'",
          .flags = WithConnection(
              {{"filter", "FILTER", "", "Which meetings (AIP-160), as of `balictl list meetings`."},
               {"force", "", "", "Replace a file that is there."}}),
          .run = RunCalendar};
}

}  // namespace baliprocess::balictl
