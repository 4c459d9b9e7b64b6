// balictl upload: the content of a document.

#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/document.pb.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/documents.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::Document;
using meetings::v1::GetDocumentRequest;
using meetings::v1::UpdateDocumentRequest;

// Makes the document unless there is one.
absl::Status MakeDocument(Connection& connection, const std::string& name,
                          const std::string& display_name) {
  ASSIGN_OR_RETURN(const auto* get, FindMethod("meetings/GetDocument"));
  GetDocumentRequest get_request;
  get_request.set_name(name);
  Document document;
  const absl::Status found = connection.CallPersistently(*get, get_request, document);
  if (!absl::IsNotFound(found)) return found;
  ASSIGN_OR_RETURN(const auto* update, FindMethod("meetings/UpdateDocument"));
  UpdateDocumentRequest request;
  request.mutable_document()->set_name(name);
  request.mutable_document()->set_display_name(display_name);
  request.set_allow_missing(true);
  request.set_request_id(NewUuid());
  return connection.CallPersistently(*update, request, document);
}

absl::Status RunUpload(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  const std::string& path = arguments.positional[1];
  RETURN_IF_ERROR(CheckDocumentName(name));
  ASSIGN_OR_RETURN(const Content content, ReadContent(path, arguments.Text("media_type")));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  std::string display_name = arguments.Text("display_name");
  if (display_name.empty()) display_name = std::filesystem::path(path).filename().string();
  RETURN_IF_ERROR(MakeDocument(*connection, name, display_name));
  ASSIGN_OR_RETURN(const bool sent, Upload(*connection, name, content));
  io.out << name << ": " << content.bytes.size() << " bytes, " << content.media_type
         << (sent ? "\n" : " (unchanged)\n");
  return absl::OkStatus();
}

}  // namespace

Command UploadCommand() {
  return {.name = "upload",
          .arguments = "DOCUMENT FILE",
          .min_arguments = 2,
          .max_arguments = 2,
          .summary = "Keep a file as the new version of a document",
          .description =
              "Brings up a file, 64 MiB at most, as a new version of a document, which becomes\n"
              "the current one. The versions before it stay, 100 in all: `balictl download\n"
              "--version` gets them. A file that was an earlier version becomes the current one\n"
              "again as a new version, without being sent. The server checks the SHA-256. An\n"
              "upload that broke off goes on from where it was, by itself or when the command\n"
              "is given again. A document that isn't there is made, for members to read.\n"
              "\n"
              "Example:\n"
              "  balictl upload meetings/ahg-17/documents/minutes minutes.pdf",
          .flags = WithConnection(
              {{"media_type", "TYPE", "",
                "What the file is, such as application/pdf. Without it, by the end of its name."},
               {"display_name", "NAME", "",
                "What a document that isn't there yet is called. Without it, as the file."}}),
          .run = RunUpload};
}

}  // namespace baliprocess::balictl
