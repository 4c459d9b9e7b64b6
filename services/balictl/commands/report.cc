// balictl report: papers to send or to print.

#include <stdlib.h>

#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/commands/papers.h"
#include "services/balictl/program/child.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

constexpr absl::Duration kLongestPrinting = absl::Minutes(2);

absl::StatusOr<Paper> Written(Connection& connection, const std::vector<std::string>& words) {
  const std::string& what = words[0];
  const bool takes_two = what == "year" || what == "figures";
  if (what != "meeting" && what != "participants" && !takes_two) {
    return UsageError(absl::StrCat("there is no report ", what,
                                   "; there are: meeting MEETING, participants MEETING, year "
                                   "BODY|all YEAR, figures BODY PERIOD"));
  }
  if (words.size() != (takes_two ? 3U : 2U)) {
    return UsageError(what == "year"      ? "say: report year BODY|all YEAR"
                      : what == "figures" ? "say: report figures BODY PERIOD"
                                          : "say: report " + what + " MEETING");
  }
  if (what == "meeting") return MeetingPaper(connection, words[1]);
  if (what == "participants") return ParticipantsPaper(connection, words[1]);
  if (what == "year") return YearPaper(connection, words[1], words[2]);
  return FiguresPaper(connection, words[1], words[2]);
}

// The program names nothing to fetch, and has no network to fetch it by.
absl::StatusOr<std::string> PdfOf(const std::string& html) {
  std::string folder = (std::filesystem::temp_directory_path() / "balictl-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return UsageError("no temporary file can be made");
  const std::string path = folder + "/report.pdf";
  Child printer{.words = {"weasyprint", "-", path}};
  printer.input = &html;
  printer.quiet = true;
  printer.offline = true;
  printer.limit = kLongestPrinting;
  const absl::Status printed = RunChild(printer);
  absl::StatusOr<std::string> pdf =
      printed.ok() ? ReadFile(path) : absl::StatusOr<std::string>(printed);
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (absl::IsNotFound(printed)) {
    return UsageError(
        "--format pdf needs Debian's package weasyprint, which isn't installed; or print what "
        "--format html gives from a browser");
  }
  return pdf;
}

absl::Status Report(const Arguments& arguments, Io& io) {
  const std::string format = arguments.Text("format");
  const std::string file = arguments.Text("file");
  if (format != "markdown" && format != "html" && format != "pdf") {
    return UsageError("--format must be markdown, html or pdf");
  }
  if (!file.empty()) {
    RETURN_IF_ERROR(CheckOutput(file, arguments.Is("force")));
  }
  if (format == "pdf" && file.empty() && io.width != 0) {
    return UsageError("a PDF isn't for a terminal: --file FILE");
  }
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ASSIGN_OR_RETURN(const Paper paper, Written(*connection, arguments.positional));
  std::string text = format == "markdown" ? paper.ToMarkdown() : paper.ToHtml();
  if (format == "pdf") {
    ASSIGN_OR_RETURN(text, PdfOf(text));
  }
  if (!file.empty()) return WriteOutput(file, text, arguments.Is("force"));
  io.out << text;
  return absl::OkStatus();
}

}  // namespace

Command ReportCommand() {
  return {
      .name = "report",
      .arguments = "meeting|participants|year|figures OF [YEAR|PERIOD]",
      .min_arguments = 2,
      .max_arguments = 3,
      .summary = "Write a meeting, its participants, a year, figures as a paper",
      .description =
          "Writes a paper to send or to print, of what the caller may see: a meeting with all that "
          "belongs to it; its participants in the order of such lists (states, observers, "
          "organisations, by the English alphabet, the head of each delegation first), without how "
          "to reach them; a year of a body, or of all; the figures of a body for a period. Dates "
          "are as precise as they are on record."
          "\n\nExamples:\n"
          "  balictl report meeting ahg-17\n"
          "  balictl report participants ahg-17 --format html --file participants.html\n"
          "  balictl report year all 2024 --format pdf --file 2024.pdf\n"
          "  balictl report figures rso 2023",
      .flags = WithConnection(
          {{"format", "markdown|html|pdf", "markdown",
            "html: one file, to read and to print. pdf: needs Debian's package weasyprint."},
           {"file", "FILE", "", "Where to write it; without it, to the output."},
           {"force", "", "", "Replace the file if it is there."}}),
      .run = Report};
}

}  // namespace baliprocess::balictl
