// balictl erasures: the lists of erasures of running services.

#include "services/balictl/client/erasures.h"

#include <ostream>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/store_servers.h"
#include "services/balictl/commands/commands.h"

namespace baliprocess::balictl {
namespace {

absl::Status RunErasures(const Arguments& arguments, Io& io) {
  const std::string& path = arguments.positional[0];
  for (const std::string& server : arguments.All("server")) {
    ASSIGN_OR_RETURN(const auto connection, OpenAt(arguments, server));
    const auto erasures = ReadErasures(*connection);
    if (!erasures.ok()) return At(server, erasures.status());
    ASSIGN_OR_RETURN(const size_t added, AddErasures(erasures->lines, path));
    io.out << server << ": " << erasures->lines.size() << " lines, " << added << " added\n";
  }
  return absl::OkStatus();
}

}  // namespace

Command ErasuresCommand() {
  return {.name = "erasures",
          .arguments = "FILE",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Collect what was erased, for when a store is restored",
          .description =
              "Adds to FILE what the list of erasures (--erasure_list) of each server has, which\n"
              "are replicas of one service. Kept elsewhere than the store, it is there when the\n"
              "store is restored: append it to the list of the service before that starts.\n"
              "balictl backup does so by itself. Services are called directly, as for balictl\n"
              "backup.\n"
              "\n"
              "Example:\n"
              "  balictl erasures /backup/membership.erasures --server 10.0.0.5:7401 \\\n"
              "    --server 10.0.0.6:7401",
          .flags = WithServers({}),
          .run = RunErasures};
}

}  // namespace baliprocess::balictl
