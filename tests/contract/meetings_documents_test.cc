// Documents: content goes up and comes down, whole or not at all.

#include "tests/contract/documents_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using v1::Document;
using v1::UploadDocumentRequest;

class DocumentTest : public DocumentsTest {};
INSTANTIATE_ON_ENGINES(DocumentTest);

TEST_P(DocumentTest, GoesUpAndComesDown) {
  ASSERT_OK(Send(First()));
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
  EXPECT_EQ(MetadataOf(Send(First()), "state"), "COMPLETE");
}

// However much its uploader sent at once.
TEST_P(DocumentTest, ComesDownInSmallMessages) {
  constexpr size_t kMessage = 128 << 10;
  content_ = std::string(3 * kMessage + 1, 'x');
  content_.back() = 'y';
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(sink->Take(First()));
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
    ASSERT_OK(Send(First(), chunks, /*end=*/false));
    Restart();
    const int64_t received = Progress().received_bytes();
    EXPECT_EQ(received, static_cast<int64_t>(std::min(chunks * kChunk, content_.size())));
    // Until it is whole nobody sees it.
    EXPECT_EQ(MetadataOf(Download().status(), "state"), "EMPTY");
    ASSERT_OK(Send(First(received)));
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
  EXPECT_EQ(MetadataOf(Send(First(), 2), "state"), "INCOMPLETE");
  EXPECT_EQ(Progress().received_bytes(), static_cast<int64_t>(2 * kChunk));
  EXPECT_OK(Send(First(2 * kChunk)));
}

TEST_P(DocumentTest, ADeletedDocumentTakesNoMore) {
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(sink->Take(First()));
  ASSERT_OK(sink->Take(Data(content_.substr(0, kChunk))));
  ASSERT_OK(Try("DeleteDocument", "name: 'meetings/a/documents/d'"));
  EXPECT_THAT(sink->Take(Data(content_.substr(kChunk, kChunk))),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(DocumentTest, AWrongHashLeavesNothingBehind) {
  UploadDocumentRequest first = First();
  first.set_sha256(std::string(64, 'a'));
  EXPECT_THAT(BadFields(Send(first)), ElementsAre("sha256"));
  EXPECT_EQ(Rows("document_chunks"), 0);
  EXPECT_EQ(Rows("document_uploads"), 0);
  EXPECT_EQ(MetadataOf(Download().status(), "state"), "EMPTY");
  for (const std::string& hash : {std::string("x"), std::string(64, 'A'), std::string(63, 'a')}) {
    first.set_sha256(hash);
    EXPECT_THAT(BadFields(Send(first)), ElementsAre("sha256")) << hash;
  }
}

TEST_P(DocumentTest, SizesAndOffsetsAreKept) {
  UploadDocumentRequest first = First();
  for (const int64_t size : {int64_t{0}, (int64_t{64} << 20) + 1}) {
    first.set_size_bytes(size);
    EXPECT_THAT(BadFields(Send(first)), ElementsAre("size_bytes")) << size;
  }
  first.set_size_bytes(static_cast<int64_t>(kChunk) + 1);
  EXPECT_THAT(BadFields(Send(first)), ElementsAre("content.data"));
  EXPECT_EQ(Rows("document_chunks"), 0);
  EXPECT_EQ(Rows("document_uploads"), 0);
  EXPECT_THAT(BadFields(Send(First(kChunk + 1))), ElementsAre("offset"));
  ASSERT_OK(Send(First(), 2, /*end=*/false));
  for (const int64_t offset : {int64_t{1}, int64_t{3 * kChunk}}) {
    EXPECT_THAT(BadFields(Send(First(offset))), ElementsAre("offset")) << offset;
  }
  first = First(2 * kChunk);
  first.set_size_bytes(9999);
  EXPECT_THAT(BadFields(Send(first)), ElementsAre("size_bytes"));
  EXPECT_OK(Send(First()));  // from the start
}

// Two calls send one content: what the second has begun anew isn't the first's to discard.
TEST_P(DocumentTest, TooMuchOfACallDiscardsNothingOfAnother) {
  ASSERT_OK_AND_ASSIGN(const auto first, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(first->Take(First()));
  ASSERT_OK(first->Take(Data(content_.substr(0, kChunk))));
  ASSERT_OK(Send(First(), 2, /*end=*/false));
  EXPECT_THAT(first->Take(Data(content_)), HasReason(api::v1::Error::CONFLICT));
  EXPECT_EQ(Progress().received_bytes(), static_cast<int64_t>(2 * kChunk));
  EXPECT_OK(Send(First(2 * kChunk)));
}

TEST_P(DocumentTest, PartsComeInOrder) {
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  EXPECT_THAT(BadFields(sink->Take(Data("x"))),
              ElementsAre("name", "size_bytes", "sha256", "content.content_type"));
  Document reply;
  EXPECT_THAT(BadFields(sink->Complete(reply)), ElementsAre("name"));
  ASSERT_OK(sink->Take(First()));
  UploadDocumentRequest again = First(1);
  again.mutable_content()->set_data("x");
  EXPECT_THAT(BadFields(sink->Take(again)), ElementsAre("name", "size_bytes", "sha256", "offset"));
  EXPECT_THAT(BadFields(sink->Take(Data(""))), ElementsAre("content.data"));
  EXPECT_THAT(BadFields(sink->Take(Data(std::string((1 << 20) + 1, 'x')))),
              ElementsAre("content.data"));
  UploadDocumentRequest more = Data("x");
  more.mutable_content()->add_extensions();
  EXPECT_THAT(BadFields(sink->Take(more)), ElementsAre("content.extensions"));
  UploadDocumentRequest first = First();
  first.set_name("meetings/a/documents/none");
  EXPECT_THAT(Send(first), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  for (const std::string& media_type : {std::string(), std::string(201, 'x')}) {
    first = First();
    first.mutable_content()->set_content_type(media_type);
    EXPECT_THAT(BadFields(Send(first)), ElementsAre("content.content_type"));
  }
}

// The media type may come again with what follows.
TEST_P(DocumentTest, OneMessageMayBeAll) {
  ASSERT_OK(SendWhole("all of it"));
  ASSERT_OK_AND_ASSIGN(const std::string whole, Download());
  EXPECT_EQ(whole, "all of it");
  content_ = "more than was announced";
  UploadDocumentRequest first = First();
  first.set_size_bytes(3);
  first.mutable_content()->set_data(content_);
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  EXPECT_THAT(BadFields(sink->Take(first)), ElementsAre("content.data"));
  EXPECT_EQ(Rows("document_uploads"), 0);
}

TEST_P(DocumentTest, WhatBrokeOffIsForgottenInADay) {
  ASSERT_OK(Send(First(), 2, /*end=*/false));
  clock_.Advance(absl::Hours(25));
  ASSERT_OK(SendWhole("something else"));
  EXPECT_EQ(Rows("document_chunks"), 1);
  EXPECT_EQ(Rows("document_uploads"), 0);
}

TEST_P(DocumentTest, VisibilityIsThatOfTheDocument) {
  ASSERT_OK(Send(First()));
  EXPECT_THAT(Download(0, Anyone()).status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  ASSERT_OK(
      Try("UpdateDocument", "document { name: 'meetings/a/documents/d' visibility: RESTRICTED }"));
  EXPECT_THAT(Download().status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_OK(Download(0, Secretariat()).status());
}

}  // namespace
}  // namespace baliprocess::meetings
