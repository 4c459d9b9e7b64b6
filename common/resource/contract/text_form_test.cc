#include "common/resource/contract/text_form.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "baliprocess/capacity/v1/capacity_service.pb.h"
#include "baliprocess/meetings/v1/meetings_service.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/base/descriptors.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::TextFormat;
using ::testing::ElementsAre;

// "Hội nghị", composed and decomposed.
constexpr char kComposed[] = "H\u1ed9i ngh\u1ecb";
constexpr char kDecomposed[] = "Ho\u0323\u0302i nghi\u0323";

TEST(TextFormTest, IsNormalizationFormC) {
  EXPECT_EQ(NormalText(kDecomposed), kComposed);
  EXPECT_EQ(NormalText(kComposed), kComposed);
  EXPECT_EQ(NormalText("plain"), "plain");
  EXPECT_EQ(NormalText(""), "");
  // Compatibility is left alone: it means something.
  EXPECT_EQ(NormalText("m\u00b2 \uff21 \ufb01"), "m\u00b2 \uff21 \ufb01");
}

TEST(TextFormTest, HasNoBlanksAtItsEnds) {
  for (const char* blank : {" ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\ufeff",
                            "\u200b", "\u2060", " \u00a0\ufeff "}) {
    EXPECT_EQ(NormalText(std::string(blank) + "Police"), "Police") << blank;
    EXPECT_EQ(NormalText(std::string("Police") + blank), "Police") << blank;
    EXPECT_EQ(NormalText(blank), "") << blank;
  }
  EXPECT_EQ(NormalText(" a\u3000b  c "), "a\u3000b  c");
  // What has meaning beside letters stays.
  EXPECT_EQ(NormalText("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627\u200f"),
            "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627\u200f");
}

TEST(TextFormTest, HasOneKindOfLineEndsAndSpaces) {
  EXPECT_EQ(NormalText("one\r\ntwo\rthree\nfour\r\n\r\nfive"), "one\ntwo\nthree\nfour\n\nfive");
  EXPECT_EQ(NormalText("a\u00a0b\u2007c\u202fd"), "a b c d");
}

TEST(TextFormTest, OfAPartLeavesTheEndsThatAreWithinAText) {
  EXPECT_EQ(NormalText(" a ", {.front = false}), " a");
  EXPECT_EQ(NormalText(" a ", {.back = false}), "a ");
  EXPECT_EQ(NormalText("\u00a0a\r", {.front = false, .back = false}), " a\n");
}

TEST(TextFormTest, OfWhatIsNoUtf8IsWhatItWas) {
  EXPECT_EQ(NormalText(" \xff\r"), " \xff\r");
  EXPECT_EQ(NormalText("\xed\xa0\x80 "), "\xed\xa0\x80 ");
}

// Marks of two classes by turns, each of which has to be brought before all that precede it.
TEST(TextFormTest, OfMoreMarksThanAnyTextHasTakesNoTime) {
  std::string marks = "a";
  for (int i = 0; i < 15; ++i) marks += "\u0301\u0323";
  EXPECT_NE(NormalText(marks), marks);
  for (int i = 0; i < 1'000'000; ++i) marks += "\u0301\u0323";
  EXPECT_EQ(NormalText(marks), marks);
}

TEST(TextFormTest, IsStable) {
  for (const char* text :
       {" \u00a0x\r\n", kDecomposed, "\u1026\u1031\u102c\u1037\u103a", "\r\r\n\r"}) {
    const std::string once = NormalText(text);
    EXPECT_EQ(NormalText(once), once) << text;
  }
}

bool IsTextAt(const Descriptor* type, const std::string& path) {
  const FieldPath fields = FindFieldPath(*type, path);
  EXPECT_FALSE(fields.empty()) << path;
  return !fields.empty() && IsText(*fields.back());
}

TEST(TextFormTest, NamesIdsTokensAndFormatsAreNoTexts) {
  const Descriptor* create = membership::v1::CreateMemberRequest::descriptor();
  EXPECT_TRUE(IsTextAt(create, "member.display_name"));
  for (const char* path : {"member_id", "request_id", "member.name", "member.etag", "member.uid",
                           "member.region_code"}) {
    EXPECT_FALSE(IsTextAt(create, path)) << path;
  }
  const Descriptor* list = membership::v1::ListSeatsRequest::descriptor();
  for (const char* path : {"parent", "filter", "order_by", "page_token"}) {
    EXPECT_FALSE(IsTextAt(list, path)) << path;
  }
  EXPECT_FALSE(IsTextAt(meetings::v1::UploadDocumentRequest::descriptor(), "sha256"));
  EXPECT_FALSE(
      IsText(*capacity::v1::Practitioner::descriptor()->FindFieldByName("identity_hashes")));
  EXPECT_FALSE(
      IsText(*common::v1::WatchChangesRequest::descriptor()->FindFieldByName("resume_token")));
  EXPECT_TRUE(IsTextAt(capacity::v1::Practitioner::descriptor(), "identity.full_name"));
  EXPECT_TRUE(IsTextAt(meetings::v1::CancelMeetingRequest::descriptor(), "reason"));
  EXPECT_FALSE(IsTextAt(capacity::v1::Commitment::descriptor(), "amount.currency_code"));
}

TEST(TextFormTest, EveryTextOfARequestIsBroughtIntoIt) {
  capacity::v1::CreateActivityRequest request;
  ASSERT_TRUE(TextFormat::ParseFromString(R"(
      request_id: " x"
      activity_id: " w "
      activity {
        name: " n " etag: " e " display_name: " Workshop\r\n" summary: "\n"
        topics: [ "a\302\240", " " ]
        venue { city: "Bali " region_code: " ID" }
        citations { title: " T" note: "one\rtwo" }
      })",
                                          &request));
  NormaliseTexts(request);
  const capacity::v1::Activity& activity = request.activity();
  EXPECT_EQ(request.request_id(), " x");
  EXPECT_EQ(request.activity_id(), " w ");
  EXPECT_EQ(activity.name(), " n ");
  EXPECT_EQ(activity.etag(), " e ");
  EXPECT_EQ(activity.display_name(), "Workshop");
  EXPECT_EQ(activity.summary(), "");
  EXPECT_THAT(activity.topics(), ElementsAre("a", ""));
  EXPECT_EQ(activity.venue().city(), "Bali");
  EXPECT_EQ(activity.venue().region_code(), " ID");
  EXPECT_EQ(activity.citations(0).title(), "T");
  EXPECT_EQ(activity.citations(0).note(), "one\ntwo");

  membership::v1::BatchCreateSeatsRequest batch;
  batch.add_requests()->mutable_seat()->set_basis(kDecomposed);
  NormaliseTexts(batch);
  EXPECT_EQ(batch.requests(0).seat().basis(), kComposed);
}

// Of several fields, one: a blank name of a funder isn't a funder.
TEST(TextFormTest, ABlankTextIsAbsent) {
  common::v1::Party party;
  party.set_display_name(" \u00a0");
  NormaliseTexts(party);
  EXPECT_EQ(party.party_case(), common::v1::Party::PARTY_NOT_SET);
}

}  // namespace
}  // namespace baliprocess::resource
