#include "common/resource/contract/pieces.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/iati.pb.h"
#include "baliprocess/meetings/v1/reports.pb.h"

namespace baliprocess::resource {
namespace {

using capacity::v1::IatiExport;
using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;

int ExpectSame(const IatiExport& whole) {
  Pieces pieces(std::make_unique<IatiExport>(whole));
  IatiExport joined;
  int count = 0;
  for (IatiExport piece; pieces.Next(piece); piece.Clear(), ++count) {
    // Tags and lengths are extra; a text that was cut within a character couldn't be serialised.
    EXPECT_LE(piece.ByteSizeLong(), kPieceBytes + 8 * (piece.omissions_size() + 4u));
    IatiExport read;
    EXPECT_TRUE(read.ParseFromString(piece.SerializeAsString()));
    AppendPiece(read, joined);
  }
  EXPECT_TRUE(MessageDifferencer::Equals(joined, whole));
  return count;
}

TEST(PiecesTest, JoinedTheyAreTheWhole) {
  IatiExport whole;
  EXPECT_EQ(ExpectSame(whole), 1);
  whole.mutable_organisation_file()->set_data("<a/>");
  whole.mutable_activity_file()->set_data("<b/>");
  whole.add_omissions()->set_resource("activities/a");
  EXPECT_EQ(ExpectSame(whole), 1);
  for (int i = 0; i < 1'000'000; ++i)
    whole.mutable_activity_file()->mutable_data()->append("\xE2\x82\xAC");
  EXPECT_EQ(ExpectSame(whole), 3'000'000 / static_cast<int>(kPieceBytes) + 1);
  for (int i = 0; i < 50'000; ++i) {
    whole.add_omissions()->set_resource(absl::StrCat("activities/a", std::string(20, 'x'), i));
  }
  whole.add_omissions();
  EXPECT_GT(ExpectSame(whole), 4'000'000 / static_cast<int>(kPieceBytes));
}

TEST(PiecesTest, TextsOfExactlyAPiece) {
  for (const size_t size : {kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 2 * kPieceBytes}) {
    IatiExport whole;
    whole.mutable_organisation_file()->set_data(std::string(size, 'x'));
    EXPECT_EQ(ExpectSame(whole), static_cast<int>((size + kPieceBytes - 1) / kPieceBytes)) << size;
  }
}

// A media type comes once, with the first of its data; a number too; a text isn't cut within a
// character.
TEST(PiecesTest, WhatIsShortComesOnce) {
  meetings::v1::Calendar whole;
  whole.mutable_file()->set_content_type("text/calendar");
  whole.mutable_file()->set_data(std::string(2 * kPieceBytes, 'x'));
  whole.set_meeting_count(7);
  Pieces pieces(std::make_unique<meetings::v1::Calendar>(whole));
  std::vector<std::string> types;
  std::vector<int> counts;
  meetings::v1::Calendar joined;
  for (meetings::v1::Calendar piece; pieces.Next(piece); piece.Clear()) {
    types.push_back(piece.file().content_type());
    counts.push_back(piece.meeting_count());
    AppendPiece(piece, joined);
  }
  EXPECT_THAT(types, ElementsAre("text/calendar", "", ""));
  EXPECT_THAT(counts, ElementsAre(0, 0, 7));
  EXPECT_TRUE(MessageDifferencer::Equals(joined, whole));
}

TEST(PiecesTest, TextsAreCutBetweenCharacters) {
  IatiExport whole;
  whole.mutable_organisation_file()->set_data("x");
  std::string& text = *whole.mutable_organisation_file()->mutable_content_type();
  for (int i = 0; i < 100'000; ++i) text += "\xE2\x82\xAC";
  EXPECT_EQ(ExpectSame(whole), 3);
}

}  // namespace
}  // namespace baliprocess::resource
