// A meeting with a document, whose content goes up and comes down.

#ifndef BALIPROCESS_TESTS_CONTRACT_DOCUMENTS_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_DOCUMENTS_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/api/httpbody.pb.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {

// The document is meetings/a/documents/d, for members to read.
class DocumentsTest : public MeetingsTest {
 protected:
  static constexpr size_t kChunk = 1000;

  void SetUp() override {
    AddMeeting("a");
    ASSERT_OK(Try("CreateDocument", R"(parent: 'meetings/a' document_id: 'd'
        document { display_name: 'Minutes' kind: MINUTES visibility: MEMBERS })"));
    for (size_t i = 0; i < 4 * kChunk + 10; ++i) content_.push_back(static_cast<char>(i * 7));
  }
  static std::string Hash(const std::string& content) { return ToHex(Sha256(content)); }

  v1::UploadDocumentRequest First(int64_t offset = 0) const {
    v1::UploadDocumentRequest request;
    request.set_name(name_);
    request.set_size_bytes(static_cast<int64_t>(content_.size()));
    request.set_sha256(Hash(content_));
    request.set_offset(offset);
    request.mutable_content()->set_content_type("application/pdf");
    return request;
  }
  static v1::UploadDocumentRequest Data(std::string data) {
    v1::UploadDocumentRequest request;
    request.mutable_content()->set_data(std::move(data));
    return request;
  }
  // Sends a first message and what follows from its offset in chunks, `chunks` at most; then ends,
  // or breaks off without an end.
  absl::Status Send(const v1::UploadDocumentRequest& first, size_t chunks = 1000, bool end = true) {
    auto sink = service_->Sink(Secretariat(), "UploadDocument");
    RETURN_IF_ERROR(sink.status());
    RETURN_IF_ERROR((*sink)->Take(first));
    auto at = static_cast<size_t>(first.offset());
    for (; at < content_.size() && chunks > 0; at += kChunk, --chunks) {
      RETURN_IF_ERROR((*sink)->Take(Data(content_.substr(at, kChunk))));
    }
    v1::Document reply;
    return end ? (*sink)->Complete(reply) : absl::OkStatus();
  }
  v1::Upload Progress() {
    const auto upload = Call<v1::Upload>(
        "GetUpload", absl::StrCat("name: '", name_, "' sha256: '", Hash(content_), "'"));
    EXPECT_OK(upload);
    return upload.value_or(v1::Upload());
  }
  // Sends content in one message, as HTTP may.
  absl::Status SendWhole(const std::string& content) {
    content_ = content;
    v1::UploadDocumentRequest request = First();
    request.mutable_content()->set_data(content);
    ASSIGN_OR_RETURN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
    RETURN_IF_ERROR(sink->Take(request));
    v1::Document reply;
    return sink->Complete(reply);
  }
  absl::StatusOr<std::string> Download(int64_t offset = 0, const auth::Caller& caller = Observer(),
                                       int version = 0) {
    v1::DownloadDocumentRequest request;
    request.set_name(name_);
    request.set_offset(offset);
    request.set_version(version);
    ASSIGN_OR_RETURN(const auto source, service_->Stream(caller, "DownloadDocument", request));
    google::api::HttpBody body;
    RETURN_IF_ERROR(source->Pull(body).status());
    EXPECT_EQ(body.data(), "");
    if (body.extensions_size() != 1) return absl::InternalError("nothing is announced");
    EXPECT_TRUE(body.extensions(0).UnpackTo(&announced_));
    EXPECT_EQ(body.content_type(), announced_.media_type());
    std::string bytes;
    while (true) {
      body.Clear();
      ASSIGN_OR_RETURN(const auto next, source->Pull(body));
      if (next == rpc::StreamSource::Next::kEnd) return bytes;
      EXPECT_EQ(body.content_type(), "");
      longest_message_ = std::max(longest_message_, body.data().size());
      bytes += body.data();
    }
  }
  v1::Document Get(const auth::Caller& caller = Secretariat()) {
    const auto document =
        CallAs<v1::Document>(caller, "GetDocument", absl::StrCat("name: '", name_, "'"));
    EXPECT_OK(document);
    return document.value_or(v1::Document());
  }
  // Rows of content, complete or not.
  int64_t Rows(const std::string& table) {
    int64_t count = -1;
    EXPECT_OK(service_->database().Read([&](storage::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows, tx.Query("SELECT COUNT(*) FROM " + table));
      count = storage::AsInt(rows[0][0]);
      return absl::OkStatus();
    }));
    return count;
  }

  std::string name_ = "meetings/a/documents/d";
  std::string content_;
  size_t longest_message_ = 0;       // of downloads
  v1::Document::Content announced_;  // by the last download
};

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_TESTS_CONTRACT_DOCUMENTS_FIXTURE_H_
