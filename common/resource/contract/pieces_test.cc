#include "common/resource/contract/pieces.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/iati.pb.h"

namespace baliprocess::resource {
namespace {

using capacity::v1::IatiExport;
using google::protobuf::util::MessageDifferencer;

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
  whole.set_organisation_file("<a/>");
  whole.set_activity_file("<b/>");
  whole.add_omissions()->set_resource("activities/a");
  EXPECT_EQ(ExpectSame(whole), 1);
  for (int i = 0; i < 1'000'000; ++i) whole.mutable_activity_file()->append("\xE2\x82\xAC");
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
    whole.set_organisation_file(std::string(size, 'x'));
    EXPECT_EQ(ExpectSame(whole), static_cast<int>((size + kPieceBytes - 1) / kPieceBytes)) << size;
  }
}

}  // namespace
}  // namespace baliprocess::resource
