// Members, bodies and seats: the rules of who may be what, where and when.

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

class SeatsTest : public MembershipTest {
 protected:
  void SetUp() override {
    AddState("aus", "AU");
    AddState("idn", "ID");
    AddState("mys", "MY");
  }
  absl::Status Chair(const char* member, const char* start, const char* end = "") {
    return TryAddSeat("bodies/ahg", member, v1::Seat::CHAIR, start, end).status();
  }
  absl::Status Participant(const char* start, const char* end = "") {
    return TryAddSeat("bodies/ahg", "members/aus", v1::Seat::PARTICIPANT, start, end).status();
  }
  absl::Status TryMember(const char* id, const char* fields) {
    return Try("CreateMember", absl::StrCat("member_id: '", id, "' member { display_name: 'x' ",
                                            "category: FULL_MEMBER ", fields, " }"));
  }
  void AddBodyOf(const char* start, const char* end) {
    v1::CreateBodyRequest request;
    request.set_body_id("ahg");
    request.mutable_body()->set_kind(v1::Body::AD_HOC_GROUP);
    request.mutable_body()->set_display_name("Ad Hoc Group");
    request.mutable_body()->set_max_chairs(2);
    *request.mutable_body()->mutable_term() = TermOf(start, end);
    ASSERT_OK(Call<v1::Body>("CreateBody", request));
  }
};

TEST_P(SeatsTest, AStateIsItsCode) {
  EXPECT_OK(TryMember("tha", "kind: STATE region_code: 'TH'"));
  EXPECT_THAT(BadFields(TryMember("phl", "kind: STATE region_code: 'PK'")),
              ElementsAre("member.region_code"));
  EXPECT_THAT(BadFields(TryMember("phl", "kind: STATE")), ElementsAre("member.region_code"));
  EXPECT_THAT(BadFields(TryMember("zzz", "kind: STATE region_code: 'PH'")),
              ElementsAre("member.name"));
  EXPECT_THAT(BadFields(TryMember("", "kind: STATE region_code: 'PH'")),
              ElementsAre("member.name"));
  EXPECT_OK(TryMember("iom", "kind: ORGANISATION"));
  EXPECT_THAT(BadFields(TryMember("unhcr", "kind: ORGANISATION region_code: 'CH'")),
              ElementsAre("member.region_code"));
  EXPECT_THAT(BadFields(Try("UpdateMember", "member { name: 'members/aus' region_code: 'AT' }")),
              ElementsAre("member.region_code"));
}

TEST_P(SeatsTest, NoBodyIsPartOfItself) {
  AddBody("a");
  AddBody("b", 0, "bodies/a");
  AddBody("c", 0, "bodies/b");
  for (const char* parent : {"bodies/a", "bodies/b", "bodies/c"}) {
    const absl::Status status =
        Try("UpdateBody", absl::StrCat("body { name: 'bodies/a' parent_body: '", parent, "' }"));
    EXPECT_EQ(RuleOf(status), "body_cycle") << parent;
  }
  EXPECT_OK(Try("UpdateBody", "body { name: 'bodies/c' parent_body: 'bodies/a' }"));
  EXPECT_THAT(Try("CreateBody", R"(body_id: 'd'
                  body { kind: TASK_FORCE display_name: 'x' parent_body: 'bodies/d' })"),
              HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
}

TEST_P(SeatsTest, ChairsAreLimited) {
  AddBody("ahg", 2);
  EXPECT_OK(Chair("members/aus", "2010"));
  EXPECT_OK(Chair("members/idn", "2012"));
  const absl::Status third = Chair("members/mys", "2015");
  EXPECT_EQ(RuleOf(third), "too_many_chairs");
  EXPECT_EQ(MetadataOf(third, "resource"), "bodies/ahg");
  EXPECT_OK(Chair("members/mys", "2000", "2011-12"));  // two until 2012, when another starts
  EXPECT_EQ(
      RuleOf(Try("UpdateBody",
                 "body { name: 'bodies/ahg' max_chairs: 1 } update_mask { paths: 'max_chairs' }")),
      "too_many_chairs");
  EXPECT_OK(Try("UpdateBody", "body { name: 'bodies/ahg' max_chairs: 3 }"));
  EXPECT_OK(TryAddSeat("bodies/ahg", "members/mys", v1::Seat::CHAIR, "2015"));
}

TEST_P(SeatsTest, ABodyWithoutChairsHasNone) {
  AddBody("ahg", 0);
  EXPECT_EQ(RuleOf(Chair("members/aus", "2010")), "too_many_chairs");
  EXPECT_EQ(RuleOf(Chair("members/aus", "2010", "2010")), "too_many_chairs");
  EXPECT_EQ(RuleOf(Chair("members/idn", "")), "too_many_chairs");
}

TEST_P(SeatsTest, ChairsWithPartialDatesSucceedEachOther) {
  AddBody("ahg", 1);
  EXPECT_OK(Chair("members/aus", "2009", "2011"));
  EXPECT_OK(Chair("members/idn", "2011", "2013-06"));
  EXPECT_OK(Chair("members/mys", "2013-06"));
  EXPECT_EQ(RuleOf(Chair("members/idn", "2014")), "too_many_chairs");
}

TEST_P(SeatsTest, OneMemberOneRoleOneSeatAtATime) {
  AddBody("ahg");
  EXPECT_OK(Participant("2010-05-02", "2012-05-02"));
  const absl::Status overlap = Participant("2012-05-02");
  EXPECT_EQ(RuleOf(overlap), "seat_overlap");
  EXPECT_THAT(MetadataOf(overlap, "resource"), HasSubstr("bodies/ahg/seats/"));
  EXPECT_EQ(RuleOf(Participant("")), "seat_overlap");
  EXPECT_EQ(RuleOf(Participant("2009", "2010-06")), "seat_overlap");
  EXPECT_OK(Participant("2012-05", "2013"));  // perhaps from the 3rd: nobody knows
  EXPECT_OK(Participant("2014"));
  EXPECT_OK(Chair("members/aus", "2011"));  // another role
  EXPECT_OK(TryAddSeat("bodies/ahg", "members/idn", v1::Seat::PARTICIPANT, "2011"));
  AddBody("other");
  EXPECT_OK(TryAddSeat("bodies/other", "members/aus", v1::Seat::PARTICIPANT, "2011"));
}

TEST_P(SeatsTest, ADeletedSeatIsInNobodysWayUntilItsBack) {
  AddBody("ahg");
  ASSERT_OK_AND_ASSIGN(const v1::Seat seat,
                       TryAddSeat("bodies/ahg", "members/aus", v1::Seat::PARTICIPANT));
  const std::string name = absl::StrCat("name: '", seat.name(), "'");
  ASSERT_OK(Try("DeleteSeat", name));
  ASSERT_OK(Participant("2010"));
  EXPECT_EQ(RuleOf(Try("UndeleteSeat", name)), "seat_overlap");
}

TEST_P(SeatsTest, AnUpdateIsJudgedAsACreateIs) {
  AddBody("ahg");
  ASSERT_OK(Participant("2010-01-01", "2011-01-01"));
  ASSERT_OK_AND_ASSIGN(const v1::Seat seat, TryAddSeat("bodies/ahg", "members/aus",
                                                       v1::Seat::PARTICIPANT, "2012-01-01"));
  const std::string name = absl::StrCat("seat { name: '", seat.name(), "' ");
  EXPECT_OK(Try("UpdateSeat", name + "term { start_date { year: 2011 month: 1 day: 2 } } }"));
  EXPECT_EQ(
      RuleOf(Try("UpdateSeat", name + "term { start_date { year: 2011 month: 1 day: 1 } } }")),
      "seat_overlap");
}

TEST_P(SeatsTest, SeatsLieWithinTheLifeOfTheBody) {
  AddBodyOf("2009-04", "2016-05-02");
  EXPECT_OK(Participant("2009-04-01", "2010"));
  EXPECT_OK(Participant("2011", "2016"));
  EXPECT_OK(TryAddSeat("bodies/ahg", "members/idn", v1::Seat::PARTICIPANT, "", "2016-05-02"));
  const std::pair<const char*, const char*> outside[] = {
      {"2009-03", "2010"}, {"2012", "2016-05-03"}, {"2016-05-03", "2017"},
      {"", "2009-03-31"},  {"2012", ""},           {"", ""}};
  for (const auto& [start, end] : outside) {
    const absl::Status status =
        TryAddSeat("bodies/ahg", "members/mys", v1::Seat::PARTICIPANT, start, end).status();
    EXPECT_EQ(RuleOf(status), "outside_body_life") << start << " to " << end;
  }
}

TEST_P(SeatsTest, TheLifeOfABodyHoldsItsSeats) {
  AddBodyOf("2009", "");
  ASSERT_OK(Participant("2010", "2015"));
  const auto update = [&](const char* term) {
    return RuleOf(
        Try("UpdateBody", absl::StrCat("body { name: 'bodies/ahg' term { ", term, " } }")));
  };
  EXPECT_EQ(update("end_date { year: 2014 }"), "outside_body_life");
  EXPECT_EQ(update("start_date { year: 2011 }"), "outside_body_life");
  EXPECT_EQ(update("end_date { year: 2015 }"), "");
  EXPECT_EQ(update("start_date { year: 2010 }"), "");
}

TEST_P(SeatsTest, AppointmentsAndLiaisonsLieWithinIt) {
  AddBodyOf("2009", "2016");
  AddOfficial("one", "Official One");
  ASSERT_OK(Try("CreateExternalForum",
                "external_forum_id: 'f' external_forum { display_name: 'Forum' }"));
  const auto appoint = [&](const char* term) {
    return RuleOf(
        Try("CreateAppointment", absl::StrCat("parent: 'officials/one' appointment { post: STAFF ",
                                              "body: 'bodies/ahg' term { ", term, " } }")));
  };
  const auto liaise = [&](const char* term) {
    return RuleOf(
        Try("CreateLiaison", absl::StrCat("parent: 'bodies/ahg' liaison { external_forum: ",
                                          "'externalForums/f' term { ", term, " } }")));
  };
  for (const char* inside :
       {"start_date { year: 2009 } end_date { year: 2016 }", "end_date { year: 2012 }"}) {
    EXPECT_EQ(appoint(inside), "");
    EXPECT_EQ(liaise(inside), "");
  }
  for (const char* outside : {"start_date { year: 2008 } end_date { year: 2010 }",
                              "end_date { year: 2017 }", "start_date { year: 2010 }"}) {
    EXPECT_EQ(appoint(outside), "outside_body_life");
    EXPECT_EQ(liaise(outside), "outside_body_life");
  }
}

TEST_P(SeatsTest, TheLifeOfABodyHoldsItsAppointmentsAndItsLiaisons) {
  AddBodyOf("2009", "2016");
  AddOfficial("one", "Official One");
  ASSERT_OK(Try("CreateExternalForum",
                "external_forum_id: 'f' external_forum { display_name: 'Forum' }"));
  const auto end = [&](int year) {
    return RuleOf(Try("UpdateBody", absl::StrCat("body { name: 'bodies/ahg' term { end_date { ",
                                                 "year: ", year, " } } }")));
  };
  ASSERT_OK(Try("CreateAppointment", R"(parent: 'officials/one' appointment_id: 'a'
      appointment { post: STAFF body: 'bodies/ahg' term { end_date { year: 2012 } } })"));
  EXPECT_EQ(end(2011), "outside_body_life");
  EXPECT_EQ(end(2012), "");
  ASSERT_OK(Try("DeleteAppointment", "name: 'officials/one/appointments/a'"));
  ASSERT_OK(Try("CreateLiaison", R"(parent: 'bodies/ahg' liaison {
      external_forum: 'externalForums/f' term { end_date { year: 2012 } } })"));
  EXPECT_EQ(end(2011), "outside_body_life");
  EXPECT_EQ(end(2012), "");
}

TEST_P(SeatsTest, AChairMayBeAParticipantToo) {
  AddBody("ahg", 1);
  EXPECT_OK(Chair("members/aus", "2010"));
  EXPECT_OK(Participant("2010"));
}

INSTANTIATE_ON_ENGINES(SeatsTest);

}  // namespace
}  // namespace baliprocess::membership
