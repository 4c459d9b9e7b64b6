// Files by HTTP: down with their own media type, entity tags and ranges, and up.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/api/httpbody.pb.h"

#include "baliprocess/meetings/v1/document.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"
#include "common/base/ids.h"
#include "services/gateway/testing/http_fixture.h"

namespace baliprocess::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace meetings = ::baliprocess::meetings::v1;

constexpr char kDownload[] = "/v1/meetings/2024-bali/documents/final-report:download";
constexpr char kUpload[] = "/v1/meetings/2024-bali/documents/final-report:upload";
constexpr char kContent[] = "0123456789";

class FileTest : public HttpTest {
 protected:
  // The backend sends a document with this content from this byte on, the first six bytes of what
  // it sends in a message of their own. When it fails, no others come.
  void SayDocument(size_t offset = 0, grpc::Status then = {}) {
    meetings::Document::Content facts;
    facts.set_size_bytes(sizeof(kContent) - 1);
    facts.set_sha256(sha256_);
    google::api::HttpBody head;
    head.set_content_type("application/pdf");
    head.add_extensions()->PackFrom(facts);
    const std::string content = std::string(kContent).substr(offset);
    std::vector<std::string> messages = {head.SerializeAsString(), Piece(content.substr(0, 6))};
    if (then.ok() && content.size() > 6) messages.push_back(Piece(content.substr(6)));
    backend_->Say({messages, then});
  }
  static std::string Piece(const std::string& data) {
    google::api::HttpBody piece;
    piece.set_data(data);
    return piece.SerializeAsString();
  }
  void SayCalendar(const std::string& text) {
    meetings::Calendar calendar;
    calendar.mutable_file()->set_content_type("text/calendar; charset=utf-8");
    calendar.mutable_file()->set_data(text);
    backend_->Say({{calendar.SerializeAsString()}, {}});
  }

  std::string sha256_ = ToHex(Sha256(kContent));
};

TEST_F(FileTest, ADocumentIsItself) {
  SayDocument();
  const RawStream reply = Ask("GET", kDownload);
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(reply.data, kContent);
  EXPECT_EQ(Field(reply, "content-type"), "application/pdf");
  EXPECT_EQ(Field(reply, "content-length"), "10");
  EXPECT_EQ(Field(reply, "etag"), absl::StrCat("\"", sha256_, "\""));
  EXPECT_EQ(Field(reply, "content-disposition"), "attachment; filename=\"final-report.pdf\"");
  EXPECT_EQ(Field(reply, "accept-ranges"), "bytes");
  EXPECT_EQ(Field(reply, "cache-control"), "private, no-cache");
  EXPECT_THAT(Field(reply, "vary"), HasSubstr("authorization"));
  // Nobody's file runs as a page of ours.
  EXPECT_EQ(Field(reply, "x-content-type-options"), "nosniff");
  EXPECT_THAT(Field(reply, "content-security-policy"), HasSubstr("sandbox"));
}

TEST_F(FileTest, ADocumentThatTheClientHasIsNotSentAgain) {
  SayDocument();
  for (const std::string& tags : {absl::StrCat("\"", sha256_, "\""),
                                  absl::StrCat("\"x\", \"", sha256_, "\""), std::string("*")}) {
    const RawStream reply = Ask("GET", kDownload, {{"if-none-match", tags}});
    EXPECT_EQ(Status(reply), "304") << tags;
    EXPECT_EQ(reply.data, "");
  }
}

// An empty tag is none.
TEST_F(FileTest, ADocumentOfWhichOnlyTheSizeIsKnown) {
  sha256_.clear();
  SayDocument();
  for (const RawPeer::Fields& fields : {RawPeer::Fields(), {{"if-none-match", "\"\""}}}) {
    const RawStream reply = Ask("GET", kDownload, fields);
    EXPECT_EQ(Status(reply), "200");
    EXPECT_EQ(reply.data, kContent);
    EXPECT_EQ(Field(reply, "content-length"), "10");
    EXPECT_EQ(Field(reply, "etag"), "");
  }
}

TEST_F(FileTest, TheHeadOfADocument) {
  SayDocument();
  const RawStream reply = Ask("HEAD", kDownload);
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(Field(reply, "content-length"), "10");
  EXPECT_EQ(reply.data, "");
}

// A range is for GET alone (RFC 9110 14.2).
TEST_F(FileTest, TheHeadOfADocumentIsOfTheWhole) {
  SayDocument();
  const RawStream reply = Ask("HEAD", kDownload, {{"range", "bytes=4-"}});
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(Field(reply, "content-length"), "10");
  EXPECT_EQ(Field(reply, "content-range"), "");
  EXPECT_EQ(LastRequest<meetings::DownloadDocumentRequest>().offset(), 0);
}

TEST_F(FileTest, ARangeOfADocument) {
  SayDocument();
  const RawStream first = Ask("GET", kDownload, {{"range", "bytes=0-3"}});
  EXPECT_EQ(Status(first), "206");
  EXPECT_EQ(first.data, "0123");
  EXPECT_EQ(Field(first, "content-range"), "bytes 0-3/10");
  EXPECT_EQ(Field(first, "content-length"), "4");
  SayDocument(4);
  const RawStream rest = Ask("GET", kDownload, {{"range", "bytes=4-"}});
  EXPECT_EQ(Status(rest), "206");
  EXPECT_EQ(Field(rest, "content-range"), "bytes 4-9/10");
  EXPECT_EQ(rest.data, "456789");
  EXPECT_EQ(LastRequest<meetings::DownloadDocumentRequest>().offset(), 4);
}

// An error like all others. The service itself may have no such offset.
TEST_F(FileTest, ARangeThatBeginsBehindADocument) {
  SayDocument(10);
  const RawStream at_end = Ask("GET", kDownload, {{"range", "bytes=10-"}});
  EXPECT_EQ(Status(at_end), "416");
  EXPECT_EQ(Field(at_end, "content-range"), "bytes */10");
  EXPECT_EQ(Field(at_end, "content-type"), "application/json");
  EXPECT_EQ(Field(at_end, "content-disposition"), "");
  EXPECT_THAT(at_end.data, HasSubstr("INVALID_FIELDS"));
  EXPECT_THAT(at_end.data, HasSubstr("\"field\":\"range\""));
  SayError(InvalidField("offset", "must not be beyond the end of the content"));
  const RawStream beyond = Ask("GET", kDownload, {{"range", "bytes=11-"}});
  EXPECT_EQ(Status(beyond), "416");
  EXPECT_THAT(beyond.data, HasSubstr("\"field\":\"offset\""));
  EXPECT_EQ(Status(Ask("GET", kDownload + std::string("?offset=11"))), "400");
  SayError(InvalidField("name", "must be that of a document"));
  EXPECT_EQ(Status(Ask("GET", kDownload, {{"range", "bytes=11-"}})), "400");
}

// As who calls by gRPC can: a reply of its own, and no part of another.
TEST_F(FileTest, AnOffsetInTheQueryIsTheRestOfADocument) {
  SayDocument(4);
  const RawPeer::Fields rows[] = {{},
                                  {{"range", "bytes=4-5"}},
                                  {{"range", "bytes=8-"}},
                                  {{"if-none-match", absl::StrCat("\"", sha256_, "\"")}}};
  for (const RawPeer::Fields& fields : rows) {
    const RawStream reply = Ask("GET", kDownload + std::string("?offset=4"), fields);
    EXPECT_EQ(Status(reply), "200");
    EXPECT_EQ(reply.data, "456789");
    EXPECT_TRUE(reply.ended);
    EXPECT_EQ(Field(reply, "content-length"), "6");
    EXPECT_EQ(Field(reply, "etag"), "");
    EXPECT_EQ(LastRequest<meetings::DownloadDocumentRequest>().offset(), 4);
  }
  EXPECT_EQ(Field(Ask("HEAD", kDownload + std::string("?offset=4")), "content-length"), "6");
  SayDocument(10);
  const RawStream nothing = Ask("GET", kDownload + std::string("?offset=10"));
  EXPECT_EQ(Status(nothing), "200");
  EXPECT_EQ(Field(nothing, "content-length"), "0");
  EXPECT_TRUE(nothing.ended);
}

TEST_F(FileTest, WhatIsNotOneRangeFromABeginningIsLeftAlone) {
  SayDocument();
  for (const char* range : {"bytes=-3", "bytes=0-1,4-5", "bytes=5-2", "lines=0-1", "bytes=x-"}) {
    const RawStream reply = Ask("GET", kDownload, {{"range", range}});
    EXPECT_EQ(Status(reply), "200") << range;
    EXPECT_EQ(reply.data, kContent) << range;
  }
  EXPECT_EQ(Status(Ask("GET", kDownload, {{"range", "bytes=0-3"}, {"if-range", "\"x\""}})), "200");
}

// Who asks for a part of one version gets no part of another.
TEST_F(FileTest, AConditionOfARangeIsNotPassedOver) {
  SayDocument();
  for (const char* condition : {"\"x\"", "\"\xf6\"", ""}) {
    const RawStream reply =
        Ask("GET", kDownload, {{"range", "bytes=0-3"}, {"if-range", condition}});
    EXPECT_EQ(Status(reply), "200") << condition;
    EXPECT_EQ(reply.data, kContent);
  }
}

TEST_F(FileTest, ADocumentThatBreaksOffDoesNotPassForWhole) {
  SayDocument(0, {grpc::StatusCode::UNAVAILABLE, "gone"});
  const RawStream reply = Ask("GET", kDownload);
  EXPECT_FALSE(reply.ended);
  EXPECT_TRUE(reply.reset.has_value());
}

TEST_F(FileTest, WhatIsNoMessageWithinAFileBreaksItOff) {
  meetings::Calendar calendar;
  calendar.mutable_file()->set_data(std::string((1 << 20) + 1, 'x'));
  backend_->Say({{calendar.SerializeAsString(), std::string(5, '\xff')}, {}, true});
  const RawStream reply = Ask("GET", "/v1/meetings:calendar");
  EXPECT_EQ(Status(reply), "200");
  EXPECT_FALSE(reply.ended);
  EXPECT_TRUE(reply.reset.has_value());
  EXPECT_EQ(reply.data.find("INTERNAL_ERROR"), std::string::npos);
}

TEST_F(FileTest, ADocumentThatIsNotThereIsAnError) {
  SayError(Error(api::v1::Error::RESOURCE_NOT_FOUND, "there is no such document"));
  const RawStream reply = Ask("GET", kDownload);
  EXPECT_EQ(Status(reply), "404");
  EXPECT_EQ(Field(reply, "content-type"), "application/json");
}

TEST_F(FileTest, AFileThatTheServiceSaysNothingOfIsMeasured) {
  SayCalendar("BEGIN:VCALENDAR\r\n");
  const RawStream reply = Ask("GET", "/v1/meetings:calendar");
  EXPECT_EQ(Status(reply), "200");
  EXPECT_EQ(Field(reply, "content-type"), "text/calendar; charset=utf-8");
  EXPECT_EQ(Field(reply, "content-disposition"), "attachment; filename=\"calendar.ics\"");
  EXPECT_EQ(reply.data, "BEGIN:VCALENDAR\r\n");
  const std::string etag = Field(reply, "etag");
  EXPECT_EQ(etag, absl::StrCat("\"", ToHex(Sha256(reply.data)), "\""));
  EXPECT_EQ(Status(Ask("GET", "/v1/meetings:calendar", {{"if-none-match", etag}})), "304");
}

class LittleRoomTest : public FileTest {
 protected:
  // An address has half of it when it is alone.
  LittleRoomTest() { options_.limits.max_unread_bytes = 400 << 10; }
};

TEST_F(LittleRoomTest, WhatIsMeasuredCountsAsUnread) {
  meetings::Calendar piece;
  piece.mutable_file()->set_data(std::string(100 << 10, 'x'));
  backend_->Say({std::vector<std::string>(5, piece.SerializeAsString()), {}, true});
  const RawStream reply = Ask("GET", "/v1/meetings:calendar");
  EXPECT_EQ(Status(reply), "429");
  EXPECT_EQ(Field(reply, "retry-after"), "1");
}

TEST_F(FileTest, AFileThatIsLargeAndUnknownIsSentAsItComes) {
  const std::string large((1 << 20) + 1, 'x');
  SayCalendar(large);
  const RawStream reply = Ask("GET", "/v1/meetings:calendar");
  EXPECT_EQ(reply.data, large);
  EXPECT_EQ(Field(reply, "etag"), "");
}

TEST_F(FileTest, ASecretOfALinkIsNotTheNameOfAFile) {
  google::api::HttpBody body;
  body.set_content_type("text/calendar");
  body.set_data("BEGIN:VCALENDAR\r\n");
  backend_->Say({{body.SerializeAsString()}, {}});
  const RawStream reply = Ask("GET", "/v1/subscribedCalendars/s3cr3t", {{"authorization", ""}});
  EXPECT_EQ(Status(reply), "200") << reply.data;
  EXPECT_EQ(Field(reply, "content-disposition"), "");
}

std::vector<size_t> SizesOf(const std::vector<meetings::UploadDocumentRequest>& messages) {
  std::vector<size_t> sizes;
  for (const auto& message : messages) sizes.push_back(message.content().data().size());
  return sizes;
}

TEST_F(FileTest, AnUploadIsTheBodyInPieces) {
  backend_->Say({{meetings::Document().SerializeAsString()}, {}});
  const std::string content(600 << 10, 'x');
  const RawStream reply = Ask("POST", absl::StrCat(kUpload, "?sizeBytes=614400&sha256=abc"),
                              {{"content-type", "application/pdf"}}, content);
  EXPECT_EQ(Status(reply), "200") << reply.data;
  std::vector<meetings::UploadDocumentRequest> messages;
  for (const std::string& bytes : backend_->seen().messages) {
    EXPECT_TRUE(messages.emplace_back().ParseFromString(bytes));
  }
  EXPECT_THAT(SizesOf(messages), ElementsAre(256 << 10, 256 << 10, 88 << 10));
  EXPECT_EQ(messages[0].name(), "meetings/2024-bali/documents/final-report");
  EXPECT_EQ(messages[0].size_bytes(), 614400);
  EXPECT_EQ(messages[0].content().content_type(), "application/pdf");
  EXPECT_EQ(messages[1].name(), "");
  EXPECT_EQ(messages[1].content().content_type(), "");
}

class SlowUploadTest : public FileTest {
 protected:
  SlowUploadTest() { options_.limits.request_timeout = absl::Milliseconds(600); }

  int32_t BeginUpload(const std::string& content, const char* what = "say") {
    return raw_->Request({{":path", kUpload},
                          {"content-type", "application/pdf"},
                          {"authorization", "Bearer secretary"},
                          {"do", what}},
                         content, false);
  }
  // Looks on for so long.
  void Wait(absl::Duration time) {
    const absl::Time end = absl::Now() + time;
    EXPECT_TRUE(raw_->Until([&] { return absl::Now() >= end; }));
  }
  std::string StatusInTheEnd(int32_t id) {
    EXPECT_TRUE(raw_->Until([&] { return raw_->streams()[id].ended; }));
    return Status(raw_->streams()[id]);
  }
};

TEST_F(SlowUploadTest, AnUploadOfWhichNothingComesIsEnded) {
  EXPECT_EQ(StatusInTheEnd(BeginUpload("")), "408");
  EXPECT_EQ(StatusInTheEnd(BeginUpload("x")), "408");
  EXPECT_EQ(StatusInTheEnd(BeginUpload(std::string(300 << 10, 'x'))), "408");
}

// A byte now and then is no piece.
TEST_F(SlowUploadTest, AnUploadThatDribblesIsEnded) {
  const int32_t id = BeginUpload("x");
  for (int i = 0; i < 100; ++i) {
    Wait(absl::Milliseconds(100));
    if (raw_->streams()[id].ended) break;
    raw_->Dribble("x");
  }
  EXPECT_EQ(StatusInTheEnd(id), "408");
}

TEST_F(SlowUploadTest, AnUploadWhosePiecesComeIsNotEnded) {
  const std::string piece(256 << 10, 'x');
  const int32_t id = BeginUpload(piece);
  for (int i = 0; i < 6; ++i) {
    Wait(absl::Milliseconds(150));
    raw_->Dribble(piece);
  }
  EXPECT_FALSE(raw_->streams()[id].ended);
  EXPECT_EQ(StatusInTheEnd(id), "408") << "the last one never comes";
}

// The client can't send on before its service takes what it has sent.
TEST_F(SlowUploadTest, AServiceThatDoesNotReadIsNotTheClientsFault) {
  const int32_t id = BeginUpload(std::string(8 << 20, 'x'), "hang");
  Wait(absl::Milliseconds(1800));
  EXPECT_EQ(backend_->seen().calls, 1);
  EXPECT_FALSE(raw_->streams()[id].ended) << raw_->streams()[id].data;
}

class SmallShareTest : public FileTest {
 protected:
  SmallShareTest() { options_.limits.per_address.unfinished_bytes = 300 << 10; }
};

TEST_F(SmallShareTest, WhatWaitsOfAnUploadCountsAsUnfinished) {
  const RawPeer::Fields pdf = {{"content-type", "application/pdf"}};
  const std::string content(200 << 10, 'x');
  const int32_t first = Begin("POST", kUpload, pdf, content, false);
  const int32_t second = Begin("POST", kUpload, pdf, content, false);
  EXPECT_TRUE(
      raw_->Until([&] { return raw_->streams()[first].ended || raw_->streams()[second].ended; }));
  EXPECT_NE(raw_->streams()[first].ended, raw_->streams()[second].ended);
  EXPECT_EQ(Status(raw_->streams()[raw_->streams()[first].ended ? first : second]), "429");
  // What goes on as it comes counts no longer.
  backend_->Say({{meetings::Document().SerializeAsString()}, {}});
  nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, first, NGHTTP2_CANCEL);
  nghttp2_submit_rst_stream(raw_->session(), NGHTTP2_FLAG_NONE, second, NGHTTP2_CANCEL);
  EXPECT_EQ(Status(Ask("POST", kUpload, pdf, std::string(2 << 20, 'x'))), "200");
}

TEST_F(FileTest, AnUploadHasOneMediaType) {
  const RawPeer::Fields rows[] = {
      {{"content-type", "text/\xe9"}},
      {{"content-type", "text/plain"}, {"content-type", "text/html"}},
      {{"content-type", "text/plain, text/html"}},
      {{"content-type", "text"}},
  };
  for (const RawPeer::Fields& fields : rows) {
    const RawStream reply = Ask("POST", kUpload, fields, "x");
    EXPECT_EQ(Status(reply), "400") << fields.front().second;
    EXPECT_THAT(reply.data, HasSubstr("content-type")) << fields.front().second;
  }
  EXPECT_THAT(backend_->seen().messages, IsEmpty());
}

TEST_F(FileTest, AnUploadIsNotPacked) {
  const RawStream reply = Ask(
      "POST", kUpload, {{"content-type", "application/pdf"}, {"content-encoding", "gzip"}}, "x");
  EXPECT_EQ(Status(reply), "415");
  backend_->Say({{meetings::Document().SerializeAsString()}, {}});
  const RawPeer::Fields plain = {{"content-type", "application/pdf"},
                                 {"content-encoding", "Identity"}};
  EXPECT_EQ(Status(Ask("POST", kUpload, plain, "x")), "200");
}

}  // namespace
}  // namespace baliprocess::gateway
