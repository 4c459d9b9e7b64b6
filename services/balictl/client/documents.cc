#include "services/balictl/client/documents.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/httpbody.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "baliprocess/meetings/v1/document.pb.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

using google::api::HttpBody;
using google::protobuf::Message;
using meetings::v1::Document;
using meetings::v1::DownloadDocumentRequest;
using meetings::v1::GetUploadRequest;
using meetings::v1::UploadDocumentRequest;

constexpr size_t kDataBytes = 1 << 20;  // the most that a message may carry

// What minutes, papers, slides and recordings come as.
struct FileType {
  std::string_view extension;
  std::string_view media_type;
};
constexpr FileType kFileTypes[] = {
    {".pdf", "application/pdf"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".odp", "application/vnd.oasis.opendocument.presentation"},
    {".txt", "text/plain"},
    {".md", "text/markdown"},
    {".html", "text/html"},
    {".csv", "text/csv"},
    {".jpg", "image/jpeg"},
    {".png", "image/png"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".zip", "application/zip"},
};

// What the contract says against a content of this size.
absl::Status CheckSize(const std::string& path, uintmax_t size) {
  const auto* field = Document::Content::descriptor()->FindFieldByName("size_bytes");
  const auto& rules = field->options().GetExtension(api::v1::field);
  const auto bytes = static_cast<int64_t>(size);
  if (bytes >= rules.minimum() && bytes <= rules.maximum()) return absl::OkStatus();
  return UsageError(absl::StrCat(path, " has ", size, " bytes; the content of a document has ",
                                 rules.minimum(), " to ", rules.maximum()));
}

// Sends what the server doesn't have yet.
absl::Status SendRest(Connection& connection, const std::string& document, const Content& content,
                      int64_t received) {
  ASSIGN_OR_RETURN(const auto* method, FindMethod("meetings/UploadDocument"));
  size_t at = static_cast<size_t>(received);
  bool begun = false;
  const auto next = [&](Message& message) {
    if (begun && at >= content.bytes.size()) return false;
    auto& request = static_cast<UploadDocumentRequest&>(message);
    request.Clear();
    if (!begun) {
      begun = true;
      request.set_name(document);
      request.set_size_bytes(static_cast<int64_t>(content.bytes.size()));
      request.set_sha256(content.sha256);
      request.set_offset(received);
      request.mutable_content()->set_content_type(content.media_type);
    }
    request.mutable_content()->set_data(content.bytes.substr(at, kDataBytes));
    at += request.content().data().size();
    return true;
  };
  Document reply;
  return connection.Send(*method, next, reply);
}

// Takes what a download brings. `content` is what came before it broke off.
absl::Status Take(const HttpBody& body, Document::Content& announced, std::string& bytes) {
  if (Document::Content content;
      body.extensions_size() > 0 && body.extensions(0).UnpackTo(&content)) {
    const bool replaced = !bytes.empty() && content.sha256() != announced.sha256();
    announced = std::move(content);
    if (!replaced) return absl::OkStatus();
    bytes.clear();
    return Error(api::v1::Error::CONFLICT, "the content was replaced meanwhile");
  }
  bytes += body.data();
  if (bytes.size() <= static_cast<size_t>(announced.size_bytes())) return absl::OkStatus();
  return absl::DataLossError("the server sent more than it announced");
}

}  // namespace

absl::Status CheckDocumentName(const std::string& name) {
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  if (kind->message == Document::descriptor()) return absl::OkStatus();
  return UsageError(absl::StrCat(
      name, " isn't the name of a document, such as meetings/sg-18/documents/minutes"));
}

absl::StatusOr<Content> ReadContent(const std::string& path, const std::string& media_type) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return UsageError(absl::StrCat(path, " can't be read: ", error.message()));
  RETURN_IF_ERROR(CheckSize(path, size));
  ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
  std::string sha256 = ToHex(Sha256(bytes));
  return Content{std::move(bytes), media_type.empty() ? MediaTypeOf(path) : media_type,
                 std::move(sha256)};
}

absl::StatusOr<bool> Upload(Connection& connection, const std::string& document,
                            const Content& content, UploadAs as) {
  ASSIGN_OR_RETURN(const auto* get_upload, FindMethod("meetings/GetUpload"));
  GetUploadRequest request;
  request.set_name(document);
  request.set_sha256(content.sha256);
  bool sent = false;
  const auto attempt = [&]() -> absl::Status {
    meetings::v1::Upload upload;
    RETURN_IF_ERROR(connection.Call(*get_upload, request, upload));
    const bool kept = upload.received_bytes() == static_cast<int64_t>(content.bytes.size());
    if (upload.complete() || (kept && as == UploadAs::kEarlier)) return absl::OkStatus();
    sent = true;
    return SendRest(connection, document, content, upload.received_bytes());
  };
  RETURN_IF_ERROR(connection.Persistently(attempt));
  return sent;
}

absl::StatusOr<Content> Download(Connection& connection, const std::string& document, int version) {
  ASSIGN_OR_RETURN(const auto* method, FindMethod("meetings/DownloadDocument"));
  DownloadDocumentRequest request;
  request.set_name(document);
  request.set_version(version);
  Document::Content announced;
  std::string bytes;
  const auto attempt = [&] {
    request.set_offset(static_cast<int64_t>(bytes.size()));
    return connection.Stream(*method, request, [&](const Message& message) {
      return Take(static_cast<const HttpBody&>(message), announced, bytes);
    });
  };
  RETURN_IF_ERROR(connection.Persistently(attempt));
  if (ToHex(Sha256(bytes)) != announced.sha256()) {
    return absl::DataLossError(
        absl::StrCat("what came of ", document, " isn't what its SHA-256 stands for"));
  }
  return Content{std::move(bytes), announced.media_type(), announced.sha256()};
}

std::string MediaTypeOf(std::string_view path) {
  const std::string extension =
      absl::AsciiStrToLower(std::filesystem::path(path).extension().string());
  const auto* found =
      std::find_if(std::begin(kFileTypes), std::end(kFileTypes),
                   [&](const FileType& type) { return type.extension == extension; });
  return std::string(found == std::end(kFileTypes) ? "application/octet-stream"
                                                   : found->media_type);
}

std::string ExtensionOf(std::string_view media_type) {
  const auto* found =
      std::find_if(std::begin(kFileTypes), std::end(kFileTypes),
                   [&](const FileType& type) { return type.media_type == media_type; });
  return found == std::end(kFileTypes) ? "" : std::string(found->extension);
}

}  // namespace baliprocess::balictl
