// Content of documents: the commands upload and download, and what export and import make of it.

#include "services/balictl/client/documents.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using meetings::v1::Document;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kName[] = "meetings/ahg-17/documents/minutes";
constexpr char kMeetings[] = R"([
  {"name": "meetings/ahg-17", "body": "bodies/ahg", "displayName": "17th meeting"}
])";
constexpr char kBodies[] = R"([
  {"name": "bodies/ahg", "kind": "AD_HOC_GROUP", "displayName": "Ad Hoc Group"}
])";

class DocumentsTest : public ServerFixture {
 protected:
  void SetUp() override {
    record_.Write("membership/bodies.json", kBodies);
    record_.Write("meetings/meetings.json", kMeetings);
    ASSERT_EQ(Do({"import", record_.path()}).code, 0);
    for (size_t i = 0; i < (size_t{3} << 20) + 5; ++i) {
      bytes_.push_back(static_cast<char>(i * 31 + i / 1000));
    }
    data_.Write("minutes.pdf", bytes_);
  }
  Ran Upload(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"upload", kName, File("minutes.pdf")});
    return Do(more);
  }
  Ran Download(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"download", kName});
    return Do(more);
  }
  const Document& Kept() { return static_cast<const Document&>(*server_.resources.at(kName)); }

  const TemporaryDirectory record_;
  std::string bytes_;
};

TEST_F(DocumentsTest, GoUpAndComeDown) {
  const Ran up = Upload();
  EXPECT_EQ(up.code, 0) << up.err;
  EXPECT_EQ(up.out, absl::StrCat(kName, ": 3145733 bytes, application/pdf\n"));
  EXPECT_EQ(server_.documents.contents[kName], bytes_);
  EXPECT_EQ(Kept().display_name(), "minutes.pdf");
  const Ran down = Download({File("copy")});
  EXPECT_EQ(down.code, 0) << down.err;
  EXPECT_EQ(down.out, File("copy") + ": 3145733 bytes, application/pdf\n");
  EXPECT_EQ(data_.Read("copy"), bytes_);
  struct stat status {};
  ASSERT_EQ(stat(File("copy").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(Download({"-"}).out, bytes_);
}

TEST_F(DocumentsTest, WhatIsKeptIsNotSentAgain) {
  Upload();
  const Ran again = Upload();
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.out, HasSubstr("(unchanged)"));
  EXPECT_THAT(server_.documents.upload_offsets, ElementsAre(0));
}

TEST_F(DocumentsTest, AnUploadThatBreaksOffGoesOn) {
  server_.documents.break_after = 2;
  const Ran up = Upload();
  EXPECT_EQ(up.code, 0) << up.err;
  EXPECT_THAT(server_.documents.upload_offsets, ElementsAre(0, 2 << 20));
  EXPECT_EQ(server_.documents.contents[kName], bytes_);
}

TEST_F(DocumentsTest, ADownloadThatBreaksOffGoesOn) {
  Upload();
  server_.documents.break_after = 7;
  EXPECT_EQ(Download({File("copy")}).code, 0);
  EXPECT_THAT(server_.documents.download_offsets, ElementsAre(0, 7000));
  EXPECT_EQ(data_.Read("copy"), bytes_);
}

TEST_F(DocumentsTest, WhatCameIsCheckedBeforeItIsWritten) {
  Upload();
  server_.documents.contents[kName][100] ^= 1;
  const Ran down = Download({File("copy")});
  EXPECT_EQ(down.code, 1);
  EXPECT_THAT(down.err, HasSubstr("SHA-256"));
  server_.documents.contents[kName] += "more";
  EXPECT_THAT(Download({File("copy")}).err, HasSubstr("more than it announced"));
  EXPECT_FALSE(std::filesystem::exists(File("copy")));
}

TEST_F(DocumentsTest, AFileIsReplacedOnlyByForce) {
  Upload();
  data_.Write("copy", "mine");
  server_.documents.download_offsets.clear();
  const Ran down = Download({File("copy")});
  EXPECT_EQ(down.code, 2);
  EXPECT_THAT(down.err, HasSubstr("--force"));
  EXPECT_THAT(server_.documents.download_offsets, IsEmpty());
  EXPECT_EQ(data_.Read("copy"), "mine");
  EXPECT_EQ(Download({File("copy"), "--force"}).code, 0);
  EXPECT_EQ(data_.Read("copy"), bytes_);
}

TEST_F(DocumentsTest, ADocumentIsMadeAsItIsToldAndKeptAsItIs) {
  ASSERT_EQ(Upload({"--display_name", "Minutes", "--media_type", "text/plain"}).code, 0);
  EXPECT_EQ(Kept().display_name(), "Minutes");
  EXPECT_EQ(Kept().content().media_type(), "text/plain");
  data_.Write("minutes.pdf", "other");
  ASSERT_EQ(Upload().code, 0);
  EXPECT_EQ(Kept().display_name(), "Minutes");
  EXPECT_EQ(server_.documents.contents[kName], "other");
}

TEST_F(DocumentsTest, BadUseSendsNothing) {
  data_.Write("empty.pdf", "");
  server_.calls.clear();
  EXPECT_THAT(Do({"upload", "meetings/ahg-17", File("minutes.pdf")}).err,
              HasSubstr("isn't the name of a document"));
  const Ran empty = Do({"upload", kName, File("empty.pdf")});
  EXPECT_EQ(empty.code, 2);
  EXPECT_THAT(empty.err, HasSubstr("has 0 bytes; the content of a document has 1 to 67108864"));
  std::filesystem::resize_file(File("empty.pdf"), (64 << 20) + 1);
  EXPECT_THAT(Do({"upload", kName, File("empty.pdf")}).err, HasSubstr("has 67108865 bytes"));
  EXPECT_EQ(Do({"upload", kName, File("nothing.pdf")}).code, 2);
  EXPECT_EQ(Do({"download", "members/aus"}).code, 2);
  EXPECT_THAT(server_.calls, IsEmpty());
  EXPECT_EQ(Download({File("copy")}).code, 1);
}

TEST_F(DocumentsTest, AnExportIsWholeAndImportingItChangesNothing) {
  Upload();
  const TemporaryDirectory out;
  const Ran exported = Do({"export", out.path()});
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_THAT(exported.out, HasSubstr("meetings/documents.json: 1, 1 with content\n"));
  EXPECT_EQ(out.Read("meetings/documents/ahg-17/minutes.pdf"), bytes_);
  EXPECT_THAT(out.Read("meetings/documents.json"),
              AllOf(HasSubstr(ToHex(Sha256(bytes_))), HasSubstr("application/pdf")));
  // What is there isn't brought down again.
  EXPECT_EQ(Do({"export", out.path()}).code, 0);
  EXPECT_THAT(server_.documents.download_offsets, SizeIs(1));
  const Ran imported = Do({"import", out.path()});
  EXPECT_EQ(imported.code, 0) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("meetings/documents.json: 1 unchanged\n"));
  EXPECT_THAT(server_.documents.upload_offsets, SizeIs(1));
}

TEST_F(DocumentsTest, AnEmptyServerGetsAllOfAnExport) {
  Upload();
  const TemporaryDirectory out;
  Do({"export", out.path()});
  server_.resources.clear();
  server_.documents.contents.clear();
  EXPECT_THAT(Do({"import", out.path(), "--dry_run"}).out,
              HasSubstr("meetings/documents.json: 1 created (dry run)\n"));
  EXPECT_THAT(server_.documents.contents, IsEmpty());
  EXPECT_THAT(Do({"import", out.path()}).out, HasSubstr("meetings/documents.json: 1 created\n"));
  EXPECT_EQ(server_.documents.contents[kName], bytes_);
}

TEST_F(DocumentsTest, AnEarlierVersionComesDownByItsNumber) {
  Upload();
  data_.Write("minutes.pdf", "signed");
  ASSERT_EQ(Upload().code, 0);
  EXPECT_EQ(Download({"-", "--version", "1"}).out, bytes_);
  EXPECT_EQ(Download({"-", "--version", "2"}).out, "signed");
  EXPECT_EQ(Download({"-"}).out, "signed");
  for (const char* wrong : {"0", "-1", "x", "1.5"}) {
    EXPECT_EQ(Download({"-", "--version", wrong}).code, 2) << wrong;
  }
}

TEST_F(DocumentsTest, AnEarlierFileIsCurrentAgainWithoutBeingSent) {
  Upload();
  data_.Write("minutes.pdf", "signed");
  Upload();
  data_.Write("minutes.pdf", bytes_);
  EXPECT_THAT(Upload().out, Not(HasSubstr("(unchanged)")));
  EXPECT_EQ(Kept().content().version(), 3);
  EXPECT_THAT(server_.documents.upload_offsets,
              ElementsAre(0, 0, static_cast<int64_t>(bytes_.size())));
}

TEST_F(DocumentsTest, VersionsGoWithAnExport) {
  Upload();
  data_.Write("minutes.pdf", "signed");
  Upload();
  const TemporaryDirectory out;
  EXPECT_EQ(Do({"export", out.path()}).code, 0);
  EXPECT_EQ(out.Read("meetings/documents/ahg-17/minutes.pdf"), "signed");
  EXPECT_EQ(out.Read("meetings/documents/ahg-17/minutes.v1.pdf"), bytes_);
  const std::string records = out.Read("meetings/documents.json");
  EXPECT_THAT(records, AllOf(HasSubstr("\"uploader\": \"somebody\""), HasSubstr("uploadTime")));
  EXPECT_THAT(Do({"import", out.path()}).out, HasSubstr("meetings/documents.json: 1 unchanged\n"));
  EXPECT_THAT(server_.documents.upload_offsets, SizeIs(2));
  server_.resources.clear();
  server_.documents.contents.clear();
  server_.documents.Forget();
  EXPECT_THAT(Do({"import", out.path()}).out, HasSubstr("meetings/documents.json: 1 created\n"));
  EXPECT_THAT(Kept().versions(), SizeIs(2));
  EXPECT_EQ(Download({"-"}).out, "signed");
  EXPECT_EQ(Download({"-", "--version", "1"}).out, bytes_);
  const TemporaryDirectory again;
  Do({"export", again.path()});
  EXPECT_EQ(again.Read("meetings/documents.json"), records);
  std::filesystem::remove(out.path() + "/meetings/documents/ahg-17/minutes.v1.pdf");
  EXPECT_THAT(Do({"import", out.path()}).err, HasSubstr("minutes.v1.pdf can't be read"));
}

// A document that is there keeps its versions: what a directory has besides becomes a new one.
TEST_F(DocumentsTest, AnOldExportMakesANewVersion) {
  Upload();
  const TemporaryDirectory out;
  Do({"export", out.path()});
  data_.Write("minutes.pdf", "signed");
  Upload();
  EXPECT_THAT(Do({"import", out.path()}).out, HasSubstr("meetings/documents.json: 1 updated\n"));
  EXPECT_THAT(Kept().versions(), SizeIs(3));
  EXPECT_EQ(Download({"-"}).out, bytes_);
}

TEST_F(DocumentsTest, APersonMayReplaceTheFile) {
  Upload();
  record_.Write("meetings/documents.json", absl::StrCat(R"([{"name": ")", kName, R"(",
      "displayName": "minutes.pdf", "content": {"mediaType": "application/pdf"}}])"));
  record_.Write("meetings/documents/ahg-17/minutes.pdf", "signed");
  EXPECT_THAT(Do({"import", record_.path(), "--dry_run"}).out,
              HasSubstr("meetings/documents.json: 1 updated (dry run)\n"));
  EXPECT_EQ(server_.documents.contents[kName], bytes_);
  EXPECT_THAT(Do({"import", record_.path()}).out,
              HasSubstr("meetings/documents.json: 1 updated\n"));
  EXPECT_EQ(server_.documents.contents[kName], "signed");
}

TEST_F(DocumentsTest, AnImportChecksFilesBeforeItSends) {
  Upload();
  const TemporaryDirectory out;
  Do({"export", out.path()});
  server_.calls.clear();
  out.Write("meetings/documents/ahg-17/minutes.pdf", "something else");
  const Ran other = Do({"import", out.path()});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("meetings/documents/ahg-17/minutes.pdf isn't the content"));
  std::filesystem::remove(out.path() + "/meetings/documents/ahg-17/minutes.pdf");
  const Ran missing = Do({"import", out.path()});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr(std::string("element 1: ") + kName + ": "));
  EXPECT_THAT(missing.err, HasSubstr("minutes.pdf can't be read"));
  EXPECT_THAT(server_.calls, IsEmpty());
}

TEST(MediaTypes, FollowFromNamesAndBack) {
  EXPECT_EQ(MediaTypeOf("a/Minutes.PDF"), "application/pdf");
  EXPECT_EQ(MediaTypeOf("minutes"), "application/octet-stream");
  EXPECT_EQ(ExtensionOf("image/jpeg"), ".jpg");
  EXPECT_EQ(ExtensionOf("application/x-unknown"), "");
}

}  // namespace
}  // namespace baliprocess::balictl
