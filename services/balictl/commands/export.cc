// balictl export: all records as a directory of JSON files.

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/document_files.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

// All resources of the type that the caller sees, by name.
absl::StatusOr<std::vector<std::unique_ptr<Message>>> ListKind(Connection& connection,
                                                               const ResourceKind& kind) {
  ASSIGN_OR_RETURN(auto resources, ListAll(connection, {&kind, kind.pattern.AnyParent()}));
  std::sort(resources.begin(), resources.end(),
            [](const auto& a, const auto& b) { return GetText(*a, "name") < GetText(*b, "name"); });
  return resources;
}

// Whether the public, as which the caller comes, may not do it.
bool IsForTokensAlone(const absl::Status& status) {
  return ReasonOf(status) == api::v1::Error::TOKEN_MISSING;
}

absl::Status WriteKind(const std::string& directory, const ResourceKind& kind,
                       const std::vector<std::unique_ptr<Message>>& resources) {
  std::vector<const Message*> messages;
  messages.reserve(resources.size());
  for (const auto& resource : resources) messages.push_back(resource.get());
  ASSIGN_OR_RETURN(const std::string json, ToJson(messages));
  const std::filesystem::path path = std::filesystem::path(directory) / kind.File();
  RETURN_IF_ERROR(MakeDirectory(path.parent_path().string()));
  // Officials' contact details are among the records: for the owner's eyes.
  return WriteFile(path.string(), json, 0600);
}

absl::Status ExportKind(Connection& connection, const std::string& directory,
                        const ResourceKind& kind, Io& io) {
  const auto listed = ListKind(connection, kind);
  if (absl::IsPermissionDenied(listed.status()) || IsForTokensAlone(listed.status())) {
    io.err << kind.File() << ": left out, as the caller may not list them\n";
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(listed.status());
  const auto& resources = *listed;
  size_t files = 0;
  for (const auto& resource : resources) {
    KeepRecordAndContent(*resource);
    if (!HasContent(*resource)) continue;
    RETURN_IF_ERROR(SaveContent(connection, directory, kind, *resource));
    ++files;
  }
  RETURN_IF_ERROR(WriteKind(directory, kind, resources));
  io.out << kind.File() << ": " << resources.size();
  if (files > 0) io.out << ", " << files << " with content";
  io.out << "\n";
  return absl::OkStatus();
}

absl::Status Export(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  for (const ResourceKind& kind : Resources()) {
    RETURN_IF_ERROR(ExportKind(*connection, arguments.positional[0], kind, io));
  }
  return absl::OkStatus();
}

}  // namespace

Command ExportCommand() {
  return {.name = "export",
          .arguments = "DIR",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Write all records to a directory",
          .description =
              "Writes all records that the caller may see to DIR/<service>/<collection>.json,\n"
              "ordered by name. What is deleted is left out, and so is what the server adds:\n"
              "uid, etag, times, default visibility. States that methods set are in it. Files\n"
              "of documents are written to DIR/meetings/documents/<meeting>/, those of earlier\n"
              "versions too. Files that are there are replaced.\n"
              "\n"
              "What the caller may not list is left out, and said so. Importing an export\n"
              "changes nothing, if the secretariat made it: others don't see everything. Calendar "
              "links and the history aren't in it.",
          .flags = WithConnection({}),
          .run = Export};
}

}  // namespace baliprocess::balictl
