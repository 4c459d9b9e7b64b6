#include "services/balictl/client/erasures.h"

#include <filesystem>
#include <ostream>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/strings/str_split.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/store_servers.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {

using google::protobuf::Message;
using operate::v1::ReadErasureListRequest;
using operate::v1::ReadErasureListResponse;

absl::StatusOr<Erasures> ReadErasures(Connection& connection) {
  Erasures erasures;
  RETURN_IF_ERROR(connection.Persistently([&] {
    erasures = {};
    return connection.Stream(
        StoreMethod("ReadErasureList"), ReadErasureListRequest(), [&](const Message& message) {
          const auto& line = static_cast<const ReadErasureListResponse&>(message);
          erasures.lines.insert(line.line());
          if (line.undone()) ++erasures.undone;
          return absl::OkStatus();
        });
  }));
  return erasures;
}

absl::StatusOr<Erasures> ReadErasuresIfKnown(Connection& connection, const std::string& server,
                                             std::ostream& err) {
  absl::StatusOr<Erasures> erasures = ReadErasures(connection);
  if (!absl::IsUnimplemented(erasures.status())) return erasures;
  err << "warning: " << server
      << " doesn't know of lists of erasures: what was erased since a backup would be in the "
         "restored store. Upgrade the service.\n";
  return Erasures();
}

absl::StatusOr<size_t> AddErasures(const std::set<std::string>& lines, const std::string& path) {
  std::string contents;
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    ASSIGN_OR_RETURN(contents, ReadFile(path));
  }
  const std::vector<std::string> there = absl::StrSplit(contents, '\n');
  std::set<std::string> added = lines;
  for (const std::string& line : there) added.erase(line);
  if (added.empty()) return 0;
  if (!contents.empty() && contents.back() != '\n') contents += '\n';
  for (const std::string& line : added) contents += line + '\n';
  RETURN_IF_ERROR(WriteFile(path, contents, 0600));
  return added.size();
}

}  // namespace baliprocess::balictl
