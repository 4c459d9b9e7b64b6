// balictl download: the content of a document, as a file.

#include <ostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/documents.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

absl::Status RunDownload(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  const bool force = arguments.Is("force");
  std::string path = arguments.positional.size() > 1 ? arguments.positional[1] : "";
  int version = 0;
  if (const std::string text = arguments.Text("version");
      !text.empty() && (!absl::SimpleAtoi(text, &version) || version < 1)) {
    return UsageError("--version must be the number of a version: 1 is the first");
  }
  RETURN_IF_ERROR(CheckDocumentName(name));
  if (path != "-") RETURN_IF_ERROR(CheckOutput(path, force));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  ASSIGN_OR_RETURN(const Content content, Download(*connection, name, version));
  if (path == "-") {
    io.out << content.bytes;
    return absl::OkStatus();
  }
  if (path.empty()) {
    path = absl::StrCat(name.substr(name.rfind('/') + 1), ExtensionOf(content.media_type));
  }
  RETURN_IF_ERROR(WriteOutput(path, content.bytes, force));
  io.out << path << ": " << content.bytes.size() << " bytes, " << content.media_type << "\n";
  return absl::OkStatus();
}

}  // namespace

Command DownloadCommand() {
  return {.name = "download",
          .arguments = "DOCUMENT [FILE | -]",
          .min_arguments = 1,
          .max_arguments = 2,
          .summary = "Get the content of a document as a file",
          .description =
              "Brings down a file of a document, its current version or the one of a number,\n"
              "and checks its SHA-256. Without FILE, it is named after the document and put\n"
              "into the current directory; `-` is the standard output. A download that breaks\n"
              "off goes on from where it was. The file is there when it is whole, and readable\n"
              "by its owner.\n"
              "\n"
              "Example:\n"
              "  balictl download meetings/ahg-17/documents/minutes",
          .flags = WithConnection({{"version", "NUMBER", "",
                                    "Which version, 1 the first. Without it, the current one."},
                                   {"force", "", "", "Replace a file that is there."}}),
          .run = RunDownload};
}

}  // namespace baliprocess::balictl
