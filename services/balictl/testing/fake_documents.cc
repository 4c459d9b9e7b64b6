#include "services/balictl/testing/fake_documents.h"

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
  if (request.has_header()) {
    header_ = request.header();
    upload_offsets.push_back(header_.offset());
    if (!Find(header_.name())) return NotFound(header_.name());
    std::string& received = received_[header_.sha256()];
    if (header_.offset() == 0) received.clear();
    if (header_.offset() == static_cast<int64_t>(received.size())) return absl::OkStatus();
    return InvalidField("header.offset", "must be where the upload goes on");
  }
  if (Breaks()) return absl::UnavailableError("away");
  received_[header_.sha256()] += request.data();
  return absl::OkStatus();
}

absl::StatusOr<Document> FakeDocuments::Complete() {
  const std::string& bytes = received_[header_.sha256()];
  if (ToHex(Sha256(bytes)) != header_.sha256() ||
      static_cast<int64_t>(bytes.size()) != header_.size_bytes()) {
    return InvalidField("header.sha256", "isn't that of the content");
  }
  Document& document = *Find(header_.name());
  contents[header_.name()] = bytes;
  document.mutable_content()->set_size_bytes(header_.size_bytes());
  document.mutable_content()->set_sha256(header_.sha256());
  document.mutable_content()->set_media_type(header_.media_type());
  document.mutable_content()->mutable_upload_time()->set_seconds(1714608000);
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
  Stream stream;
  *stream.responses.emplace_back().mutable_content() = document->content();
  const std::string& bytes = contents[request.name()];
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
