// GetComposition: who belonged to a body on a day, as far as partial dates tell.

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using common::v1::Truth;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CompositionTest : public MembershipTest {
 protected:
  void SetUp() override {
    AddState("aus", "AU");
    AddState("idn", "ID");
    AddState("nzl", "NZ");
    ASSERT_OK(Try("CreateBody", R"(body_id: 'ahg' body {
        kind: AD_HOC_GROUP display_name: 'x' max_chairs: 2
        term { start_date { year: 2009 month: 4 day: 15 } } })"));
  }
  v1::Composition AsOf(const std::string& date, const auth::Caller& caller = Secretariat()) {
    v1::GetCompositionRequest request;
    request.set_body("bodies/ahg");
    if (!date.empty()) *request.mutable_as_of() = Date(date);
    const auto reply = service_->Call<v1::Composition>(caller, "GetComposition", request);
    EXPECT_OK(reply);
    return reply.value_or(v1::Composition());
  }
  // What the only member is on `date`.
  std::string One(const std::string& date) {
    const v1::Composition composition = AsOf(date);
    if (composition.entries_size() != 1) return absl::StrCat(composition.entries_size());
    return v1::Composition::Membership_Name(composition.entries(0).membership());
  }
  void Seat(const char* member, v1::Seat::Role role, const char* start, const char* end = "") {
    ASSERT_OK(TryAddSeat("bodies/ahg", absl::StrCat("members/", member), role, start, end));
  }
};

TEST_P(CompositionTest, AnswersByPrecision) {
  Seat("aus", v1::Seat::PARTICIPANT, "2010", "2012-06");
  EXPECT_EQ(One("2009-12-31"), "NOT_MEMBER");
  EXPECT_EQ(One("2010-01-01"), "UNKNOWN");
  EXPECT_EQ(One("2010-12-31"), "IS_MEMBER");
  EXPECT_EQ(One("2011"), "IS_MEMBER");
  EXPECT_EQ(One("2010"), "UNKNOWN");
  EXPECT_EQ(One("2012-05"), "IS_MEMBER");
  EXPECT_EQ(One("2012-06"), "UNKNOWN");
  EXPECT_EQ(One("2012-06-01"), "IS_MEMBER");
  EXPECT_EQ(One("2012-06-30"), "UNKNOWN");
  EXPECT_EQ(One("2012-07"), "NOT_MEMBER");
}

TEST_P(CompositionTest, AsOfAnIndefiniteDay) {
  Seat("aus", v1::Seat::PARTICIPANT, "2010-05-10", "2010-05-20");
  EXPECT_EQ(One("2010-05"), "UNKNOWN");
  EXPECT_EQ(One("2010"), "UNKNOWN");
  EXPECT_EQ(One("2010-06"), "NOT_MEMBER");
}

TEST_P(CompositionTest, OutsideTheLifeOfTheBodyNobodyBelongs) {
  Seat("aus", v1::Seat::PARTICIPANT, "");
  EXPECT_EQ(One("2009-04-14"), "NOT_MEMBER");
  EXPECT_EQ(AsOf("2009-04-14").in_existence(), Truth::NO);
  EXPECT_EQ(One("2009-04"), "UNKNOWN");
  EXPECT_EQ(AsOf("2009").in_existence(), Truth::UNKNOWN);
  EXPECT_EQ(One("2009-04-15"), "IS_MEMBER");
  EXPECT_EQ(AsOf("2009-04-15").in_existence(), Truth::YES);
  ASSERT_OK(Try("DissolveBody", "name: 'bodies/ahg' end_date { year: 2016 month: 5 day: 2 }"));
  EXPECT_EQ(One("2016-05-02"), "IS_MEMBER");
  EXPECT_EQ(One("2016-05-03"), "NOT_MEMBER");
}

TEST_P(CompositionTest, IsOfTodayUnlessAskedOtherwise) {
  Seat("aus", v1::Seat::PARTICIPANT, "2024-05-02", "2024-05-02");
  EXPECT_EQ(One(""), "IS_MEMBER");
  EXPECT_EQ(FormatDate(AsOf("").as_of()), "2024-05-02");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(One(""), "NOT_MEMBER");
}

TEST_P(CompositionTest, ChairsFirstThenByName) {
  Seat("aus", v1::Seat::PARTICIPANT, "2010");
  Seat("nzl", v1::Seat::CHAIR, "2010");
  Seat("nzl", v1::Seat::PARTICIPANT, "2010");
  Seat("idn", v1::Seat::BODY_OBSERVER, "2010");
  const v1::Composition composition = AsOf("2012-01-01");
  ASSERT_THAT(composition.entries(), SizeIs(3));
  EXPECT_EQ(composition.entries(0).member(), "members/nzl");
  EXPECT_EQ(composition.entries(0).display_name(), "State NZ");
  EXPECT_EQ(composition.entries(0).chair(), Truth::YES);
  EXPECT_EQ(composition.entries(0).membership(), v1::Composition::IS_MEMBER);
  EXPECT_THAT(composition.entries(0).seats(), SizeIs(2));
  EXPECT_EQ(composition.entries(1).member(), "members/aus");
  EXPECT_EQ(composition.entries(1).chair(), Truth::NO);
  EXPECT_EQ(composition.entries(2).member(), "members/idn");
  EXPECT_EQ(composition.entries(2).membership(), v1::Composition::NOT_MEMBER);
  EXPECT_EQ(composition.entries(2).observer(), Truth::YES);
}

TEST_P(CompositionTest, SeatsAddUp) {
  Seat("aus", v1::Seat::PARTICIPANT, "2010", "2011");
  Seat("aus", v1::Seat::PARTICIPANT, "2013", "2014");
  EXPECT_EQ(One("2012-01-01"), "NOT_MEMBER");
  EXPECT_EQ(One("2013-12-31"), "IS_MEMBER");
  EXPECT_THAT(AsOf("2013-12-31").entries(0).seats(), SizeIs(1));
}

TEST_P(CompositionTest, OfficersAreShownToWhomTheyMayBe) {
  AddOfficial("one", "Official One");
  ASSERT_OK(Try("CreateAppointment", R"(parent: 'officials/one' appointment_id: 'a' appointment {
      post: CO_CHAIR title: 'Co-Chair' body: 'bodies/ahg' on_behalf_of: 'members/aus'
      term { start_date { year: 2010 } end_date { year: 2012 } } })"));
  const v1::Composition composition = AsOf("2011", Observer());
  ASSERT_THAT(composition.officers(), SizeIs(1));
  const auto& officer = composition.officers(0);
  EXPECT_EQ(officer.official(), "officials/one");
  EXPECT_EQ(officer.display_name(), "Official One");
  EXPECT_EQ(officer.appointment(), "officials/one/appointments/a");
  EXPECT_EQ(officer.post(), v1::Appointment::CO_CHAIR);
  EXPECT_EQ(officer.title(), "Co-Chair");
  EXPECT_EQ(officer.on_behalf_of(), "members/aus");
  EXPECT_EQ(officer.in_post(), Truth::YES);
  EXPECT_EQ(AsOf("2012").officers(0).in_post(), Truth::UNKNOWN);
  EXPECT_THAT(AsOf("2013").officers(), IsEmpty());
  EXPECT_THAT(AsOf("2011", Anyone()).officers(), IsEmpty());

  ASSERT_OK(Try("UpdateOfficial", "official { name: 'officials/one' visibility: RESTRICTED }"));
  EXPECT_THAT(AsOf("2011", Observer()).officers(), IsEmpty());
  EXPECT_THAT(AsOf("2011").officers(), SizeIs(1));
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  ASSERT_THAT(AsOf("2011").officers(), SizeIs(1));
  EXPECT_EQ(AsOf("2011").officers(0).display_name(), "");
}

TEST_P(CompositionTest, HiddenMembersAndSeatsAreLeftOut) {
  Seat("aus", v1::Seat::PARTICIPANT, "2010");
  Seat("idn", v1::Seat::PARTICIPANT, "2010");
  ASSERT_OK(Try("UpdateMember", "member { name: 'members/aus' visibility: RESTRICTED }"));
  const auto entries = AsOf("2012", Anyone()).entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].member(), "members/idn");
  EXPECT_THAT(AsOf("2012").entries(), SizeIs(2));
}

TEST_P(CompositionTest, RefusesWhatIsNotABody) {
  EXPECT_THAT(Try("GetComposition", "body: 'bodies/none'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_THAT(BadFields(Try("GetComposition", "body: 'members/aus'")), ElementsAre("body"));
  EXPECT_THAT(BadFields(Try("GetComposition", "body: 'bodies/ahg' as_of { month: 2 }")),
              ElementsAre("as_of"));
}

INSTANTIATE_ON_ENGINES(CompositionTest);

}  // namespace
}  // namespace baliprocess::membership
