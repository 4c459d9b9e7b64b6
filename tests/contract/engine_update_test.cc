// Updates: field masks, etags, what can't be changed, what changes nothing.

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::SizeIs;

class UpdateTest : public MembershipTest {
 protected:
  void SetUp() override {
    auto body = Call<v1::Body>("CreateBody", R"(body_id: 'ahg'
        body { kind: AD_HOC_GROUP display_name: 'Ad Hoc Group' short_name: 'AHG' max_chairs: 2
               term { start_date { year: 2009 } }
               other_names { text: 'AHG on affected countries' language_code: 'en' } })");
    ASSERT_OK(body);
    body_ = *body;
    clock_.Advance(absl::Minutes(1));
  }
  absl::StatusOr<v1::Body> Update(std::string_view body, std::string_view rest = "") {
    return Call<v1::Body>("UpdateBody", absl::StrCat("body { name: 'bodies/ahg' ",
                                                     std::string(body), " } ", std::string(rest)));
  }
  v1::Body body_;
};

TEST_P(UpdateTest, AMaskNamesWhatChanges) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body,
                       Update("display_name: 'New' mandate: 'x' max_chairs: 9",
                              "update_mask { paths: 'display_name' paths: 'short_name' }"));
  EXPECT_EQ(body.display_name(), "New");
  EXPECT_EQ(body.short_name(), "");  // named, and absent in the patch
  EXPECT_EQ(body.mandate(), "");
  EXPECT_EQ(body.max_chairs(), 2);
  EXPECT_NE(body.etag(), body_.etag());
  EXPECT_EQ(body.uid(), body_.uid());
  EXPECT_GT(body.update_time().seconds(), body_.update_time().seconds());
  EXPECT_EQ(body.create_time().seconds(), body_.create_time().seconds());
}

TEST_P(UpdateTest, AMaskReachesIntoMessages) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body,
                       Update("term { start_date { year: 1999 } end_date { year: 2024 } }",
                              "update_mask { paths: 'term.end_date' }"));
  EXPECT_EQ(body.term().start_date().year(), 2009);
  EXPECT_EQ(body.term().end_date().year(), 2024);
}

TEST_P(UpdateTest, AnEmptyMaskIsWhatIsSet) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Update("mandate: 'To advise'"));
  EXPECT_EQ(body.mandate(), "To advise");
  EXPECT_EQ(body.display_name(), "Ad Hoc Group");
  EXPECT_THAT(body.other_names(), SizeIs(1));
}

TEST_P(UpdateTest, AStarIsEverything) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Update("kind: AD_HOC_GROUP display_name: 'New'",
                                                   "update_mask { paths: '*' }"));
  EXPECT_EQ(body.display_name(), "New");
  EXPECT_EQ(body.short_name(), "");
  EXPECT_EQ(body.max_chairs(), 0);
  EXPECT_FALSE(body.has_term());
  EXPECT_EQ(body.visibility(), api::v1::Visibility::PUBLIC);  // the default of the type
  EXPECT_EQ(body.uid(), body_.uid());
}

// Whoever replaces a record without saying who may read it doesn't publish it by that.
TEST_P(UpdateTest, AStarKeepsTheVisibilityThatIsLeftOut) {
  ASSERT_OK(Update("visibility: RESTRICTED"));
  ASSERT_OK_AND_ASSIGN(const v1::Body kept, Update("kind: AD_HOC_GROUP display_name: 'New'",
                                                   "update_mask { paths: '*' }"));
  EXPECT_EQ(kept.visibility(), api::v1::Visibility::RESTRICTED);
  ASSERT_OK_AND_ASSIGN(const v1::Body named, Update("", "update_mask { paths: 'visibility' }"));
  EXPECT_EQ(named.visibility(), api::v1::Visibility::PUBLIC);  // the default of the type
}

TEST_P(UpdateTest, WhatResultsMustBeValid) {
  const absl::Status status =
      Update("", "update_mask { paths: ['display_name', 'kind'] }").status();
  EXPECT_THAT(status, HasReason(api::v1::Error::INVALID_FIELDS));
  EXPECT_THAT(BadFields(status), ElementsAre("body.kind", "body.display_name"));
  EXPECT_THAT(BadFields(Update("term { end_date { year: 2008 } }").status()),
              ElementsAre("body.term.end_date"));
}

TEST_P(UpdateTest, UnknownPathsAreRefused) {
  for (const char* path : {"nickname", "term.", "term.middle", "display_name.x", "other_names.text",
                           "decision_rules.minimum_silence.hours", "."}) {
    EXPECT_THAT(BadFields(Update("", absl::StrCat("update_mask { paths: '", path, "' }")).status()),
                ElementsAre("update_mask"))
        << path;
  }
}

TEST_P(UpdateTest, ImmutableFieldsKeepTheirValue) {
  AddState("aus", "AU");
  const absl::Status status =
      Try("UpdateMember", "member { name: 'members/aus' kind: ORGANISATION }");
  EXPECT_THAT(BadFields(status), ElementsAre("member.kind"));
  EXPECT_OK(
      Try("UpdateMember", "member { name: 'members/aus' kind: STATE display_name: 'Australia' }"));
}

TEST_P(UpdateTest, OutputOnlyFieldsAreLeftAlone) {
  ASSERT_OK_AND_ASSIGN(
      const v1::Body body,
      Update("uid: 'x' create_time { seconds: 1 } delete_time { seconds: 1 } mandate: 'm'",
             "update_mask { paths: ['uid', 'create_time', 'delete_time', 'mandate'] }"));
  EXPECT_EQ(body.uid(), body_.uid());
  EXPECT_EQ(body.create_time().seconds(), body_.create_time().seconds());
  EXPECT_FALSE(body.has_delete_time());
}

TEST_P(UpdateTest, ChangingNothingLeavesNoTrace) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Update("display_name: 'Ad Hoc Group'"));
  EXPECT_EQ(body.SerializeAsString(), body_.SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const v1::Body same, Update("visibility: LEVEL_UNSPECIFIED",
                                                   "update_mask { paths: 'visibility' }"));
  EXPECT_EQ(same.etag(), body_.etag());
  EXPECT_THAT(Changes(), SizeIs(1));
}

TEST_P(UpdateTest, TheEtagMustBeCurrent) {
  const std::string etag = absl::StrCat("etag: '", body_.etag(), "' ");
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Update(etag + "mandate: 'one'"));
  const absl::Status status = Update(etag + "mandate: 'two'").status();
  EXPECT_THAT(status, HasReason(api::v1::Error::ETAG_MISMATCH));
  EXPECT_EQ(MetadataOf(status, "resource"), "bodies/ahg");
  EXPECT_OK(Update(absl::StrCat("etag: '", body.etag(), "' mandate: 'two'")));
}

TEST_P(UpdateTest, AnEtagNeverComesBack) {
  ASSERT_OK(Update("mandate: 'one'"));
  clock_.Advance(absl::Microseconds(1));
  ASSERT_OK(Update("", "update_mask { paths: 'mandate' }"));
  EXPECT_THAT(Update(absl::StrCat("etag: '", body_.etag(), "' mandate: 'two'")).status(),
              HasReason(api::v1::Error::ETAG_MISMATCH));
}

TEST_P(UpdateTest, OfNothing) {
  EXPECT_THAT(Try("UpdateBody", "body { name: 'bodies/none' max_chairs: 1 }"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_THAT(Try("UpdateBody", "body { max_chairs: 1 }"),
              HasReason(api::v1::Error::INVALID_FIELDS));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/ahg'"));
  EXPECT_THAT(Update("max_chairs: 1").status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(UpdateTest, AllowMissingCreates) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Call<v1::Body>("UpdateBody", R"(allow_missing: true
                           update_mask { paths: 'max_chairs' }
                           body { name: 'bodies/new' kind: TASK_FORCE display_name: 'New' })"));
  EXPECT_EQ(body.name(), "bodies/new");
  EXPECT_EQ(body.display_name(), "New");
  EXPECT_FALSE(body.uid().empty());
  const absl::Status incomplete =
      Try("UpdateBody", "allow_missing: true body { name: 'bodies/newer' display_name: 'New' }");
  EXPECT_THAT(BadFields(incomplete), ElementsAre("body.kind"));
  ASSERT_OK_AND_ASSIGN(const v1::Body updated, Update("max_chairs: 3", "allow_missing: true"));
  EXPECT_EQ(updated.uid(), body_.uid());
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/ahg'"));
  EXPECT_THAT(Update("kind: TASK_FORCE display_name: 'x'", "allow_missing: true").status(),
              HasReason(api::v1::Error::RESOURCE_EXISTS));
}

TEST_P(UpdateTest, TheChangeLogHasBothVersions) {
  ASSERT_OK_AND_ASSIGN(const v1::Body after, Update("mandate: 'To advise'"));
  const auto changes = Changes("kind = UPDATED");
  ASSERT_THAT(changes, SizeIs(1));
  v1::Body before_logged, after_logged;
  ASSERT_TRUE(changes[0].before().UnpackTo(&before_logged));
  ASSERT_TRUE(changes[0].after().UnpackTo(&after_logged));
  EXPECT_EQ(before_logged.SerializeAsString(), body_.SerializeAsString());
  EXPECT_EQ(after_logged.SerializeAsString(), after.SerializeAsString());
  EXPECT_EQ(changes[0].actor(), "secretary");
  EXPECT_EQ(changes[0].method(), "baliprocess.membership.v1.MembershipService.UpdateBody");
  EXPECT_EQ(changes[0].type(), "baliprocess.net/Body");
}

INSTANTIATE_ON_ENGINES(UpdateTest);

}  // namespace
}  // namespace baliprocess::membership
