// balictl import: records from a directory of JSON files, or from a sheet.

#include <filesystem>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/data_directory.h"
#include "services/balictl/client/importer.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/commands/import_sheet.h"

namespace baliprocess::balictl {
namespace {

absl::Status ImportDirectory(const Arguments& arguments, Io& io) {
  const DataSet data = ReadDataSet(arguments.positional[0]);
  for (const std::string& problem : data.problems) io.err << problem << "\n";
  if (!data.problems.empty()) {
    return UsageError(
        absl::StrCat("nothing was sent: ", data.problems.size(),
                     data.problems.size() == 1 ? " thing is wrong" : " things are wrong"));
  }
  const auto plan = PlanImport(data.records);
  if (!plan.ok()) return UsageError(std::string(plan.status().message()));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  connection->interrupted = io.interrupted;
  const ImportOptions options{arguments.Is("dry_run"), arguments.Is("merge")};
  return Importer(*connection, options, io).Run(*plan);
}

// Flags of sheets say nothing of a directory, and the other way round.
absl::Status Import(const Arguments& arguments, Io& io) {
  const std::string& path = arguments.positional[0];
  std::error_code none;
  const bool directory = std::filesystem::is_directory(path, none);
  const bool sheet = !arguments.Text("into").empty();
  if (!directory && !sheet && std::filesystem::exists(path, none)) {
    return UsageError(
        absl::StrCat(path, " is a file: say what its rows are, such as --into bodies/ahg/seats"));
  }
  if (directory && sheet) {
    return UsageError(absl::StrCat("--into is for a sheet, and ", path, " is a directory"));
  }
  if (sheet && arguments.Is("merge")) {
    return UsageError(
        "--merge is for directories: a sheet changes the fields of its columns alone");
  }
  return sheet ? ImportSheet(arguments, io) : ImportDirectory(arguments, io);
}

std::vector<Flag> ImportFlags() {
  std::vector<Flag> flags = {
      {"dry_run", "", "", "Check everything with the server, write nothing."},
      {"merge", "", "", "Keep the fields of existing records that the files leave out."}};
  for (Flag& flag : SheetFlags()) flags.push_back(std::move(flag));
  return WithConnection(std::move(flags));
}

}  // namespace

Command ImportCommand() {
  return {.name = "import",
          .arguments = "DIR | FILE",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Create and update records from a directory, or from a sheet",
          .description =
              "Reads DIR/<service>/<collection>.json, such as membership/bodies.json: arrays of\n"
              "resources with their names, in the JSON mapping of Protocol Buffers. Everything\n"
              "is read and checked before anything is sent. Records that aren't there are\n"
              "created, others made equal to the file, in an order that lets them refer to each\n"
              "other. Nothing is deleted. Doing it again changes nothing. A document whose\n"
              "record tells of its `content` has it in a file,\n"
              "DIR/meetings/documents/<meeting>/<document>, with the ending of its media type\n"
              "(.pdf), and earlier versions beside it (<document>.v1.pdf).\n"
              "\n"
              "A record is replaced as a whole: what the file leaves out is cleared, except\n"
              "what the server fills in, such as the agency of a participation. A state that\n"
              "methods set otherwise is taken from the file; only the secretariat may do that.\n"
              "A practitioner who was merged into another is left as it is. What somebody else\n"
              "changes meanwhile isn't lost: the record is compared again. Mind that an export\n"
              "leaves out what its caller may not see.\n"
              "\n"
              "A FILE is a sheet, .csv or .xlsx, with a heading above each column. Its rows are "
              "records of the collection --into. Columns are found by the names of fields, with "
              "blanks or without. Values are as those of flags (`balictl help values`); elements "
              "of a list are parted by commas. Fields that have no column stay as they are, and so "
              "do those whose cell is empty. Nothing is written unless every row is right: what is "
              "wrong is told by row and column. Interrupted, the same command goes on. A column "
              "`etag`, as a list has it, changes only what nobody changed since.\n"
              "\n"
              "Examples:\n"
              "  balictl import deploy/data/bali-process-2024\n"
              "  balictl import seats.csv --into bodies/ahg/seats --id '{Member}' --dry_run\n"
              "  balictl import participants.xlsx --into activities/bkk-2024/participations \\\n"
              "      --with practitioner --id 'bkk24-{No}' --map 'Born=birth_date'",
          .flags = ImportFlags(),
          .run = Import};
}

}  // namespace baliprocess::balictl
