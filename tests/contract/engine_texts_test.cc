// Texts are kept in one form (common/resource/contract/text_form.h), whatever method brings them.

#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::SizeIs;

constexpr char kComposed[] = "H\u1ed9i ngh\u1ecb";
constexpr char kDecomposed[] = "Ho\u0323\u0302i nghi\u0323";

class TextsTest : public MembershipTest {
 protected:
  std::vector<std::string> Found(const std::string& filter) {
    v1::ListBodiesRequest request;
    request.set_filter(filter);
    const auto reply = Call<v1::ListBodiesResponse>("ListBodies", request);
    EXPECT_OK(reply);
    std::vector<std::string> names;
    if (!reply.ok()) return names;
    for (const v1::Body& body : reply->bodies()) names.push_back(body.name());
    return names;
  }
  absl::StatusOr<v1::Body> TryCreate(const std::string& id, const std::string& display_name,
                                     const std::string& mandate = "",
                                     const std::string& request_id = "") {
    v1::CreateBodyRequest request;
    request.set_body_id(id);
    request.set_request_id(request_id);
    request.mutable_body()->set_kind(v1::Body::TASK_FORCE);
    request.mutable_body()->set_display_name(display_name);
    request.mutable_body()->set_mandate(mandate);
    return Call<v1::Body>("CreateBody", request);
  }
};
INSTANTIATE_ON_ENGINES(TextsTest);

TEST_P(TextsTest, AreFoundInWhicheverFormTheyWereEntered) {
  ASSERT_OK(TryCreate("a", kComposed));
  ASSERT_OK(TryCreate("b", absl::StrCat("\u00a0", kDecomposed, " ")));
  for (const char* name : {kComposed, kDecomposed}) {
    EXPECT_THAT(Found(absl::StrCat("display_name = '", name, "'")),
                ElementsAre("bodies/a", "bodies/b"));
  }
  EXPECT_THAT(Found("display_name = 'Ho\u0323\u0302i*'"), SizeIs(2));
  EXPECT_EQ(GetBody(Secretariat(), "bodies/b")->display_name(), kComposed);
}

TEST_P(TextsTest, LinesEndInLineFeeds) {
  const auto body = TryCreate("a", "A", "\ufeffone\r\ntwo\rthree\n");
  ASSERT_OK(body);
  EXPECT_EQ(body->mandate(), "one\ntwo\nthree");
}

TEST_P(TextsTest, ABlankOneIsNone) {
  EXPECT_THAT(BadFields(TryCreate("a", " \u00a0\ufeff\n").status()),
              ElementsAre("body.display_name"));
  ASSERT_OK(TryCreate("a", "A", "Mandate"));
  ASSERT_OK(Try("UpdateBody",
                "body { name: 'bodies/a' mandate: ' \\r\\n' } update_mask { paths: 'mandate' }"));
  EXPECT_EQ(GetBody(Secretariat(), "bodies/a")->mandate(), "");
  EXPECT_THAT(BadFields(Try("UpdateBody",
                            "body { name: 'bodies/a' display_name: '\\302\\240' } "
                            "update_mask { paths: 'display_name' }")),
              ElementsAre("body.display_name"));
}

// 300 characters of a name, of which the last two are one when it is composed.
TEST_P(TextsTest, AreAsLongAsTheyAreKept) {
  const std::string longest = std::string(299, 'x') + "\u00e9";
  const auto body = TryCreate("a", absl::StrCat("  ", std::string(299, 'x'), "e\u0301  "));
  ASSERT_OK(body);
  EXPECT_EQ(body->display_name(), longest);
  EXPECT_THAT(BadFields(TryCreate("b", longest + "y").status()), ElementsAre("body.display_name"));
}

TEST_P(TextsTest, NothingIsWrittenWhereTheFormAloneDiffers) {
  ASSERT_OK(TryCreate("a", kComposed));
  v1::UpdateBodyRequest request;
  request.mutable_body()->set_name("bodies/a");
  request.mutable_body()->set_display_name(absl::StrCat(kDecomposed, "\r\n"));
  request.mutable_update_mask()->add_paths("display_name");
  ASSERT_OK(Call<v1::Body>("UpdateBody", request));
  EXPECT_THAT(Changes(), SizeIs(1));
}

TEST_P(TextsTest, ARequestIsRepeatedInEitherForm) {
  const std::string id = NewUuid();
  const auto first = TryCreate("", kDecomposed, " one\r\n", id);
  ASSERT_OK(first);
  for (const char* mandate : {" one\r\n", "one"}) {
    const auto again = TryCreate("", kDecomposed, mandate, id);
    ASSERT_OK(again);
    EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  }
  EXPECT_THAT(Changes(), SizeIs(1));
  EXPECT_THAT(TryCreate("", kDecomposed, "two", id).status(),
              HasReason(api::v1::Error::REQUEST_ID_REUSED));
}

TEST_P(TextsTest, RowsOfABatchAndCustomMethodsBringThemLikewise) {
  AddState("aus", "AU");
  AddBody("ahg");
  ASSERT_OK(Try("BatchCreateSeats", absl::StrCat(R"(parent: 'bodies/ahg' requests {
      seat_id: 'x' seat { member: 'members/aus' role: PARTICIPANT basis: ' )",
                                                 kDecomposed, "\\r\\n' } }")));
  const auto seat = Call<v1::Seat>("GetSeat", "name: 'bodies/ahg/seats/x'");
  ASSERT_OK(seat);
  EXPECT_EQ(seat->basis(), kComposed);
}

TEST_P(TextsTest, NamesAndIdsAreTakenAsTheyAre) {
  EXPECT_THAT(BadFields(TryCreate(" a", "A").status()), ElementsAre("body_id"));
  ASSERT_OK(TryCreate("a", "A"));
  EXPECT_THAT(BadFields(Try("GetBody", "name: 'bodies/a '")), ElementsAre("name"));
  EXPECT_THAT(BadFields(TryCreate("b", "B", "", absl::StrCat(" ", NewUuid())).status()),
              ElementsAre("request_id"));
}

}  // namespace
}  // namespace baliprocess::membership
