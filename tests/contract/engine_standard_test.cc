// Create, get, delete, undelete, and what resources that refer to each other owe.

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::MatchesRegex;
using testing::MessageHas;
using ::testing::SizeIs;

constexpr char kNewBody[] = "body { kind: WORKING_GROUP display_name: 'Working group' }";

class StandardMethodsTest : public MembershipTest {};

TEST_P(StandardMethodsTest, CreateFillsInWhatTheServerDoes) {
  ASSERT_OK_AND_ASSIGN(const v1::Body body, Call<v1::Body>("CreateBody", R"(body_id: 'ahg'
          body { name: 'bodies/other' uid: 'mine' etag: 'mine' kind: AD_HOC_GROUP
                 display_name: 'Ad Hoc Group' create_time { seconds: 1 } delete_time { seconds: 1 } }
      )"));
  EXPECT_EQ(body.name(), "bodies/ahg");
  EXPECT_THAT(body.uid(), MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_NE(body.etag(), "mine");
  EXPECT_FALSE(body.etag().empty());
  EXPECT_EQ(body.create_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(body.update_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_FALSE(body.has_delete_time());
  EXPECT_EQ(body.visibility(), api::v1::Visibility::PUBLIC);
  ASSERT_OK_AND_ASSIGN(const v1::Body read, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(read.SerializeAsString(), body.SerializeAsString());
}

TEST_P(StandardMethodsTest, TimesAreInMicroseconds) {
  clock_.Advance(absl::Microseconds(123457));
  AddBody("ahg");
  ASSERT_OK_AND_ASSIGN(const v1::Body body, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(body.create_time().nanos(), 123457000);
}

TEST_P(StandardMethodsTest, CreateChoosesAnId) {
  ASSERT_OK_AND_ASSIGN(const v1::Body first, Call<v1::Body>("CreateBody", kNewBody));
  ASSERT_OK_AND_ASSIGN(const v1::Body second, Call<v1::Body>("CreateBody", kNewBody));
  EXPECT_THAT(first.name(), MatchesRegex("bodies/[a-z][a-z0-9-]*"));
  EXPECT_NE(first.name(), second.name());
}

TEST_P(StandardMethodsTest, CreateRefusesMalformedIds) {
  for (const char* id : {"AHG", "a/b", "-a", "a-", "1a", "a b", "a_b", "-", "a%"}) {
    const absl::Status status =
        Try("CreateBody", absl::StrCat("body_id: '", id, "' ", std::string(kNewBody)));
    EXPECT_THAT(status, HasReason(api::v1::Error::INVALID_FIELDS)) << id;
    EXPECT_THAT(BadFields(status), ElementsAre("body_id")) << id;
  }
}

TEST_P(StandardMethodsTest, ANameIsUsedOnce) {
  AddBody("ahg");
  const std::string again = absl::StrCat("body_id: 'ahg' ", std::string(kNewBody));
  EXPECT_THAT(Try("CreateBody", again), HasReason(api::v1::Error::RESOURCE_EXISTS));
  EXPECT_EQ(MetadataOf(Try("CreateBody", again), "resource"), "bodies/ahg");
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/ahg'"));
  EXPECT_THAT(Try("CreateBody", again), HasReason(api::v1::Error::RESOURCE_EXISTS));
  EXPECT_THAT(Try("CreateBody", again), MessageHas("undelete"));
}

TEST_P(StandardMethodsTest, CreateNeedsALiveParent) {
  AddState("aus", "AU");
  EXPECT_THAT(TryAddSeat("bodies/none", "members/aus", v1::Seat::PARTICIPANT).status(),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  AddBody("gone");
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/gone'"));
  EXPECT_THAT(TryAddSeat("bodies/gone", "members/aus", v1::Seat::PARTICIPANT).status(),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_THAT(TryAddSeat("bodies/-", "members/aus", v1::Seat::PARTICIPANT).status(),
              HasReason(api::v1::Error::INVALID_FIELDS));
}

TEST_P(StandardMethodsTest, GetOfNothingIsNotFound) {
  const absl::Status status = GetBody(Secretariat(), "bodies/none").status();
  EXPECT_THAT(status, HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_EQ(MetadataOf(status, "resource"), "bodies/none");
  for (const char* name : {"", "bodies/", "members/aus", "bodies/a/b", "Bodies/a", "bodies/-"}) {
    EXPECT_THAT(GetBody(Secretariat(), name).status(), HasReason(api::v1::Error::INVALID_FIELDS))
        << name;
  }
}

TEST_P(StandardMethodsTest, DeleteIsSoftAndUndone) {
  const v1::Body body = AddBody("ahg");
  clock_.Advance(absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(const v1::Body deleted, Call<v1::Body>("DeleteBody", "name: 'bodies/ahg'"));
  EXPECT_EQ(deleted.delete_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_NE(deleted.etag(), body.etag());
  ASSERT_OK_AND_ASSIGN(const v1::Body read, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_TRUE(read.has_delete_time());  // AIP-164
  EXPECT_THAT(Try("DeleteBody", "name: 'bodies/ahg'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_OK(Try("DeleteBody", "name: 'bodies/ahg' allow_missing: true"));

  ASSERT_OK_AND_ASSIGN(const v1::Body back, Call<v1::Body>("UndeleteBody", "name: 'bodies/ahg'"));
  EXPECT_FALSE(back.has_delete_time());
  EXPECT_EQ(back.uid(), body.uid());
  const absl::Status again = Try("UndeleteBody", "name: 'bodies/ahg'");
  EXPECT_THAT(again, HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_EQ(MetadataOf(again, "state"), "live");
  EXPECT_THAT(Try("UndeleteBody", "name: 'bodies/none'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(StandardMethodsTest, DeleteAndUndeleteHeedTheEtag) {
  const v1::Body body = AddBody("ahg");
  const std::string etag = absl::StrCat("name: 'bodies/ahg' etag: '", body.etag(), "'");
  EXPECT_THAT(Try("DeleteBody", "name: 'bodies/ahg' etag: 'other'"),
              HasReason(api::v1::Error::ETAG_MISMATCH));
  ASSERT_OK_AND_ASSIGN(const v1::Body deleted, Call<v1::Body>("DeleteBody", etag));
  EXPECT_THAT(Try("UndeleteBody", etag), HasReason(api::v1::Error::ETAG_MISMATCH));
  EXPECT_OK(Try("UndeleteBody", absl::StrCat("name: 'bodies/ahg' etag: '", deleted.etag(), "'")));
}

TEST_P(StandardMethodsTest, WhatIsReferredToStays) {
  AddState("aus", "AU");
  AddBody("ahg");
  ASSERT_OK_AND_ASSIGN(const v1::Seat seat,
                       TryAddSeat("bodies/ahg", "members/aus", v1::Seat::PARTICIPANT));
  for (const auto& [method, name] :
       {std::pair("DeleteMember", "members/aus"), std::pair("DeleteBody", "bodies/ahg")}) {
    const absl::Status status = Try(method, absl::StrCat("name: '", name, "'"));
    EXPECT_THAT(status, HasReason(api::v1::Error::STILL_REFERENCED)) << method;
    EXPECT_EQ(MetadataOf(status, "referrer"), seat.name()) << method;
  }
  ASSERT_OK(Try("DeleteSeat", absl::StrCat("name: '", seat.name(), "'")));
  EXPECT_OK(Try("DeleteMember", "name: 'members/aus'"));

  // What the seat refers to is gone now, so the seat can't come back.
  const absl::Status undelete = Try("UndeleteSeat", absl::StrCat("name: '", seat.name(), "'"));
  EXPECT_THAT(undelete, HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_EQ(MetadataOf(undelete, "resource"), "members/aus");
  ASSERT_OK(Try("UndeleteMember", "name: 'members/aus'"));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/ahg'"));
  EXPECT_THAT(Try("UndeleteSeat", absl::StrCat("name: '", seat.name(), "'")),
              HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  ASSERT_OK(Try("UndeleteBody", "name: 'bodies/ahg'"));
  EXPECT_OK(Try("UndeleteSeat", absl::StrCat("name: '", seat.name(), "'")));
  EXPECT_THAT(Try("DeleteMember", "name: 'members/aus'"),
              HasReason(api::v1::Error::STILL_REFERENCED));
}

TEST_P(StandardMethodsTest, AReferenceThatMovesFreesItsTarget) {
  AddBody("old");
  AddBody("new");
  AddBody("part", 0, "bodies/old");
  EXPECT_THAT(Try("DeleteBody", "name: 'bodies/old'"), HasReason(api::v1::Error::STILL_REFERENCED));
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/part' parent_body: 'bodies/new' }"));
  EXPECT_OK(Try("DeleteBody", "name: 'bodies/old'"));
  EXPECT_THAT(Try("DeleteBody", "name: 'bodies/new'"), HasReason(api::v1::Error::STILL_REFERENCED));
}

TEST_P(StandardMethodsTest, ReferencesMustBeLive) {
  AddState("aus", "AU");
  AddBody("ahg");
  const absl::Status missing =
      TryAddSeat("bodies/ahg", "members/idn", v1::Seat::PARTICIPANT).status();
  EXPECT_THAT(missing, HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_EQ(MetadataOf(missing, "field"), "seat.member");
  EXPECT_EQ(MetadataOf(missing, "resource"), "members/idn");
  ASSERT_OK(Try("DeleteMember", "name: 'members/aus'"));
  EXPECT_THAT(TryAddSeat("bodies/ahg", "members/aus", v1::Seat::PARTICIPANT).status(),
              HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_THAT(Try("UpdateBody", "body { name: 'bodies/ahg' parent_body: 'bodies/none' }"),
              HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
}

TEST_P(StandardMethodsTest, BatchGetKeepsTheOrder) {
  AddBody("a");
  AddBody("b");
  ASSERT_OK_AND_ASSIGN(const auto reply,
                       Call<v1::BatchGetBodiesResponse>(
                           "BatchGetBodies", "names: ['bodies/b', 'bodies/a', 'bodies/b']"));
  ASSERT_THAT(reply.bodies(), SizeIs(3));
  EXPECT_EQ(reply.bodies(0).name(), "bodies/b");
  EXPECT_EQ(reply.bodies(1).name(), "bodies/a");
  EXPECT_EQ(reply.bodies(2).name(), "bodies/b");
  const absl::Status missing = Try("BatchGetBodies", "names: ['bodies/a', 'bodies/c']");
  EXPECT_THAT(missing, HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_EQ(MetadataOf(missing, "resource"), "bodies/c");
  EXPECT_THAT(Try("BatchGetBodies", ""), HasReason(api::v1::Error::INVALID_FIELDS));
}

TEST_P(StandardMethodsTest, BatchGetHeedsTheParent) {
  AddState("aus", "AU");
  AddBody("a");
  ASSERT_OK_AND_ASSIGN(const v1::Seat seat,
                       TryAddSeat("bodies/a", "members/aus", v1::Seat::PARTICIPANT));
  const std::string names = absl::StrCat("names: '", seat.name(), "'");
  EXPECT_OK(Try("BatchGetSeats", absl::StrCat("parent: 'bodies/a' ", names)));
  EXPECT_OK(Try("BatchGetSeats", absl::StrCat("parent: 'bodies/-' ", names)));
  EXPECT_OK(Try("BatchGetSeats", names));
  EXPECT_THAT(Try("BatchGetSeats", absl::StrCat("parent: 'bodies/b' ", names)),
              HasReason(api::v1::Error::INVALID_FIELDS));
}

TEST_P(StandardMethodsTest, BatchCreateIsAllOrNone) {
  AddState("aus", "AU");
  AddState("idn", "ID");
  AddBody("ahg");
  const absl::Status status = Try("BatchCreateSeats", R"(parent: 'bodies/ahg'
      requests { parent: 'bodies/ahg' seat { member: 'members/aus' role: PARTICIPANT } }
      requests { parent: 'bodies/ahg' seat { member: 'members/xyz' role: PARTICIPANT } }
      requests { parent: 'bodies/ahg' seat { member: 'members/idn' role: PARTICIPANT } }
      requests { parent: 'bodies/ahg' seat { member: 'members/aus' role: PARTICIPANT } }
      requests { parent: 'bodies/other' seat { member: 'members/aus' role: CHAIR } })");
  EXPECT_THAT(status, HasReason(api::v1::Error::REFERENCE_NOT_FOUND));  // the first
  EXPECT_THAT(BadFields(status), ElementsAre("requests[1]", "requests[3]", "requests[4].parent"));
  ASSERT_OK_AND_ASSIGN(const auto none,
                       Call<v1::ListSeatsResponse>("ListSeats", "parent: 'bodies/ahg'"));
  EXPECT_THAT(none.seats(), SizeIs(0));
  EXPECT_THAT(Changes("type = 'baliprocess.net/Seat'"), SizeIs(0));

  ASSERT_OK_AND_ASSIGN(const auto created, Call<v1::BatchCreateSeatsResponse>(
                                               "BatchCreateSeats", R"(parent: 'bodies/ahg'
          requests { parent: 'bodies/ahg' seat_id: 'b' seat { member: 'members/aus' role: CHAIR } }
          requests { seat_id: 'a' seat { member: 'members/idn' role: CHAIR } }
      )"));
  ASSERT_THAT(created.seats(), SizeIs(2));
  EXPECT_EQ(created.seats(0).name(), "bodies/ahg/seats/b");
  EXPECT_EQ(created.seats(1).member(), "members/idn");
}

TEST_P(StandardMethodsTest, ABatchOfSeveralParentsNamesThem) {
  AddState("aus", "AU");
  AddBody("ahg");
  AddBody("sg");
  const std::string seat = "seat { member: 'members/aus' role: PARTICIPANT }";
  ASSERT_OK_AND_ASSIGN(
      const auto created,
      Call<v1::BatchCreateSeatsResponse>(
          "BatchCreateSeats",
          absl::StrCat("parent: 'bodies/-' requests { parent: 'bodies/sg' seat_id: 'a' ", seat,
                       " } requests { parent: 'bodies/ahg' seat_id: 'a' ", seat, " }")));
  EXPECT_EQ(created.seats(0).name(), "bodies/sg/seats/a");
  EXPECT_EQ(created.seats(1).name(), "bodies/ahg/seats/a");
  EXPECT_THAT(BadFields(Try("BatchCreateSeats",
                            absl::StrCat("parent: 'bodies/-' requests { ", seat, " }"))),
              ElementsAre("requests[0].parent"));
}

TEST_P(StandardMethodsTest, BatchCreateNamesInvalidRowsAtOnce) {
  AddBody("ahg");
  const absl::Status status = Try("BatchCreateSeats", R"(parent: 'bodies/ahg'
      requests { parent: 'bodies/ahg' seat { role: PARTICIPANT } }
      requests { seat_id: 'X' seat { member: 'members/aus' role: 77 } })");
  EXPECT_THAT(status, HasReason(api::v1::Error::INVALID_FIELDS));
  EXPECT_THAT(BadFields(status), ElementsAre("requests[0].seat.member", "requests[1].seat_id",
                                             "requests[1].seat.role"));
}

TEST_P(StandardMethodsTest, ValidateOnlyWritesNothing) {
  const v1::Body body = AddBody("ahg");
  const size_t changes = Changes().size();
  ASSERT_OK_AND_ASSIGN(
      const v1::Body would_be,
      Call<v1::Body>("CreateBody",
                     absl::StrCat("validate_only: true body_id: 'new' ", std::string(kNewBody))));
  EXPECT_EQ(would_be.name(), "bodies/new");
  EXPECT_THAT(GetBody(Secretariat(), "bodies/new").status(),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  ASSERT_OK_AND_ASSIGN(
      const v1::Body updated,
      Call<v1::Body>("UpdateBody",
                     "validate_only: true body { name: 'bodies/ahg' max_chairs: 9 }"));
  EXPECT_EQ(updated.max_chairs(), 9);
  EXPECT_OK(Try("DeleteBody", "validate_only: true name: 'bodies/ahg'"));
  EXPECT_OK(Try("DissolveBody", "validate_only: true name: 'bodies/ahg' end_date { year: 2024 }"));
  EXPECT_THAT(
      Try("CreateBody", absl::StrCat("validate_only: true body_id: 'ahg' ", std::string(kNewBody))),
      HasReason(api::v1::Error::RESOURCE_EXISTS));
  ASSERT_OK_AND_ASSIGN(const v1::Body after, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(after.SerializeAsString(), body.SerializeAsString());
  EXPECT_EQ(Changes().size(), changes);
}

TEST_P(StandardMethodsTest, EverythingIsThereAfterARestart) {
  const v1::Body body = AddBody("ahg");
  Restart();
  ASSERT_OK_AND_ASSIGN(const v1::Body after, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(after.SerializeAsString(), body.SerializeAsString());
  EXPECT_THAT(Changes(), SizeIs(1));
}

INSTANTIATE_ON_ENGINES(StandardMethodsTest);

}  // namespace
}  // namespace baliprocess::membership
