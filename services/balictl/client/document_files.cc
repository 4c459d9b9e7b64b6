#include "services/balictl/client/document_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
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

// `meetings/documents/ahg-17/minutes.pdf`, relative to the data directory; `minutes.v1.pdf` of an
// earlier version.
std::string FileOf(const ResourceKind& kind, const Document& document,
                   const Document::Content& content, bool earlier) {
  fs::path path = fs::path(kind.service) / kind.pattern.Collection();
  const std::vector<std::string> parts = absl::StrSplit(document.name(), '/');
  for (size_t i = 1; i < parts.size(); i += 2) path /= parts[i];
  return absl::StrCat(path.string(), earlier ? absl::StrCat(".v", content.version()) : "",
                      ExtensionOf(content.media_type()));
}

// The versions whose content is that of no later one, but for the current one.
std::vector<Document::Content> EarlierContents(const Document& document) {
  std::vector<Document::Content> earlier;
  std::set<std::string> later = {document.content().sha256()};
  for (int i = document.versions_size() - 2; i >= 0; --i) {
    const Document::Content& version = document.versions(i);
    if (later.insert(version.sha256()).second) earlier.push_back(version);
  }
  std::reverse(earlier.begin(), earlier.end());
  return earlier;
}

bool FileHas(const fs::path& path, const std::string& sha256) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  const auto content = ReadContent(path.string(), "");
  return content.ok() && content->sha256 == sha256;
}

absl::StatusOr<Content> ReadFileOf(const std::string& directory, const std::string& file,
                                   const Document::Content& recorded) {
  ASSIGN_OR_RETURN(Content content,
                   ReadContent((fs::path(directory) / file).string(), recorded.media_type()));
  if (recorded.sha256().empty() || recorded.sha256() == content.sha256) return content;
  return UsageError(absl::StrCat(file, " isn't the content that the record tells: its SHA-256 is ",
                                 content.sha256));
}

// Brings down a version, unless its file has it; what came.
absl::Status SaveVersion(Connection& connection, const std::string& directory,
                         const ResourceKind& kind, const Document& document, int version,
                         bool earlier, Document::Content& recorded) {
  if (FileHas(fs::path(directory) / FileOf(kind, document, recorded, earlier), recorded.sha256())) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Content content, Download(connection, document.name(), version));
  // The current one may be another than when the document was listed.
  recorded.set_media_type(content.media_type);
  recorded.set_sha256(content.sha256);
  recorded.set_size_bytes(static_cast<int64_t>(content.bytes.size()));
  const fs::path path = fs::path(directory) / FileOf(kind, document, recorded, earlier);
  RETURN_IF_ERROR(MakeDirectory(path.parent_path().string()));
  return WriteOutput(path.string(), content.bytes, /*replace=*/true);
}

bool Knows(const Document& kept, const std::string& sha256) {
  return kept.name().empty() ||
         std::any_of(kept.versions().begin(), kept.versions().end(),
                     [&](const Document::Content& version) { return version.sha256() == sha256; });
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
  document.mutable_content()->clear_version();
  document.mutable_content()->clear_uploader();
}

absl::Status SaveContent(Connection& connection, const std::string& directory,
                         const ResourceKind& kind, Message& resource) {
  auto& document = static_cast<Document&>(resource);
  for (Document::Content& version : EarlierContents(document)) {
    RETURN_IF_ERROR(SaveVersion(connection, directory, kind, document, version.version(),
                                /*earlier=*/true, version));
  }
  // By its number, where it is told: with the record goes what the record tells.
  return SaveVersion(connection, directory, kind, document, document.versions_size(),
                     /*earlier=*/false, *document.mutable_content());
}

absl::Status CheckContent(const std::string& directory, const ResourceKind& kind,
                          const Message& resource) {
  const auto& document = static_cast<const Document&>(resource);
  for (const Document::Content& version : EarlierContents(document)) {
    const std::string file = FileOf(kind, document, version, /*earlier=*/true);
    RETURN_IF_ERROR(ReadFileOf(directory, file, version).status());
  }
  return ReadFileOf(directory, FileOf(kind, document, document.content(), false),
                    document.content())
      .status();
}

absl::StatusOr<bool> LoadContent(Connection& connection, const std::string& directory,
                                 const ResourceKind& kind, const Message& resource,
                                 const Message& kept_resource, bool dry_run) {
  const auto& document = static_cast<const Document&>(resource);
  const auto& kept = static_cast<const Document&>(kept_resource);
  const std::string file = FileOf(kind, document, document.content(), /*earlier=*/false);
  ASSIGN_OR_RETURN(const Content content, ReadFileOf(directory, file, document.content()));
  if (dry_run) return kept.content().sha256() != content.sha256;
  bool differs = false;
  for (const Document::Content& version : EarlierContents(document)) {
    if (!Knows(kept, version.sha256())) continue;
    const std::string earlier = FileOf(kind, document, version, /*earlier=*/true);
    ASSIGN_OR_RETURN(const Content old, ReadFileOf(directory, earlier, version));
    ASSIGN_OR_RETURN(const bool sent, Upload(connection, document.name(), old, UploadAs::kEarlier));
    differs |= sent;
  }
  ASSIGN_OR_RETURN(const bool sent, Upload(connection, document.name(), content));
  return differs || sent;
}

}  // namespace baliprocess::balictl
