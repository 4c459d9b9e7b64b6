#include "services/balictl/client/document_files.h"

#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "baliprocess/meetings/v1/document.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/documents.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Message;
using meetings::v1::Document;

// `meetings/documents/ahg-17/minutes.pdf`, relative to the data directory.
std::string FileOf(const ResourceKind& kind, const Document& document) {
  fs::path path = fs::path(kind.service) / kind.pattern.Collection();
  const std::vector<std::string> parts = absl::StrSplit(document.name(), '/');
  for (size_t i = 1; i < parts.size(); i += 2) path /= parts[i];
  return path.string() + ExtensionOf(document.content().media_type());
}

bool FileHas(const fs::path& path, const std::string& sha256) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  const auto content = ReadContent(path.string(), "");
  return content.ok() && content->sha256 == sha256;
}

absl::StatusOr<Content> ReadFileOf(const std::string& directory, const ResourceKind& kind,
                                   const Document& document) {
  const std::string file = FileOf(kind, document);
  ASSIGN_OR_RETURN(Content content, ReadContent((fs::path(directory) / file).string(),
                                                document.content().media_type()));
  const std::string& sha256 = document.content().sha256();
  if (sha256.empty() || sha256 == content.sha256) return content;
  return UsageError(absl::StrCat(file, " isn't the content that the record tells: its SHA-256 is ",
                                 content.sha256));
}

}  // namespace

bool HasContent(const Message& resource) {
  return resource.GetDescriptor() == Document::descriptor() &&
         static_cast<const Document&>(resource).has_content();
}

void KeepRecordAndContent(Message& resource) {
  if (!HasContent(resource)) return KeepContent(resource);
  auto& document = static_cast<Document&>(resource);
  const Document::Content content = document.content();
  KeepContent(document);
  *document.mutable_content() = content;
  document.mutable_content()->clear_upload_time();
}

absl::Status SaveContent(Connection& connection, const std::string& directory,
                         const ResourceKind& kind, Message& resource) {
  auto& document = static_cast<Document&>(resource);
  if (FileHas(fs::path(directory) / FileOf(kind, document), document.content().sha256())) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Content content, Download(connection, document.name()));
  // It may be another than when the document was listed.
  document.mutable_content()->set_media_type(content.media_type);
  document.mutable_content()->set_sha256(content.sha256);
  document.mutable_content()->set_size_bytes(static_cast<int64_t>(content.bytes.size()));
  const fs::path path = fs::path(directory) / FileOf(kind, document);
  RETURN_IF_ERROR(MakeDirectory(path.parent_path().string()));
  return WriteOutput(path.string(), content.bytes, /*replace=*/true);
}

absl::Status CheckContent(const std::string& directory, const ResourceKind& kind,
                          const Message& document) {
  return ReadFileOf(directory, kind, static_cast<const Document&>(document)).status();
}

absl::StatusOr<bool> LoadContent(Connection& connection, const std::string& directory,
                                 const ResourceKind& kind, const Message& resource,
                                 const Message& kept, bool dry_run) {
  const auto& document = static_cast<const Document&>(resource);
  ASSIGN_OR_RETURN(const Content content, ReadFileOf(directory, kind, document));
  if (static_cast<const Document&>(kept).content().sha256() == content.sha256) return false;
  if (dry_run) return true;
  RETURN_IF_ERROR(Upload(connection, document.name(), content).status());
  return true;
}

}  // namespace baliprocess::balictl
