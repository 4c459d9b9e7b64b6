// Documents: content goes up and comes down, whole or not at all.

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using v1::Document;
using v1::UploadDocumentRequest;

constexpr size_t kChunk = 1000;

class DocumentTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("a");
    ASSERT_OK(Try("CreateDocument", R"(parent: 'meetings/a' document_id: 'd'
        document { display_name: 'Minutes' kind: MINUTES visibility: MEMBERS })"));
    for (size_t i = 0; i < 4 * kChunk + 10; ++i) content_.push_back(static_cast<char>(i * 7));
  }
  static std::string Hash(const std::string& content) { return ToHex(Sha256(content)); }

  UploadDocumentRequest Header(int64_t offset = 0) const {
    UploadDocumentRequest request;
    auto& header = *request.mutable_header();
    header.set_name("meetings/a/documents/d");
    header.set_size_bytes(static_cast<int64_t>(content_.size()));
    header.set_sha256(Hash(content_));
    header.set_media_type("application/pdf");
    header.set_offset(offset);
    return request;
  }
  static UploadDocumentRequest Data(std::string data) {
    UploadDocumentRequest request;
    request.set_data(std::move(data));
    return request;
  }
  // Sends a header and what follows from its offset in chunks, `chunks` at most; then ends, or
  // breaks off without an end.
  absl::Status Send(const UploadDocumentRequest& header, size_t chunks = 1000, bool end = true) {
    auto sink = service_->Sink(Secretariat(), "UploadDocument");
    RETURN_IF_ERROR(sink.status());
    RETURN_IF_ERROR((*sink)->Take(header));
    auto at = static_cast<size_t>(header.header().offset());
    for (; at < content_.size() && chunks > 0; at += kChunk, --chunks) {
      RETURN_IF_ERROR((*sink)->Take(Data(content_.substr(at, kChunk))));
    }
    Document reply;
    return end ? (*sink)->Complete(reply) : absl::OkStatus();
  }
  v1::Upload Progress() {
    const auto upload = Call<v1::Upload>(
        "GetUpload", absl::StrCat("name: 'meetings/a/documents/d' sha256: '", Hash(content_), "'"));
    EXPECT_OK(upload);
    return upload.value_or(v1::Upload());
  }
  absl::StatusOr<std::string> Download(int64_t offset = 0,
                                       const auth::Caller& caller = Observer()) {
    v1::DownloadDocumentRequest request;
    request.set_name("meetings/a/documents/d");
    request.set_offset(offset);
    ASSIGN_OR_RETURN(const auto source, service_->Stream(caller, "DownloadDocument", request));
    std::string bytes;
    while (true) {
      v1::DownloadDocumentResponse response;
      ASSIGN_OR_RETURN(const auto next, source->Pull(response));
      if (next == rpc::StreamSource::Next::kEnd) return bytes;
      longest_message_ = std::max(longest_message_, response.data().size());
      bytes += response.data();
    }
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

  std::string content_;
  size_t longest_message_ = 0;  // of downloads
};
INSTANTIATE_ON_ENGINES(DocumentTest);

TEST_P(DocumentTest, GoesUpAndComesDown) {
  ASSERT_OK(Send(Header()));
  ASSERT_OK_AND_ASSIGN(const auto document,
                       Call<Document>("GetDocument", "name: 'meetings/a/documents/d'"));
  EXPECT_EQ(document.content().size_bytes(), static_cast<int64_t>(content_.size()));
  EXPECT_EQ(document.content().sha256(), Hash(content_));
  EXPECT_EQ(document.content().media_type(), "application/pdf");
  ASSERT_OK_AND_ASSIGN(const std::string whole, Download());
  EXPECT_EQ(whole, content_);
  for (const size_t offset : {size_t{1}, kChunk, content_.size() - 1, content_.size()}) {
    ASSERT_OK_AND_ASSIGN(const std::string rest, Download(static_cast<int64_t>(offset)));
    EXPECT_EQ(rest, content_.substr(offset)) << offset;
  }
  EXPECT_THAT(BadFields(Download(static_cast<int64_t>(content_.size()) + 1).status()),
              ElementsAre("offset"));
  EXPECT_TRUE(Progress().complete());
  EXPECT_EQ(MetadataOf(Send(Header()), "state"), "COMPLETE");
}

// However much its uploader sent at once.
TEST_P(DocumentTest, ComesDownInSmallMessages) {
  constexpr size_t kMessage = 128 << 10;
  content_ = std::string(3 * kMessage + 1, 'x');
  content_.back() = 'y';
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(sink->Take(Header()));
  ASSERT_OK(sink->Take(Data(content_)));
  Document reply;
  ASSERT_OK(sink->Complete(reply));
  for (const size_t offset : {size_t{0}, kMessage - 1, kMessage, kMessage + 1}) {
    ASSERT_OK_AND_ASSIGN(const std::string rest, Download(static_cast<int64_t>(offset)));
    EXPECT_TRUE(rest == content_.substr(offset)) << offset;
  }
  EXPECT_EQ(longest_message_, kMessage);
}

TEST_P(DocumentTest, GoesOnAfterEveryChunkBoundary) {
  for (size_t chunks = 0; chunks <= 5; ++chunks) {
    ASSERT_OK(Send(Header(), chunks, /*end=*/false));
    Restart();
    const int64_t received = Progress().received_bytes();
    EXPECT_EQ(received, static_cast<int64_t>(std::min(chunks * kChunk, content_.size())));
    // Until it is whole nobody sees it.
    EXPECT_EQ(MetadataOf(Download().status(), "state"), "EMPTY");
    ASSERT_OK(Send(Header(received)));
    ASSERT_OK_AND_ASSIGN(const std::string whole, Download());
    EXPECT_EQ(whole, content_);
    ASSERT_OK(Try("DeleteDocument", "name: 'meetings/a/documents/d'"));
    ASSERT_OK(service_->database().Write([](storage::Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Execute("DELETE FROM document_chunks").status());
      return tx.Execute("DELETE FROM documents").status();
    }));
    ASSERT_OK(Try("CreateDocument", R"(parent: 'meetings/a' document_id: 'd'
        document { display_name: 'Minutes' visibility: MEMBERS })"));
  }
}

TEST_P(DocumentTest, AnEndThatCameTooEarlyIsNoEnd) {
  EXPECT_EQ(MetadataOf(Send(Header(), 2), "state"), "INCOMPLETE");
  EXPECT_EQ(Progress().received_bytes(), static_cast<int64_t>(2 * kChunk));
  EXPECT_OK(Send(Header(2 * kChunk)));
}

TEST_P(DocumentTest, ADeletedDocumentTakesNoMore) {
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(sink->Take(Header()));
  ASSERT_OK(sink->Take(Data(content_.substr(0, kChunk))));
  ASSERT_OK(Try("DeleteDocument", "name: 'meetings/a/documents/d'"));
  EXPECT_THAT(sink->Take(Data(content_.substr(kChunk, kChunk))),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(DocumentTest, AWrongHashLeavesNothingBehind) {
  UploadDocumentRequest header = Header();
  header.mutable_header()->set_sha256(std::string(64, 'a'));
  EXPECT_THAT(BadFields(Send(header)), ElementsAre("header.sha256"));
  EXPECT_EQ(Rows("document_chunks"), 0);
  EXPECT_EQ(Rows("document_uploads"), 0);
  EXPECT_EQ(MetadataOf(Download().status(), "state"), "EMPTY");
  for (const std::string& hash : {std::string("x"), std::string(64, 'A'), std::string(63, 'a')}) {
    header.mutable_header()->set_sha256(hash);
    EXPECT_THAT(BadFields(Send(header)), ElementsAre("header.sha256")) << hash;
  }
}

TEST_P(DocumentTest, SizesAndOffsetsAreKept) {
  UploadDocumentRequest header = Header();
  for (const int64_t size : {int64_t{0}, (int64_t{64} << 20) + 1}) {
    header.mutable_header()->set_size_bytes(size);
    EXPECT_THAT(BadFields(Send(header)), ElementsAre("header.size_bytes")) << size;
  }
  header.mutable_header()->set_size_bytes(static_cast<int64_t>(kChunk) + 1);
  EXPECT_THAT(BadFields(Send(header)), ElementsAre("data"));
  EXPECT_EQ(Rows("document_chunks"), 0);
  EXPECT_EQ(Rows("document_uploads"), 0);
  EXPECT_THAT(BadFields(Send(Header(kChunk + 1))), ElementsAre("header.offset"));
  ASSERT_OK(Send(Header(), 2, /*end=*/false));
  for (const int64_t offset : {int64_t{1}, int64_t{3 * kChunk}}) {
    EXPECT_THAT(BadFields(Send(Header(offset))), ElementsAre("header.offset")) << offset;
  }
  header = Header(2 * kChunk);
  header.mutable_header()->set_size_bytes(9999);
  EXPECT_THAT(BadFields(Send(header)), ElementsAre("header.size_bytes"));
  EXPECT_OK(Send(Header()));  // from the start
}

TEST_P(DocumentTest, PartsComeInOrder) {
  auto sink = service_->Sink(Secretariat(), "UploadDocument");
  ASSERT_OK(sink.status());
  EXPECT_THAT(BadFields((*sink)->Take(Data("x"))), ElementsAre("header"));
  Document reply;
  EXPECT_THAT(BadFields((*sink)->Complete(reply)), ElementsAre("header"));
  ASSERT_OK((*sink)->Take(Header()));
  EXPECT_THAT(BadFields((*sink)->Take(Header())), ElementsAre("header"));
  EXPECT_THAT(BadFields((*sink)->Take(Data(""))), ElementsAre("data"));
  EXPECT_THAT(BadFields((*sink)->Take(Data(std::string((1 << 20) + 1, 'x')))), ElementsAre("data"));
  UploadDocumentRequest header = Header();
  header.mutable_header()->set_name("meetings/a/documents/none");
  EXPECT_THAT(Send(header), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(DocumentTest, NewContentTakesThePlaceOfTheOld) {
  ASSERT_OK(Send(Header()));
  content_ = "something else";
  ASSERT_OK(Send(Header()));
  ASSERT_OK_AND_ASSIGN(const std::string whole, Download());
  EXPECT_EQ(whole, content_);
  EXPECT_EQ(Rows("document_chunks"), 1);
}

TEST_P(DocumentTest, WhatBrokeOffIsForgottenInADay) {
  ASSERT_OK(Send(Header(), 2, /*end=*/false));
  clock_.Advance(absl::Hours(25));
  content_ = "something else";
  ASSERT_OK(Send(Header()));
  EXPECT_EQ(Rows("document_chunks"), 1);
  EXPECT_EQ(Rows("document_uploads"), 0);
}

TEST_P(DocumentTest, VisibilityIsThatOfTheDocument) {
  ASSERT_OK(Send(Header()));
  EXPECT_THAT(Download(0, Anyone()).status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  ASSERT_OK(
      Try("UpdateDocument", "document { name: 'meetings/a/documents/d' visibility: RESTRICTED }"));
  EXPECT_THAT(Download().status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_OK(Download(0, Secretariat()).status());
}

}  // namespace
}  // namespace baliprocess::meetings
