// balictl export: all records as a directory of JSON files.

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/commands.h"
#include "services/balictl/connection.h"
#include "services/balictl/contract.h"
#include "services/balictl/files.h"
#include "services/balictl/json.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

constexpr int kPageSize = 1000;

// All resources of the type that the caller sees, by name, without what the server adds.
absl::StatusOr<std::vector<std::unique_ptr<Message>>> ListAll(Connection& connection,
                                                              const ResourceKind& kind) {
  std::vector<std::unique_ptr<Message>> resources;
  const auto request = NewMessage(kind.list->input_type());
  if (!kind.pattern.IsTopLevel()) SetText(*request, "parent", kind.AnyParent());
  SetNumber(*request, "page_size", kPageSize);
  std::string next;
  do {
    const auto page = NewMessage(kind.list->output_type());
    RETURN_IF_ERROR(connection.CallPersistently(*kind.list, *request, *page));
    const auto* reflection = page->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*page, kind.items); ++i) {
      auto& resource = resources.emplace_back(NewMessage(kind.message));
      resource->CopyFrom(reflection->GetRepeatedMessage(*page, kind.items, i));
      KeepContent(*resource);
    }
    next = GetText(*page, "next_page_token");
    SetText(*request, "page_token", next);
  } while (!next.empty());
  std::sort(resources.begin(), resources.end(),
            [](const auto& a, const auto& b) { return GetText(*a, "name") < GetText(*b, "name"); });
  return resources;
}

absl::Status WriteKind(const std::string& directory, const ResourceKind& kind,
                       const std::vector<std::unique_ptr<Message>>& resources) {
  std::vector<const Message*> messages;
  for (const auto& resource : resources) messages.push_back(resource.get());
  ASSIGN_OR_RETURN(const std::string json, ToJson(messages));
  const std::filesystem::path path = std::filesystem::path(directory) / kind.File();
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(path.parent_path().string(), " can't be made: ", error.message()));
  }
  // Officials' contact details are among the records: for the owner's eyes.
  return WriteFile(path.string(), json, 0600);
}

absl::Status Export(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  for (const ResourceKind& kind : Resources()) {
    ASSIGN_OR_RETURN(const auto resources, ListAll(*connection, kind));
    RETURN_IF_ERROR(WriteKind(arguments.positional[0], kind, resources));
    io.out << kind.File() << ": " << resources.size() << "\n";
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
              "Writes all records that the caller may see to DIR/<service>/<collection>.json, "
              "ordered by\nname, without deleted ones and without what the server adds (uid, etag, "
              "times, default\nvisibility). Files that are there are replaced. Importing an export "
              "changes nothing,\nprovided that it was made by the secretariat: others don't see "
              "everything.",
          .flags = WithConnection({}),
          .run = Export};
}

}  // namespace baliprocess::balictl
