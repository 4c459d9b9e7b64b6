// Documents keep their versions: each upload is a new one, and old ones stay.

#include "absl/time/time.h"

#include "services/meetings/document_versions.h"
#include "services/meetings/service.h"
#include "tests/contract/documents_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Document;
using v1::UploadDocumentRequest;

class VersionsTest : public DocumentsTest {
 protected:
  // Makes the content of an earlier version current again, without its bytes.
  absl::Status Revive(const std::string& content) {
    content_ = content;
    return Send(First(static_cast<int64_t>(content.size())));
  }
  // Makes the document what a program that knew no versions left.
  void MakeFormer() {
    Document document = Get();
    document.clear_versions();
    document.mutable_content()->clear_version();
    document.mutable_content()->clear_uploader();
    ASSERT_OK(service_->database().Write([&](storage::Transaction& tx) {
      return tx
          .Execute("UPDATE documents SET message = ?, layout = 0 WHERE name = ?",
                   {storage::Bytes{document.SerializeAsString()}, document.name()})
          .status();
    }));
  }
};
INSTANTIATE_ON_ENGINES(VersionsTest);

TEST_P(VersionsTest, EachUploadIsOneAndOldOnesStay) {
  ASSERT_OK(SendWhole("draft"));
  const int64_t first_day = Get().content().upload_time().seconds();
  clock_.Advance(absl::Hours(24));
  ASSERT_OK(SendWhole("revision 1"));
  const Document document = Get();
  ASSERT_THAT(document.versions(), SizeIs(2));
  const Document::Content& draft = document.versions(0);
  EXPECT_EQ(draft.version(), 1);
  EXPECT_EQ(draft.size_bytes(), 5);
  EXPECT_EQ(draft.sha256(), Hash("draft"));
  EXPECT_EQ(draft.media_type(), "application/pdf");
  EXPECT_EQ(draft.uploader(), Secretariat().subject);
  EXPECT_EQ(draft.upload_time().seconds(), first_day);
  EXPECT_EQ(document.content().version(), 2);
  EXPECT_EQ(document.content().SerializeAsString(), document.versions(1).SerializeAsString());
  EXPECT_EQ(document.content().upload_time().seconds(), first_day + 24 * 3600);
  for (const auto& [version, content] :
       {std::pair(0, "revision 1"), std::pair(1, "draft"), std::pair(2, "revision 1")}) {
    ASSERT_OK_AND_ASSIGN(const std::string bytes, Download(0, Observer(), version));
    EXPECT_EQ(bytes, content);
    EXPECT_EQ(announced_.version(), version == 0 ? 2 : version);
  }
  EXPECT_THAT(Download(0, Observer(), 3).status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(VersionsTest, ADownloadGoesOnWithTheVersionThatItBeganWith) {
  ASSERT_OK(SendWhole("draft"));
  v1::DownloadDocumentRequest request;
  request.set_name("meetings/a/documents/d");
  ASSERT_OK_AND_ASSIGN(const auto source,
                       service_->Stream(Observer(), "DownloadDocument", request));
  google::api::HttpBody body;
  ASSERT_OK(source->Pull(body).status());
  ASSERT_OK(SendWhole("revision 1"));
  body.Clear();
  ASSERT_OK(source->Pull(body).status());
  EXPECT_EQ(body.data(), "draft");
}

TEST_P(VersionsTest, ContentOfAnEarlierOneBecomesCurrentWithoutItsBytes) {
  ASSERT_OK(SendWhole("one"));
  ASSERT_OK(SendWhole("two"));
  content_ = "one";
  EXPECT_EQ(Progress().received_bytes(), 3);
  EXPECT_FALSE(Progress().complete());
  ASSERT_OK(Revive("one"));
  EXPECT_TRUE(Progress().complete());
  ASSERT_THAT(Get().versions(), SizeIs(3));
  EXPECT_EQ(Get().content().version(), 3);
  ASSERT_OK_AND_ASSIGN(const std::string bytes, Download());
  EXPECT_EQ(bytes, "one");
  EXPECT_EQ(Rows("document_chunks"), 2);
  EXPECT_EQ(MetadataOf(Revive("one"), "state"), "COMPLETE");
}

TEST_P(VersionsTest, ContentOfAnEarlierOneMayBeSentAgain) {
  ASSERT_OK(SendWhole("one"));
  ASSERT_OK(SendWhole("two"));
  EXPECT_OK(SendWhole("one"));
  EXPECT_EQ(Get().content().version(), 3);
  EXPECT_EQ(Rows("document_chunks"), 2);
  // Other bytes under its hash are none of it, and take nothing from it.
  content_ = "two";
  UploadDocumentRequest other = First();
  other.mutable_content()->set_data("owt");
  ASSERT_OK_AND_ASSIGN(const auto sink, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(sink->Take(other));
  Document reply;
  EXPECT_THAT(BadFields(sink->Complete(reply)), ElementsAre("sha256"));
  EXPECT_EQ(Get().content().version(), 3);
  ASSERT_OK_AND_ASSIGN(const std::string bytes, Download(0, Observer(), 2));
  EXPECT_EQ(bytes, "two");
  EXPECT_THAT(BadFields(Send(First(1))), ElementsAre("offset"));
}

TEST_P(VersionsTest, TwoCallsMakeAnEarlierOneCurrentOnce) {
  ASSERT_OK(SendWhole("one"));
  ASSERT_OK(SendWhole("two"));
  content_ = "one";
  ASSERT_OK_AND_ASSIGN(const auto first, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK_AND_ASSIGN(const auto second, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK(first->Take(First(3)));
  ASSERT_OK(second->Take(First(3)));
  Document reply;
  ASSERT_OK(first->Complete(reply));
  ASSERT_OK(second->Complete(reply));
  EXPECT_EQ(reply.content().version(), 3);
  EXPECT_THAT(Get().versions(), SizeIs(3));
}

TEST_P(VersionsTest, AreAHundredAtMost) {
  ASSERT_OK(SendWhole("even"));
  ASSERT_OK(SendWhole("odd"));
  for (int i = 2; i < kMostVersions; ++i) ASSERT_OK(Revive(i % 2 == 0 ? "even" : "odd"));
  EXPECT_EQ(Get().content().version(), 100);
  EXPECT_EQ(RuleOf(Revive("even")), "too_many_versions");
  EXPECT_EQ(RuleOf(SendWhole("another")), "too_many_versions");
  EXPECT_THAT(Get().versions(), SizeIs(100));
  EXPECT_EQ(Rows("document_chunks"), 2);
}

TEST_P(VersionsTest, HaveSoManyBytesTogether) {
  RestartWith([](resource::Engine& engine) {
    Settings settings;
    settings.max_document_bytes = 10;
    return Methods(engine, settings);
  });
  ASSERT_OK(SendWhole("12345"));
  ASSERT_OK(SendWhole("67890"));
  EXPECT_EQ(RuleOf(SendWhole("x")), "too_many_bytes");
  EXPECT_EQ(Rows("document_uploads"), 0);
  // What is kept already takes no more room.
  EXPECT_OK(Revive("12345"));
}

// While both are on their way there is room for either.
TEST_P(VersionsTest, OfTwoUploadsThatDoNotFitTogetherTheFirstToEndIsKept) {
  RestartWith([](resource::Engine& engine) {
    Settings settings;
    settings.max_document_bytes = 5;
    return Methods(engine, settings);
  });
  ASSERT_OK_AND_ASSIGN(const auto first, service_->Sink(Secretariat(), "UploadDocument"));
  ASSERT_OK_AND_ASSIGN(const auto second, service_->Sink(Secretariat(), "UploadDocument"));
  for (const auto& [sink, content] :
       {std::pair(first.get(), "12345"), std::pair(second.get(), "67890")}) {
    content_ = content;
    ASSERT_OK(sink->Take(First()));
    ASSERT_OK(sink->Take(Data(content)));
  }
  Document reply;
  ASSERT_OK(second->Complete(reply));
  EXPECT_EQ(RuleOf(first->Complete(reply)), "too_many_bytes");
  ASSERT_OK_AND_ASSIGN(const std::string bytes, Download());
  EXPECT_EQ(bytes, "67890");
  EXPECT_THAT(Get().versions(), SizeIs(1));
}

TEST_P(VersionsTest, WhatIsPublishedIsTheCurrentOne) {
  ASSERT_OK(
      Try("UpdateDocument", "document { name: 'meetings/a/documents/d' visibility: PUBLIC }"));
  ASSERT_OK(SendWhole("draft"));
  ASSERT_OK(SendWhole("final"));
  const Document published = Get(Anyone());
  EXPECT_THAT(published.versions(), IsEmpty());
  EXPECT_EQ(published.content().version(), 2);
  EXPECT_EQ(published.content().uploader(), "");
  EXPECT_EQ(Get(Observer()).content().uploader(), Secretariat().subject);
  EXPECT_THAT(Download(0, Anyone(), 1).status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  for (const int version : {0, 2}) {
    ASSERT_OK_AND_ASSIGN(const std::string bytes, Download(0, Anyone(), version));
    EXPECT_EQ(bytes, "final");
    EXPECT_EQ(announced_.uploader(), "");
  }
  ASSERT_OK_AND_ASSIGN(const std::string bytes, Download(0, Observer(), 1));
  EXPECT_EQ(bytes, "draft");
  EXPECT_EQ(announced_.uploader(), Secretariat().subject);
}

TEST_P(VersionsTest, AnImportBringsTheRecordAndThenTheBytes) {
  ASSERT_OK(Try("DeleteDocument", "name: 'meetings/a/documents/d'"));
  const auto create = [&](const std::string& id, const std::string& versions, bool as_recorded) {
    return Call<Document>("CreateDocument",
                          absl::StrCat("parent: 'meetings/a' document_id: '", id, "' document { ",
                                       "display_name: 'Minutes' ", versions,
                                       " } as_recorded: ", as_recorded ? "true" : "false"));
  };
  const auto version = [](int number, const std::string& content) {
    return absl::StrCat("versions { version: ", number, " size_bytes: ", content.size(),
                        " sha256: '", Hash(content), "' media_type: 'text/plain' uploader: 'then' ",
                        "upload_time { seconds: ", number, " } } ");
  };
  const std::string both = version(1, "draft") + version(2, "final");
  EXPECT_THAT(create("x", both, false)->versions(), IsEmpty());
  EXPECT_THAT(BadFields(create("y", version(2, "draft"), true).status()),
              ElementsAre("document.versions[0].version"));
  EXPECT_THAT(
      BadFields(create("y", "versions { version: 1 size_bytes: 5 sha256: 'x' }", true).status()),
      ElementsAre("document.versions[0].sha256", "document.versions[0].media_type",
                  "document.versions[0].upload_time"));
  ASSERT_OK_AND_ASSIGN(const Document created, create("e", both, true));
  EXPECT_EQ(created.content().version(), 2);
  name_ = created.name();
  EXPECT_EQ(MetadataOf(Download().status(), "state"), "EMPTY");
  content_ = "draft";
  UploadDocumentRequest wrong = First();
  wrong.set_size_bytes(6);
  EXPECT_THAT(BadFields(Send(wrong)), ElementsAre("size_bytes"));
  for (const char* content : {"draft", "final"}) ASSERT_OK(SendWhole(content));
  EXPECT_TRUE(Progress().complete());
  EXPECT_EQ(Get().versions_size(), 2);
  EXPECT_EQ(Get().content().upload_time().seconds(), 2);
  EXPECT_EQ(Get().content().uploader(), "then");
  EXPECT_EQ(Get().etag(), created.etag());
  for (const auto& [number, content] : {std::pair(1, "draft"), std::pair(2, "final")}) {
    ASSERT_OK_AND_ASSIGN(const std::string bytes, Download(0, Observer(), number));
    EXPECT_EQ(bytes, content);
  }
  EXPECT_OK(Revive("draft"));
  EXPECT_EQ(Get().versions_size(), 3);
}

TEST_P(VersionsTest, ContentOfBeforeThereWereVersionsIsTheFirst) {
  ASSERT_OK(SendWhole("old"));
  MakeFormer();
  EXPECT_TRUE(Progress().complete());
  ASSERT_OK_AND_ASSIGN(const std::string bytes, Download(0, Observer(), 1));
  EXPECT_EQ(bytes, "old");
  ASSERT_OK(SendWhole("new"));
  ASSERT_THAT(Get().versions(), SizeIs(2));
  EXPECT_EQ(Get().versions(0).sha256(), Hash("old"));
}

TEST_P(VersionsTest, AStoreOfBeforeThereWereVersionsIsCarriedOver) {
  ASSERT_OK(SendWhole("old"));
  MakeFormer();
  EXPECT_EQ(Get().content().version(), 0);
  Restart();
  const Document document = Get();
  EXPECT_EQ(document.content().version(), 1);
  ASSERT_THAT(document.versions(), SizeIs(1));
  EXPECT_EQ(document.versions(0).sha256(), Hash("old"));
}

}  // namespace
}  // namespace baliprocess::meetings
