// request_id: a mutation whose reply was lost can be repeated.

#include "common/base/ids.h"
#include "tests/contract/membership_fixture.h"
#include "tests/contract/threads.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::InParallel;
using ::testing::SizeIs;

constexpr char kId[] = "request_id: '9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c11' ";
constexpr char kBody[] = "body { kind: TASK_FORCE display_name: 'Task force' } ";

class ReplayTest : public MembershipTest {
 protected:
  absl::StatusOr<v1::Body> Create(const std::string& rest = kId) {
    return Call<v1::Body>("CreateBody", std::string(kBody) + rest);
  }
};

TEST_P(ReplayTest, TheSameIdHasOneEffectAndOneReply) {
  ASSERT_OK_AND_ASSIGN(const v1::Body first, Create());
  clock_.Advance(absl::Hours(1));
  ASSERT_OK(Try("UpdateBody", absl::StrCat("body { name: '", first.name(), "' max_chairs: 5 }")));
  ASSERT_OK_AND_ASSIGN(const v1::Body again, Create());
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  Restart();
  ASSERT_OK_AND_ASSIGN(const v1::Body restarted, Create());
  EXPECT_EQ(restarted.SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(Changes("kind = CREATED"), SizeIs(1));
}

TEST_P(ReplayTest, EveryKindOfMutationIsRepeated) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Create());
  const std::string name = absl::StrCat("name: '", body.name(), "' ");
  const auto twice = [&](const std::string& method, const std::string& request) {
    const std::string id = absl::StrCat(" request_id: '", NewUuid(), "'");
    const auto first = service_->CallText(Secretariat(), method, request + id);
    ASSERT_OK(first) << method;
    const size_t changes = Changes().size();
    const auto second = service_->CallText(Secretariat(), method, request + id);
    ASSERT_OK(second) << method;
    EXPECT_EQ((*second)->SerializeAsString(), (*first)->SerializeAsString()) << method;
    EXPECT_THAT(Changes(), SizeIs(changes)) << method;
  };
  AddState("aus", "AU");
  AddOfficial("one", "Official One");
  twice("UpdateBody", absl::StrCat("body { ", name, "mandate: 'x' etag: '", body.etag(), "' }"));
  twice("BatchCreateSeats",
        absl::StrCat("parent: '", body.name(), "' requests { parent: '", body.name(),
                     "' seat_id: 's' seat { member: 'members/aus' role: PARTICIPANT } }"));
  twice("RecordSuccession",
        absl::StrCat("parent: '", body.name(), "' ended_seat: '", body.name(), "/seats/s' ",
                     "end_date { year: 2023 } seat { member: 'members/aus' role: PARTICIPANT ",
                     "term { start_date { year: 2024 } } }"));
  twice("DissolveBody", name + "end_date { year: 2025 }");
  twice("EraseOfficial", "name: 'officials/one'");
  ASSERT_OK_AND_ASSIGN(const v1::Body other, Create(""));
  twice("DeleteBody", absl::StrCat("name: '", other.name(), "'"));
  twice("UndeleteBody", absl::StrCat("name: '", other.name(), "'"));
}

TEST_P(ReplayTest, AnIdIsOfOneRequest) {
  ASSERT_OK(Create());
  const absl::Status status = Create(std::string(kId) + "body_id: 'other'").status();
  EXPECT_THAT(status, HasReason(api::v1::Error::REQUEST_ID_REUSED));
  EXPECT_EQ(MetadataOf(status, "request_id"), "9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c11");
  EXPECT_THAT(
      Try("CreateExternalForum", std::string(kId) + "external_forum { display_name: 'Forum' }"),
      HasReason(api::v1::Error::REQUEST_ID_REUSED));
  EXPECT_THAT(Changes(), SizeIs(1));
}

TEST_P(ReplayTest, TheCaseOfAnIdMeansNothing) {
  ASSERT_OK_AND_ASSIGN(const v1::Body first, Create());
  ASSERT_OK_AND_ASSIGN(const v1::Body again,
                       Create("request_id: '9C1F6F0E-3B1C-4D7E-8A54-0F5F6A2B7C11'"));
  EXPECT_EQ(again.name(), first.name());
}

TEST_P(ReplayTest, AnIdIsOfOneCaller) {
  ASSERT_OK_AND_ASSIGN(const v1::Body first, Create());
  auth::Caller colleague = Secretariat();
  colleague.subject = "colleague";
  ASSERT_OK_AND_ASSIGN(const v1::Body second,
                       CallAs<v1::Body>(colleague, "CreateBody", std::string(kBody) + kId));
  EXPECT_NE(second.name(), first.name());
}

TEST_P(ReplayTest, FailuresAreNotKept) {
  const std::string request = std::string(kId) + "body_id: 'part' ";
  const std::string body =
      "body { kind: TASK_FORCE display_name: 'x' parent_body: 'bodies/whole' }";
  EXPECT_THAT(Try("CreateBody", request + body), HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  AddBody("whole");
  EXPECT_OK(Try("CreateBody", request + body));
}

TEST_P(ReplayTest, ValidateOnlyIsNotKept) {
  ASSERT_OK(Create(std::string(kId) + "validate_only: true body_id: 'x'"));
  ASSERT_OK(Create(std::string(kId) + "body_id: 'y'"));
}

TEST_P(ReplayTest, AnIdIsKeptForADay) {
  ASSERT_OK_AND_ASSIGN(const v1::Body first, Create());
  clock_.Advance(absl::Hours(24) - absl::Seconds(1));
  ASSERT_OK(service_->engine().KeepHouse());
  ASSERT_OK_AND_ASSIGN(const v1::Body again, Create());
  EXPECT_EQ(again.name(), first.name());
  clock_.Advance(absl::Seconds(2));
  ASSERT_OK(service_->engine().KeepHouse());
  ASSERT_OK_AND_ASSIGN(const v1::Body other, Create());
  EXPECT_NE(other.name(), first.name());
}

TEST_P(ReplayTest, AnIdIsAUuid) {
  for (const char* id :
       {"1", "9c1f6f0e3b1c4d7e8a540f5f6a2b7c11", "9c1f6f0e-3b1c-1d7e-8a54-0f5f6a2b7c11",
        "9c1f6f0e-3b1c-4d7e-8a54-0f5f6a2b7c1g"}) {
    EXPECT_THAT(BadFields(Create(absl::StrCat("request_id: '", id, "'")).status()),
                ElementsAre("request_id"))
        << id;
  }
}

TEST_P(ReplayTest, EightAtOnceHaveOneEffect) {
  std::vector<std::string> replies(8);
  InParallel(8, [&](int i) {
    const auto body = Create();
    EXPECT_OK(body);
    if (body.ok()) replies[i] = body->SerializeAsString();
  });
  for (const std::string& reply : replies) EXPECT_EQ(reply, replies[0]);
  EXPECT_THAT(Changes(), SizeIs(1));
}

INSTANTIATE_ON_ENGINES(ReplayTest);

}  // namespace
}  // namespace baliprocess::membership
