#include "services/balictl/testing/fake_documents.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/ids.h"

namespace baliprocess::balictl {

using meetings::v1::Document;
using meetings::v1::UploadDocumentRequest;

namespace {
constexpr size_t kDataBytes = 1000;  // of a message of a download
}  // namespace

Document* FakeDocuments::Find(const std::string& name) {
  const auto found = resources_.find(name);
  return found == resources_.end() ? nullptr : static_cast<Document*>(found->second.get());
}

bool FakeDocuments::Breaks() {
  if (break_after == 0) {
    break_after = -1;
    return true;
  }
  if (break_after > 0) --break_after;
  return false;
}

absl::Status FakeDocuments::Take(const UploadDocumentRequest& request) {
  if (!request.name().empty()) {
    first_ = request;
    upload_offsets.push_back(first_.offset());
    if (!Find(first_.name())) return NotFound(first_.name());
    std::string& received = received_[first_.sha256()];
    if (first_.offset() == 0) received.clear();
    if (first_.offset() != static_cast<int64_t>(received.size())) {
      return InvalidField("offset", "must be where the upload goes on");
    }
  }
  if (request.content().data().empty()) return absl::OkStatus();
  if (Breaks()) return absl::UnavailableError("away");
  received_[first_.sha256()] += request.content().data();
  return absl::OkStatus();
}

absl::StatusOr<Document> FakeDocuments::Complete() {
  const std::string& bytes = received_[first_.sha256()];
  if (ToHex(Sha256(bytes)) != first_.sha256() ||
      static_cast<int64_t>(bytes.size()) != first_.size_bytes()) {
    return InvalidField("sha256", "isn't that of the content");
  }
  Document& document = *Find(first_.name());
  const auto& versions = document.versions();
  const auto recorded = std::find_if(versions.begin(), versions.end(), [&](const auto& version) {
    return version.sha256() == first_.sha256();
  });
  if (recorded != versions.end() && !document.has_content()) {
    if (recorded->version() < document.versions_size()) return document;
    *document.mutable_content() = *recorded;
  } else {
    Document::Content& content = *document.mutable_content();
    content.set_version(document.versions_size() + 1);
    content.set_size_bytes(first_.size_bytes());
    content.set_sha256(first_.sha256());
    content.set_media_type(first_.content().content_type());
    content.set_uploader("somebody");
    content.mutable_upload_time()->set_seconds(1714608000);
    *document.add_versions() = content;
  }
  contents[first_.name()] = bytes;
  return document;
}

absl::StatusOr<meetings::v1::Upload> FakeDocuments::GetUpload(
    const meetings::v1::GetUploadRequest& request) {
  const Document* document = Find(request.name());
  if (!document) return NotFound(request.name());
  meetings::v1::Upload upload;
  upload.set_document(request.name());
  upload.set_complete(document->content().sha256() == request.sha256());
  upload.set_received_bytes(static_cast<int64_t>(received_[request.sha256()].size()));
  return upload;
}

FakeDocuments::Stream FakeDocuments::Download(
    const meetings::v1::DownloadDocumentRequest& request) {
  download_offsets.push_back(request.offset());
  const Document* document = Find(request.name());
  if (!document) return {{}, NotFound(request.name())};
  if (!document->has_content()) return {{}, Error(api::v1::Error::WRONG_STATE, "nothing is kept")};
  const int current = document->content().version();
  const bool earlier = request.version() != 0 && request.version() != current;
  const Document::Content& content =
      earlier ? document->versions(request.version() - 1) : document->content();
  Stream stream;
  stream.responses.emplace_back().set_content_type(content.media_type());
  stream.responses.back().add_extensions()->PackFrom(content);
  const std::string& bytes = earlier ? received_[content.sha256()] : contents[request.name()];
  for (auto at = static_cast<size_t>(request.offset()); at < bytes.size(); at += kDataBytes) {
    if (Breaks()) {
      stream.end = absl::UnavailableError("away");
      return stream;
    }
    stream.responses.emplace_back().set_data(bytes.substr(at, kDataBytes));
  }
  return stream;
}

}  // namespace baliprocess::balictl
