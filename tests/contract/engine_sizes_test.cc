// Sizes: what one resource may hold, and what one reply does.

#include <algorithm>

#include "common/resource/store/sizes.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Wide;

class SizesTest : public MembershipTest {
 protected:
  // A body of about `notes` times 4,000 bytes; at most 200.
  static v1::CreateBodyRequest BodyOf(const std::string& id, int notes) {
    v1::CreateBodyRequest request;
    request.set_body_id(id);
    request.mutable_body()->set_display_name(id);
    request.mutable_body()->set_kind(v1::Body::TASK_FORCE);
    for (int i = 0; i < notes; ++i) {
      if (i < 100) {
        auto& citation = *request.mutable_body()->add_citations();
        citation.set_title("t");
        citation.set_note(Wide(1000));
      } else {
        auto& name = *request.mutable_body()->add_other_names();
        name.set_text("n");
        name.set_note(Wide(1000));
      }
    }
    return request;
  }
  // A body of exactly so many bytes as stored, 1,045,000 to 1,049,000.
  absl::StatusOr<v1::Body> CreateOf(const std::string& id, int64_t bytes) {
    v1::CreateBodyRequest request = BodyOf(id, 200);
    for (auto& citation : *request.mutable_body()->mutable_citations()) {
      citation.set_title(Wide(500));
    }
    for (auto& name : *request.mutable_body()->mutable_other_names()) name.set_text(Wide(108));
    v1::CreateBodyRequest probe = request;
    probe.set_body_id("x" + id.substr(1));
    ASSIGN_OR_RETURN(const v1::Body created, Call<v1::Body>("CreateBody", probe));
    // Three bytes are the tag and the length of `mandate`.
    const int64_t missing = bytes - static_cast<int64_t>(created.ByteSizeLong()) - 3;
    EXPECT_GT(missing, 127);
    request.mutable_body()->set_mandate(std::string(std::max<int64_t>(missing, 0), 'm'));
    return Call<v1::Body>("CreateBody", request);
  }
  void AddLarge(int count, int notes) {
    for (int i = 0; i < count; ++i) {
      ASSERT_OK(Call<v1::Body>("CreateBody", BodyOf(absl::StrCat("b", 100 + i), notes)));
    }
  }
};

TEST_P(SizesTest, AResourceHasAtMostOneMebibyte) {
  const auto request = BodyOf("large", 200);  // 800 KB would be fine
  ASSERT_GT(request.body().ByteSizeLong(),
            static_cast<size_t>(resource::kMaxResourceBytes) * 3 / 4);
  v1::CreateBodyRequest larger = request;
  for (auto& name : *larger.mutable_body()->mutable_other_names()) name.set_text(Wide(300));
  for (auto& citation : *larger.mutable_body()->mutable_citations()) citation.set_title(Wide(500));
  const absl::Status refused = Call<v1::Body>("CreateBody", larger).status();
  EXPECT_THAT(BadFields(refused), ElementsAre("body"));
  EXPECT_THAT(Call<v1::Body>("GetBody", "name: 'bodies/large'").status(),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));

  ASSERT_OK(Call<v1::Body>("CreateBody", request));
  v1::UpdateBodyRequest update;
  *update.mutable_body() = larger.body();
  update.mutable_body()->set_name("bodies/large");
  update.mutable_update_mask()->add_paths("citations");
  update.mutable_update_mask()->add_paths("other_names");
  EXPECT_THAT(BadFields(Call<v1::Body>("UpdateBody", update).status()), ElementsAre("body"));
}

TEST_P(SizesTest, TheLimitOfAResourceIsExact) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, CreateOf("most", resource::kMaxResourceBytes));
  EXPECT_EQ(body.ByteSizeLong(), static_cast<size_t>(resource::kMaxResourceBytes));
  EXPECT_THAT(BadFields(CreateOf("more", resource::kMaxResourceBytes + 1).status()),
              ElementsAre("body"));
}

TEST_P(SizesTest, PagesEndByBytesAndMissNothing) {
  AddLarge(7, 200);  // 800 KB each
  for (const char* order : {"", "display_name desc", "create_time"}) {
    std::vector<std::string> seen;
    std::string token;
    int pages = 0;
    do {
      ASSERT_OK_AND_ASSIGN(const auto page,
                           Call<v1::ListBodiesResponse>(
                               "ListBodies", absl::StrCat("page_size: 1000 order_by: '", order,
                                                          "' page_token: '", token, "'")));
      EXPECT_LE(page.ByteSizeLong(), static_cast<size_t>(resource::kMaxPageBytes));
      for (const auto& body : page.bodies()) seen.push_back(body.name());
      token = page.next_page_token();
    } while (!token.empty() && ++pages < 10);
    EXPECT_EQ(pages, 3) << order;
    if (std::string_view(order) == "display_name desc") std::reverse(seen.begin(), seen.end());
    EXPECT_THAT(seen, ElementsAre("bodies/b100", "bodies/b101", "bodies/b102", "bodies/b103",
                                  "bodies/b104", "bodies/b105", "bodies/b106"));
  }
  ASSERT_OK_AND_ASSIGN(const auto two, Call<v1::ListBodiesResponse>(
                                           "ListBodies", "filter: 'name <= \"bodies/b101\"'"));
  EXPECT_EQ(two.bodies_size(), 2);
  EXPECT_THAT(two.next_page_token(), IsEmpty());
}

TEST_P(SizesTest, ABatchThatDoesNotFitIsToldHowMuchDoes) {
  AddLarge(3, 200);
  const absl::Status refused =
      Try("BatchGetBodies", "names: ['bodies/b100', 'bodies/b101', 'bodies/b102']");
  EXPECT_THAT(refused, HasReason(api::v1::Error::TOO_LARGE));
  EXPECT_THAT(refused.message(), HasSubstr("the first 2 of these names"));
  EXPECT_EQ(MetadataOf(refused, "fits"), "2");
  EXPECT_OK(Try("BatchGetBodies", "names: ['bodies/b100', 'bodies/b101']"));
}

TEST_P(SizesTest, ThePagesOfTheChangeLogEndByBytes) {
  AddLarge(4, 200);
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/b102' mandate: 'x' }"));
  for (const bool newest_first : {false, true}) {
    std::vector<std::string> seen;
    std::string token;
    do {
      ASSERT_OK_AND_ASSIGN(
          const auto page,
          Call<common::v1::ListChangesResponse>(
              "ListChanges", absl::StrCat("newest_first: ", newest_first ? "true" : "false",
                                          " page_token: '", token, "'")));
      EXPECT_LE(page.ByteSizeLong(), static_cast<size_t>(resource::kMaxPageBytes));
      ASSERT_GT(page.changes_size(), 0);
      for (const auto& change : page.changes()) seen.push_back(change.resource());
      token = page.next_page_token();
    } while (!token.empty());
    if (newest_first) std::reverse(seen.begin(), seen.end());
    EXPECT_THAT(seen, ElementsAre("bodies/b100", "bodies/b101", "bodies/b102", "bodies/b103",
                                  "bodies/b102"));
  }
}

// A page of the log that ends by bytes isn't the end of the log: what anyone may see comes after
// changes that fill a page and are hidden.
TEST_P(SizesTest, AWatchGoesOnBehindAPageThatEndsByBytes) {
  for (int i = 0; i < 3; ++i) {
    v1::CreateBodyRequest request = BodyOf(absl::StrCat("hidden", i), 200);
    request.mutable_body()->set_visibility(api::v1::Visibility::RESTRICTED);
    ASSERT_OK(Call<v1::Body>("CreateBody", request));
  }
  ASSERT_OK(Try("CreateBody", "body_id: 'seen' body { display_name: 'S' kind: TASK_FORCE }"));
  common::v1::WatchChangesRequest from_start;
  from_start.set_from_start(true);
  ASSERT_OK_AND_ASSIGN(const auto source, service_->Watch(testing::Anyone(), from_start));
  common::v1::WatchChangesResponse message;
  ASSERT_OK(source->Pull(message).status());  // says that the watch stands
  message.Clear();
  ASSERT_OK(source->Pull(message).status());
  ASSERT_EQ(message.changes_size(), 1);
  EXPECT_EQ(message.changes(0).resource(), "bodies/seen");
}

// What grew by methods, or in an earlier version, can still be made smaller.
TEST_P(SizesTest, WhatIsTooLargeCanBeMadeSmaller) {
  ASSERT_OK_AND_ASSIGN(v1::Body body, CreateOf("large", resource::kMaxResourceBytes));
  const std::string mandate = body.mandate();
  const auto with = [&](size_t more) {
    v1::UpdateBodyRequest update;
    update.mutable_body()->set_name(body.name());
    update.mutable_body()->set_mandate(mandate + std::string(more, 'm'));
    return Call<v1::Body>("UpdateBody", update).status();
  };
  EXPECT_THAT(BadFields(with(500)), ElementsAre("body"));
  body.set_mandate(mandate + std::string(1000, 'm'));
  ASSERT_OK(service_->database().Write([&](storage::Transaction& tx) {
    return tx
        .Execute("UPDATE bodies SET message = ? WHERE name = ?",
                 {storage::Bytes{body.SerializeAsString()}, body.name()})
        .status();
  }));
  EXPECT_OK(with(500));
  EXPECT_THAT(BadFields(with(600)), ElementsAre("body"));
}

TEST_P(SizesTest, WhatAMethodReadsIsBounded) {
  AddState("aus", "AU");
  AddBody("ahg");
  for (int i = 0; i < 3; ++i) {
    v1::CreateSeatRequest request;
    request.set_parent("bodies/ahg");
    request.set_seat_id(absl::StrCat("s", i));
    request.mutable_seat()->set_member("members/aus");
    request.mutable_seat()->set_role(v1::Seat::PARTICIPANT);
    *request.mutable_seat()->mutable_term() =
        TermOf(absl::StrCat(2000 + 2 * i), absl::StrCat(2001 + 2 * i));
    *request.mutable_seat()->mutable_citations() = BodyOf("", 100).body().citations();
    ASSERT_OK(Call<v1::Seat>("CreateSeat", request));
  }
  constexpr char kAsked[] = "body: 'bodies/ahg'";
  ASSERT_OK(Call<v1::Composition>("GetComposition", kAsked));
  service_.reset();
  testing::LocalService narrow({kSchemaVersion, Resources, Methods}, store_.Open(),
                               {.ask_peer = {}, .max_read_bytes = 1 << 20});
  EXPECT_THAT(narrow.CallText(Secretariat(), "GetComposition", kAsked).status(),
              HasReason(api::v1::Error::TOO_LARGE));
  EXPECT_OK(narrow.CallText(Secretariat(), "DeleteSeat", "name: 'bodies/ahg/seats/s0'").status());
  EXPECT_OK(narrow.CallText(Secretariat(), "GetComposition", kAsked).status());
}

INSTANTIATE_ON_ENGINES(SizesTest);

}  // namespace
}  // namespace baliprocess::membership
