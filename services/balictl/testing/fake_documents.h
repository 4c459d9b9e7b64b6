// The part of the fake server that keeps the content of documents.

#ifndef BALIPROCESS_SERVICES_BALICTL_TESTING_FAKE_DOCUMENTS_H_
#define BALIPROCESS_SERVICES_BALICTL_TESTING_FAKE_DOCUMENTS_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/api/httpbody.pb.h"

#include "baliprocess/meetings/v1/document.pb.h"

namespace baliprocess::balictl {

class FakeDocuments {
 public:
  using Resources = std::map<std::string, std::unique_ptr<google::protobuf::Message>>;
  // `resources` has the documents.
  explicit FakeDocuments(Resources& resources) : resources_(resources) {}

  // The messages of the next stream that carry data, before it breaks off; once. -1: all of them.
  int break_after = -1;
  // What is kept, by document. To be changed at will.
  std::map<std::string, std::string> contents;
  // Where the streams began.
  std::vector<int64_t> upload_offsets;
  std::vector<int64_t> download_offsets;

  // Forgets the bytes of all versions.
  void Forget() { received_.clear(); }

  absl::Status Take(const meetings::v1::UploadDocumentRequest& request);
  absl::StatusOr<meetings::v1::Document> Complete();
  absl::StatusOr<meetings::v1::Upload> GetUpload(const meetings::v1::GetUploadRequest& request);

  // The messages of a download, and how it ends.
  struct Stream {
    std::vector<google::api::HttpBody> responses;
    absl::Status end;
  };
  Stream Download(const meetings::v1::DownloadDocumentRequest& request);

 private:
  meetings::v1::Document* Find(const std::string& name);
  bool Breaks();

  Resources& resources_;
  meetings::v1::UploadDocumentRequest first_;    // of the upload that is going on
  std::map<std::string, std::string> received_;  // by SHA-256
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_TESTING_FAKE_DOCUMENTS_H_
