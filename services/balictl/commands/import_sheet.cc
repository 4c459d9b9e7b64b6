#include "services/balictl/commands/import_sheet.h"

#include <algorithm>
#include <filesystem>
#include <istream>
#include <ostream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/importer.h"
#include "services/balictl/client/sheet_records.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/interruption.h"
#include "services/balictl/program/terminal_text.h"
#include "services/balictl/sheets/sheet.h"

namespace baliprocess::balictl {
namespace {

// What is told at once: who has more to mend begins with these.
constexpr size_t kMostTold = 100;

absl::StatusOr<Sheet> Read(const std::string& path, const Arguments& arguments, Io& io) {
  const SheetLimits limits;
  std::error_code none;
  if (const auto size = std::filesystem::file_size(path, none); !none && size > limits.file_bytes) {
    return UsageError(absl::StrCat(path, ": may have ", limits.file_bytes, " bytes"));
  }
  ASSIGN_OR_RETURN(const std::string contents, ReadFile(path));
  auto sheet = ReadSheet(contents, arguments.Text("sheet"), limits);
  if (!sheet.ok()) {
    if (!IsUsageError(sheet.status())) return sheet.status();
    return UsageError(absl::StrCat(path, ": ", sheet.status().message()));
  }
  io.err << path << ": " << SafeText(sheet->form) << "\n";
  if (!sheet->note.empty()) io.err << SafeText(sheet->note) << " (--sheet NAME reads another)\n";
  return sheet;
}

// The place of the row with the headings in Sheet.rows: the first one with content, or the one that
// the caller says.
absl::StatusOr<size_t> HeadingRow(const Sheet& sheet, const Arguments& arguments) {
  const std::string text = arguments.Text("heading_row");
  if (sheet.rows.empty()) return UsageError("the sheet is empty");
  if (text.empty()) return size_t{0};
  size_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return UsageError("--heading_row must be a number");
  for (size_t i = 0; i < sheet.rows.size(); ++i) {
    if (sheet.rows[i].number == number) return i;
  }
  return UsageError(absl::StrCat("--heading_row: the row ", number, " is empty"));
}

absl::Status FindIds(const Arguments& arguments, SheetPlan& plan) {
  const auto& columns = plan.columns.columns;
  const bool named = std::any_of(columns.begin(), columns.end(), [](const SheetColumn& column) {
    return column.use == SheetColumn::Use::kName;
  });
  const std::string text = arguments.Text("id");
  if (text.empty() && !named) {
    return UsageError(
        "the rows have no names, by which they are found again: say how ids are made of columns, "
        "such as --id 'bkk24-{No}', or add a column `name`");
  }
  if (text.empty()) return absl::OkStatus();
  if (absl::StrContains(plan.target.into.parent, "-") &&
      !plan.target.into.kind->pattern.MatchesParent(plan.target.into.parent, false)) {
    return UsageError("--id needs one parent: --into has a - in the place of one");
  }
  ASSIGN_OR_RETURN(plan.ids, IdTemplate::Parse(text, plan.columns));
  return absl::OkStatus();
}

// Asks on a terminal, and refuses elsewhere: a date that is guessed is wrong in a way that nobody
// sees.
absl::Status FindDateOrder(const Sheet& sheet, SheetPlan& plan, Io& io) {
  const std::string date = DateThatAsks(sheet, plan);
  if (date.empty()) return absl::OkStatus();
  const std::string question = absl::StrCat(
      SafeText(date), "\nIn which order are the dates: dmy (day, month, year) or mdy?");
  if (io.terminal) {
    io.err << question << " " << std::flush;
    std::string answer;
    std::getline(io.in, answer);
    answer = absl::AsciiStrToLower(std::string(absl::StripAsciiWhitespace(answer)));
    if (!answer.empty()) {
      ASSIGN_OR_RETURN(plan.date_order, ParseDateOrder(answer));
      return absl::OkStatus();
    }
  }
  return UsageError(absl::StrCat(question, " Say --date_order dmy or --date_order mdy"));
}

absl::StatusOr<SheetPlan> PlanSheet(const Sheet& sheet, const Arguments& arguments, Io& io) {
  SheetPlan plan;
  plan.file = std::filesystem::path(arguments.positional[0]).filename().string();
  plan.clear = arguments.Is("clear");
  ASSIGN_OR_RETURN(plan.target, FindSheetTarget(arguments.Text("into"), arguments.Text("with")));
  ASSIGN_OR_RETURN(const size_t heading_row, HeadingRow(sheet, arguments));
  plan.first_row = heading_row + 1;
  ASSIGN_OR_RETURN(plan.columns, MatchColumns(sheet.rows[heading_row], plan.target,
                                              arguments.All("map"), arguments.All("ignore")));
  if (!plan.columns.set_by_server.empty()) {
    io.err << "left aside, as the server sets them: "
           << SafeText(absl::StrJoin(plan.columns.set_by_server, ", ")) << "\n";
  }
  RETURN_IF_ERROR(FindIds(arguments, plan));
  ASSIGN_OR_RETURN(plan.date_order, ParseDateOrder(arguments.Text("date_order")));
  RETURN_IF_ERROR(FindDateOrder(sheet, plan, io));
  return plan;
}

absl::Status TellProblems(const std::vector<std::string>& problems, Io& io) {
  const size_t told = std::min(problems.size(), kMostTold);
  for (size_t i = 0; i < told; ++i) io.err << SafeText(problems[i]) << "\n";
  if (told < problems.size()) io.err << "and " << problems.size() - told << " more\n";
  return UsageError(absl::StrCat("nothing was sent: ", problems.size(),
                                 problems.size() == 1 ? " thing is wrong" : " things are wrong"));
}

absl::StatusOr<std::unique_ptr<Connection>> Open(const Arguments& arguments, const Io& io) {
  ASSIGN_OR_RETURN(auto connection, Connection::Open(arguments));
  connection->interrupted = io.interrupted;
  return connection;
}

// The whole sheet on trial, so that a mistake in its last row doesn't leave the first ones behind.
absl::StatusOr<SameRecords> CheckAll(Connection& connection, const Connect& connect,
                                     const ImportPlan& plan, Io& io) {
  std::ostringstream aside;
  Io quiet{io.in, aside, io.err, io.environment, io.width, io.terminal, io.interrupted};
  const ImportOptions options{.dry_run = true, .most_refusals_told = kMostTold, .connect = connect};
  Importer trial(connection, options, quiet);
  const absl::Status checked = trial.Run(plan);
  if (checked.ok()) return trial.TakeSame();
  if (IsInterruption(checked)) io.err << "Nothing was written.\n";
  if (!absl::IsFailedPrecondition(checked)) return checked;
  return absl::FailedPreconditionError(absl::StrCat("nothing was written: ", checked.message()));
}

}  // namespace

std::vector<Flag> SheetFlags() {
  return {{"into", "COLLECTION", "",
           "Of a sheet: what its rows are, such as bodies/ahg/seats; bodies/-/seats where a column "
           "`name` has the whole names."},
          {"with", "FIELD", "",
           "Of a sheet: make the record that this field of a row refers to as well, such as the "
           "practitioner of a participation, of the columns that are its fields."},
          {.name = "map",
           .value = "HEADING=FIELD",
           .fallback = "",
           .help = "Of a sheet: the field of a heading that isn't called like it.",
           .repeated = true},
          {.name = "ignore",
           .value = "HEADING",
           .fallback = "",
           .help = "Of a sheet: leave this column aside; '*': all whose headings are no fields.",
           .repeated = true},
          {"id", "TEMPLATE", "",
           "Of a sheet without a column `name`: how ids are made, with headings in braces: "
           "'bkk24-{No}'."},
          {"date_order", "dmy|mdy|ymd", "", "Of a sheet: how dates such as 03/04/2023 are meant."},
          {"sheet", "NAME", "", "Of an .xlsx file: which sheet. Without it the first one."},
          {"heading_row", "NUMBER", "",
           "Of a sheet: the row with the headings. Without it the first one that isn't empty."},
          {"clear", "", "",
           "Of a sheet: an empty cell clears its field. Without it, it says nothing."}};
}

absl::Status ImportSheet(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const Sheet sheet, Read(arguments.positional[0], arguments, io));
  ASSIGN_OR_RETURN(const SheetPlan sheet_plan, PlanSheet(sheet, arguments, io));
  const DataSet data = SheetRecords(sheet, sheet_plan);
  if (!data.problems.empty()) return TellProblems(data.problems, io);
  const auto plan = PlanImport(data.records);
  if (!plan.ok()) return UsageError(std::string(plan.status().message()));
  ASSIGN_OR_RETURN(const auto connection, Open(arguments, io));
  const bool dry_run = arguments.Is("dry_run");
  ImportOptions options{.dry_run = dry_run,
                        .most_changes_told = dry_run ? kMostTold : 0,
                        .most_refusals_told = kMostTold,
                        .connect = [&] { return Open(arguments, io); }};
  if (!dry_run) {
    ASSIGN_OR_RETURN(options.same, CheckAll(*connection, options.connect, *plan, io));
  }
  return Importer(*connection, options, io).Run(*plan);
}

}  // namespace baliprocess::balictl
