// DissolveBody and RecordSuccession.

#include "absl/strings/substitute.h"

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::SizeIs;

class MethodsTest : public MembershipTest {
 protected:
  void SetUp() override {
    AddState("aus", "AU");
    AddState("idn", "ID");
    AddState("nzl", "NZ");
    AddBody("ahg", 2);
    ASSERT_OK(Try("CreateSeat", R"(parent: 'bodies/ahg' seat_id: 'aus'
        seat { member: 'members/aus' role: CHAIR term { start_date { year: 2010 } } })"));
  }
  std::string EndOf(const std::string& seat) {
    const auto found =
        Call<v1::Seat>("GetSeat", absl::StrCat("name: 'bodies/ahg/seats/", seat, "'"));
    EXPECT_OK(found);
    if (!found.ok() || !found->term().has_end_date()) return "";
    return FormatDate(found->term().end_date());
  }
  absl::Status Dissolve(std::string_view rest = "") {
    return Try("DissolveBody",
               absl::StrCat("name: 'bodies/ahg' end_date { year: 2016 month: 5 day: 2 } ",
                            std::string(rest)));
  }
  absl::StatusOr<v1::RecordSuccessionResponse> Succeed(std::string_view seat,
                                                       std::string_view rest = "") {
    return Call<v1::RecordSuccessionResponse>(
        "RecordSuccession",
        absl::StrCat("parent: 'bodies/ahg' seat_id: 'next' end_date { year: 2020 month: 3 } ",
                     std::string(rest),
                     rest.find("ended_seat") == std::string_view::npos
                         ? " ended_seat: 'bodies/ahg/seats/aus' "
                         : " ",
                     "seat { ", std::string(seat), " }"));
  }
};

// The composition of a body shows whoever has a post there.
TEST_P(MethodsTest, AMemberGivesPostsToItsOwnOfficialsAlone) {
  for (const char* member : {"aus", "idn"}) {
    ASSERT_OK(Try("CreateOfficial",
                  absl::StrCat("official_id: '", member, "' official { display_name: 'Someone' ",
                               "member: 'members/", member, "' }")));
  }
  const auto post = [&](const char* official) {
    return TryAs(MemberOf("members/aus"), "CreateAppointment",
                 absl::StrCat("parent: 'officials/", official,
                              "' appointment { body: 'bodies/ahg' post: FOCAL_POINT "
                              "on_behalf_of: 'members/aus' }"));
  };
  EXPECT_EQ(RuleOf(post("idn")), "official_of_another");
  EXPECT_OK(post("aus"));
}

TEST_P(MethodsTest, DissolvingEndsWhatIsOpen) {
  AddOfficial("one", "Official One");
  ASSERT_OK(Try("CreateExternalForum",
                "external_forum_id: 'f' external_forum { display_name: 'Forum' }"));
  ASSERT_OK(Try("CreateAppointment", R"(parent: 'officials/one' appointment_id: 'a'
      appointment { post: STAFF body: 'bodies/ahg' })"));
  ASSERT_OK(Try("CreateLiaison", R"(parent: 'bodies/ahg' liaison_id: 'l'
      liaison { external_forum: 'externalForums/f' term { end_date { year: 2030 } } })"));
  for (const char* seat : {"seat_id: 'ended' seat { member: 'members/idn' role: PARTICIPANT term "
                           "{ end_date { year: 2012 } } }",
                           "seat_id: 'later' seat { member: 'members/nzl' role: PARTICIPANT term "
                           "{ end_date { year: 2020 } } }",
                           "seat_id: 'perhaps' seat { member: 'members/nzl' role: BODY_OBSERVER "
                           "term { end_date { year: 2016 } } }"}) {
    ASSERT_OK(Try("CreateSeat", absl::StrCat("parent: 'bodies/ahg' ", seat)));
  }
  ASSERT_OK_AND_ASSIGN(const v1::Body before, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_THAT(Dissolve("etag: 'other'"), HasReason(api::v1::Error::ETAG_MISMATCH));
  ASSERT_OK(Dissolve(absl::StrCat("etag: '", before.etag(), "'")));

  ASSERT_OK_AND_ASSIGN(const v1::Body body, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(FormatDate(body.term().end_date()), "2016-05-02");
  EXPECT_EQ(EndOf("aus"), "2016-05-02");
  EXPECT_EQ(EndOf("ended"), "2012");
  EXPECT_EQ(EndOf("later"), "2016-05-02");
  EXPECT_EQ(EndOf("perhaps"), "2016");
  ASSERT_OK_AND_ASSIGN(
      const auto appointment,
      Call<v1::Appointment>("GetAppointment", "name: 'officials/one/appointments/a'"));
  EXPECT_EQ(FormatDate(appointment.term().end_date()), "2016-05-02");
  ASSERT_OK_AND_ASSIGN(const auto liaison,
                       Call<v1::Liaison>("GetLiaison", "name: 'bodies/ahg/liaisons/l'"));
  EXPECT_EQ(FormatDate(liaison.term().end_date()), "2016-05-02");
  EXPECT_THAT(Changes("method:DissolveBody"), SizeIs(5));

  const absl::Status again = Dissolve();
  EXPECT_THAT(again, HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_EQ(MetadataOf(again, "state"), "dissolved");
}

TEST_P(MethodsTest, ABodyWithLivePartsStays) {
  AddBody("part", 0, "bodies/ahg");
  const absl::Status status = Dissolve();
  EXPECT_THAT(status, HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_EQ(MetadataOf(status, "state"), "has_parts");
  EXPECT_EQ(EndOf("aus"), "");
  ASSERT_OK(Try("DissolveBody", "name: 'bodies/part' end_date { year: 2015 }"));
  EXPECT_OK(Dissolve());
}

// However it comes about: by dissolution, by an update, or by joining.
TEST_P(MethodsTest, NoPartOutlastsTheWhole) {
  AddBody("part", 0, "bodies/ahg");
  AddBody("whole", 0);
  const auto end = [&](const char* body, int year) {
    return Try("UpdateBody",
               absl::StrCat("body { name: '", body, "' term { end_date { year: ", year, " } } }"));
  };
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/part' parent_body: 'bodies/whole' }"));
  EXPECT_EQ(MetadataOf(end("bodies/whole", 2015), "rule"), "outside_body_life");
  ASSERT_OK(end("bodies/part", 2014));
  EXPECT_OK(end("bodies/whole", 2015));
  EXPECT_EQ(MetadataOf(end("bodies/part", 2016), "rule"), "outside_body_life");
  EXPECT_EQ(MetadataOf(Try("CreateBody", R"(body_id: 'late' body { kind: TASK_FORCE
                           display_name: 'x' parent_body: 'bodies/whole' })"),
                       "rule"),
            "outside_body_life");
  // It may be older than what it joins.
  EXPECT_OK(Try("CreateBody", R"(body_id: 'old' body { kind: TASK_FORCE display_name: 'x'
                parent_body: 'bodies/whole'
                term { start_date { year: 1990 } end_date { year: 2010 } } })"));
}

TEST_P(MethodsTest, ABodyWithSeatsYetToComeStays) {
  ASSERT_OK(TryAddSeat("bodies/ahg", "members/idn", v1::Seat::PARTICIPANT, "2018"));
  EXPECT_THAT(Dissolve(), HasReason(api::v1::Error::RULE_BROKEN));
  EXPECT_EQ(EndOf("aus"), "");  // nothing is half done
}

TEST_P(MethodsTest, DissolvingNeedsAnEndWithinItsLife) {
  EXPECT_THAT(BadFields(Try("DissolveBody", "name: 'bodies/ahg'")), ElementsAre("end_date"));
  EXPECT_THAT(BadFields(Try("DissolveBody", "name: 'bodies/ahg' end_date { month: 2 }")),
              ElementsAre("end_date"));
  EXPECT_THAT(Try("DissolveBody", "name: 'bodies/none' end_date { year: 2016 }"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/ahg' term { start_date { year: 2009 } } }"));
  EXPECT_THAT(BadFields(Try("DissolveBody", "name: 'bodies/ahg' end_date { year: 2008 }")),
              ElementsAre("end_date"));
  EXPECT_EQ(EndOf("aus"), "");
}

TEST_P(MethodsTest, ASeatIsHandedOn) {
  ASSERT_OK_AND_ASSIGN(const auto reply, Succeed("member: 'members/idn' role: CHAIR uid: 'x' term "
                                                 "{ start_date { year: 2020 month: 4 } }"));
  EXPECT_EQ(reply.ended_seat().name(), "bodies/ahg/seats/aus");
  EXPECT_EQ(EndOf("aus"), "2020-03");
  EXPECT_EQ(reply.started_seat().name(), "bodies/ahg/seats/next");
  EXPECT_EQ(reply.started_seat().member(), "members/idn");
  EXPECT_NE(reply.started_seat().uid(), "x");
  EXPECT_EQ(EndOf("next"), "");
  EXPECT_THAT(Changes("method:RecordSuccession"), SizeIs(2));
}

TEST_P(MethodsTest, ASeatIsHandedOnWhollyOrNotAtAll) {
  const char* const seat = "member: 'members/idn' role: CHAIR term { start_date { year: 2021 } }";
  ASSERT_OK(TryAddSeat("bodies/ahg", "members/idn", v1::Seat::CHAIR, "2015"));
  EXPECT_EQ(MetadataOf(Succeed(seat).status(), "rule"), "seat_overlap");
  EXPECT_EQ(EndOf("aus"), "");
  EXPECT_THAT(
      Succeed("member: 'members/xyz' role: CHAIR term { start_date { year: 2021 } }").status(),
      HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_EQ(EndOf("aus"), "");
  EXPECT_THAT(Changes("method:RecordSuccession"), SizeIs(0));
}

TEST_P(MethodsTest, ChairsHandOnWithinTheLimit) {
  ASSERT_OK(Try("UpdateBody", "body { name: 'bodies/ahg' max_chairs: 1 }"));
  EXPECT_OK(
      Succeed("member: 'members/idn' role: CHAIR term { start_date { year: 2020 month: 3 } }"));
}

// Terms include both ends: on a shared day both would hold the seat.
TEST_P(MethodsTest, TheNextSeatStartsAfterTheLastDay) {
  const char* const request = R"(parent: 'bodies/ahg' ended_seat: 'bodies/ahg/seats/aus'
      end_date { year: 2020 month: 3 day: 31 }
      seat { member: 'members/idn' role: CHAIR term { start_date { year: 2020 month: $0 day: $1 } } })";
  EXPECT_THAT(BadFields(Try("RecordSuccession", absl::Substitute(request, 3, 31))),
              ElementsAre("seat.term.start_date"));
  EXPECT_OK(Try("RecordSuccession", absl::Substitute(request, 4, 1)));
}

TEST_P(MethodsTest, ASuccessionThatIsWrong) {
  AddBody("other");
  ASSERT_OK(Try("CreateSeat", R"(parent: 'bodies/other' seat_id: 's'
      seat { member: 'members/aus' role: CHAIR })"));
  const char* const seat = "member: 'members/idn' role: CHAIR term { start_date { year: 2021 } }";
  EXPECT_THAT(BadFields(Succeed(seat, "ended_seat: 'bodies/other/seats/s'").status()),
              ElementsAre("ended_seat"));
  EXPECT_THAT(Succeed(seat, "ended_seat: 'bodies/ahg/seats/none'").status(),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_THAT(BadFields(Succeed("member: 'members/idn' role: PARTICIPANT "
                                "term { start_date { year: 2021 } }")
                            .status()),
              ElementsAre("seat.role"));
  EXPECT_THAT(BadFields(Succeed("member: 'members/idn' role: CHAIR").status()),
              ElementsAre("seat.term.start_date"));
  EXPECT_THAT(BadFields(Succeed("member: 'members/idn' role: CHAIR "
                                "term { start_date { year: 2020 month: 2 } }")
                            .status()),
              ElementsAre("seat.term.start_date"));
  EXPECT_EQ(EndOf("aus"), "");
  ASSERT_OK(Succeed(seat));
  const absl::Status again = Succeed(seat).status();
  EXPECT_THAT(again, HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_EQ(MetadataOf(again, "state"), "ended");
}

INSTANTIATE_ON_ENGINES(MethodsTest);

}  // namespace
}  // namespace baliprocess::membership
