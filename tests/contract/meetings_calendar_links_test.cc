// Calendar links: made by their owners, used without a token, revoked for good.

#include <string>

#include "absl/strings/str_cat.h"

#include "services/meetings/calendar_links.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class CalendarLinkTest : public MeetingsTest {
 protected:
  void SetUp() override {
    const auto add = [&](const std::string& id, const std::string& visibility) {
      AddMeeting(id,
                 absl::StrCat("start_date { year: 2027 month: 3 day: 1 } visibility: ", visibility,
                              " venue { uri: 'https://meet.example.org/", id, "' }"));
    };
    add("open", "PUBLIC");
    add("inner", "MEMBERS");
    add("closed", "RESTRICTED");
  }
  static auth::Caller Aus() { return MemberOf("members/aus"); }
  absl::StatusOr<v1::CalendarLink> Create(const auth::Caller& caller, const std::string& fields) {
    return CallAs<v1::CalendarLink>(
        caller, "CreateCalendarLink",
        absl::StrCat("calendar_link { display_name: 'Desk' ", fields, " }"));
  }
  absl::StatusOr<google::api::HttpBody> Subscribed(const std::string& secret) {
    return CallAs<google::api::HttpBody>(Anyone(), "ExportSubscribedCalendar",
                                         absl::StrCat("secret: '", secret, "'"));
  }
};
INSTANTIATE_ON_ENGINES(CalendarLinkTest);

TEST_P(CalendarLinkTest, GivesWhatMembersSeeWithoutLinksToJoin) {
  for (const char* meeting : {"open", "inner"}) {
    ASSERT_OK(Try("CreateDelegation",
                  absl::StrCat("parent: 'meetings/", meeting,
                               "' delegation { participant { member: 'members/aus' } }")));
  }
  for (const auto& [caller, fields] :
       {std::pair(Aus(), "member: 'members/aus'"), std::pair(Secretariat(), ""),
        std::pair(Secretariat(), "member: 'members/aus'")}) {
    ASSERT_OK_AND_ASSIGN(const auto made, Create(caller, fields));
    ASSERT_OK_AND_ASSIGN(const auto calendar, Subscribed(made.secret()));
    EXPECT_EQ(calendar.content_type(), "text/calendar; charset=utf-8");
    EXPECT_THAT(calendar.data(),
                AllOf(HasSubstr("SUMMARY:Meeting open"), HasSubstr("SUMMARY:Meeting inner"),
                      Not(HasSubstr("Meeting closed")), Not(HasSubstr("meet.example.org"))));
  }
}

TEST_P(CalendarLinkTest, AFilterChooses) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(Secretariat(), "filter: 'visibility = PUBLIC'"));
  ASSERT_OK_AND_ASSIGN(const auto calendar, Subscribed(made.secret()));
  EXPECT_THAT(calendar.data(), AllOf(HasSubstr("Meeting open"), Not(HasSubstr("Meeting inner"))));
  // By what members may filter on alone, whoever makes it.
  for (const char* filter : {"nothing = 1", "consulted_members:\"members/aus\""}) {
    EXPECT_THAT(BadFields(Create(Secretariat(), absl::StrCat("filter: '", filter, "'")).status()),
                ElementsAre("calendar_link.filter"))
        << filter;
  }
}

TEST_P(CalendarLinkTest, TheSecretIsToldOnceAndKeptNowhere) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(Aus(), "member: 'members/aus'"));
  EXPECT_THAT(made.secret(), SizeIs(43));
  EXPECT_EQ(made.creator(), Aus().subject);
  EXPECT_EQ(made.secret_sha256(), "");  // to a member
  ASSERT_OK_AND_ASSIGN(const auto listed,
                       Call<v1::ListCalendarLinksResponse>("ListCalendarLinks", ""));
  ASSERT_THAT(listed.calendar_links(), SizeIs(1));
  EXPECT_THAT(listed.calendar_links(0).secret_sha256(), SizeIs(64));
  EXPECT_EQ(listed.calendar_links(0).secret(), "");
  EXPECT_THAT(listed.DebugString(), Not(HasSubstr(made.secret())));
  for (const auto& change : Changes()) {
    EXPECT_THAT(change.DebugString(), Not(HasSubstr(made.secret())));
  }
  ASSERT_OK_AND_ASSIGN(const auto another, Create(Aus(), "member: 'members/aus'"));
  EXPECT_NE(another.secret(), made.secret());
  ASSERT_OK_AND_ASSIGN(
      const auto tried,
      Call<v1::CalendarLink>("CreateCalendarLink",
                             "calendar_link { display_name: 'x' } validate_only: true"));
  EXPECT_EQ(tried.secret(), "");
}

TEST_P(CalendarLinkTest, NothingElseOpensACalendar) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(Secretariat(), ""));
  ASSERT_OK_AND_ASSIGN(
      const auto kept,
      Call<v1::CalendarLink>("GetCalendarLink", absl::StrCat("name: '", made.name(), "'")));
  for (const std::string& secret :
       {std::string("x"), kept.secret_sha256(), made.secret() + "x", made.secret().substr(1)}) {
    const auto status = Subscribed(secret).status();
    EXPECT_THAT(status, HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr(secret + " ")));
  }
  EXPECT_THAT(BadFields(Subscribed("").status()), ElementsAre("secret"));
}

TEST_P(CalendarLinkTest, DeletedItIsRevokedForGood) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(Aus(), "member: 'members/aus'"));
  const std::string name = absl::StrCat("name: '", made.name(), "'");
  EXPECT_THAT(TryAs(MemberOf("members/idn"), "DeleteCalendarLink", name),
              HasReason(api::v1::Error::ACCESS_DENIED));
  ASSERT_OK(TryAs(Aus(), "DeleteCalendarLink", name));
  EXPECT_THAT(Subscribed(made.secret()).status(), HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  EXPECT_EQ(service_->table().service()->FindMethodByName("UndeleteCalendarLink"), nullptr);
}

TEST_P(CalendarLinkTest, AMemberMakesItsOwnTheSecretariatAny) {
  EXPECT_THAT(Create(Aus(), "member: 'members/idn'").status(),
              HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_THAT(Create(Aus(), "").status(), HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_THAT(Create(Observer(), "member: 'members/fji'").status(),
              HasReason(api::v1::Error::ACCESS_DENIED));
  EXPECT_OK(Create(Secretariat(), "member: 'members/idn'").status());
  // What a member can't see it can't delete.
  EXPECT_THAT(BadFields(Create(Aus(), "member: 'members/aus' visibility: RESTRICTED").status()),
              ElementsAre("calendar_link.visibility"));
  ASSERT_OK_AND_ASSIGN(const auto hidden,
                       Create(Secretariat(), "member: 'members/aus' visibility: RESTRICTED"));
  EXPECT_THAT(TryAs(Aus(), "GetCalendarLink", absl::StrCat("name: '", hidden.name(), "'")),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

TEST_P(CalendarLinkTest, AnOwnerHasSoMany) {
  std::string last;
  for (size_t i = 0; i < kMostLinks; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto made, Create(Aus(), "member: 'members/aus'"));
    last = made.name();
  }
  EXPECT_EQ(RuleOf(Create(Aus(), "member: 'members/aus'").status()), "too_many_links");
  EXPECT_EQ(RuleOf(Create(Secretariat(), "member: 'members/aus'").status()), "too_many_links");
  EXPECT_OK(Create(Secretariat(), "").status());
  ASSERT_OK(TryAs(Aus(), "DeleteCalendarLink", absl::StrCat("name: '", last, "'")));
  EXPECT_OK(Create(Aus(), "member: 'members/aus'").status());
}

}  // namespace
}  // namespace baliprocess::meetings
