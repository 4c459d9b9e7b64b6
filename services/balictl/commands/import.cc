// balictl import: records from a directory of JSON files.

#include <ostream>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/data_directory.h"
#include "services/balictl/client/importer.h"
#include "services/balictl/commands/commands.h"

namespace baliprocess::balictl {
namespace {

absl::Status Import(const Arguments& arguments, Io& io) {
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
  const ImportOptions options{arguments.Is("dry_run"), arguments.Is("merge")};
  return Importer(*connection, options, io).Run(*plan);
}

}  // namespace

Command ImportCommand() {
  return {.name = "import",
          .arguments = "DIR",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Create and update records from a directory",
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
              "leaves out what its caller may not see.",
          .flags = WithConnection(
              {{"dry_run", "", "", "Check everything with the server, write nothing."},
               {"merge", "", "", "Keep the fields of existing records that the file leaves out."}}),
          .run = Import};
}

}  // namespace baliprocess::balictl
