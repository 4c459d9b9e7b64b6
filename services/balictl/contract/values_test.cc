// Values as people write them, into messages and back.

#include "services/balictl/contract/values.h"

#include <gmock/gmock.h>

#include <string>

#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "common/testing/matchers.h"
#include "services/balictl/contract/differences.h"
#include "services/balictl/contract/moments.h"
#include "services/balictl/contract/yaml.h"

namespace baliprocess::balictl {
namespace {

using ::baliprocess::testing::MessageHas;
using meetings::v1::Meeting;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What the field has after it was set to the text, as people read it.
std::string Kept(google::protobuf::Message&& message, const std::string& field,
                 const std::string& text) {
  const absl::Status set = SetValueAt(message, field, text);
  if (!set.ok()) return std::string(set.message());
  const auto& descriptor = *message.GetDescriptor()->FindFieldByName(field);
  return TextOf(message, descriptor, descriptor.is_repeated() ? 0 : -1);
}

TEST(Values, AreReadInTheFormsOfPeople) {
  EXPECT_EQ(Kept(Meeting(), "display_name", "A, b"), "A, b");
  EXPECT_EQ(Kept(Meeting(), "ordinal", "18"), "18");
  EXPECT_EQ(Kept(Meeting(), "confidential", "Yes"), "yes");
  EXPECT_EQ(Kept(Meeting(), "format", "In Person"), "in-person");
  EXPECT_EQ(Kept(meetings::v1::AgendaItem(), "kind", "decision_point"), "decision-point");
  EXPECT_EQ(Kept(Meeting(), "start_date", "2025-02"), "2025-02");
  EXPECT_EQ(Kept(Meeting(), "start_time", "09:30"), "09:30");
  EXPECT_EQ(Kept(Meeting(), "body", "ahg"), "bodies/ahg");
  EXPECT_EQ(Kept(Meeting(), "body", "bodies/ahg"), "bodies/ahg");
  EXPECT_EQ(Kept(capacity::v1::Commitment(), "amount", "2500000 AUD"), "AUD 2500000.00");
  EXPECT_EQ(Kept(Meeting(), "create_time", "2025-02-14 12:00 Asia/Jakarta"),
            "2025-02-14 05:00:00Z");
  EXPECT_EQ(Kept(Meeting(), "chairs", "on_behalf_of=idn"), "on_behalf_of=members/idn");
  EXPECT_EQ(Kept(Meeting(), "citations", "title=\"Minutes, final\",date=2025-02"),
            "title=\"Minutes, final\",date=2025-02");
  EXPECT_EQ(Kept(Meeting(), "citations", R"(title="He said ""no"", twice")"),
            R"(title="He said ""no"", twice")");
  EXPECT_EQ(Kept(Meeting(), "citations", R"(title=The "new" plan)"), R"(title="The ""new"" plan")");
  EXPECT_EQ(Kept(Meeting(), "chairs", R"({"onBehalfOf": "members/idn"})"),
            "on_behalf_of=members/idn");
}

TEST(Values, OfTheWrongFormAreToldTheForm) {
  EXPECT_EQ(Kept(Meeting(), "start_date", "May"),
            "start_date must be a date such as 2025, 2025-02 or 2025-02-14, not \"May\"");
  EXPECT_EQ(
      Kept(Meeting(), "format", "hybird"),
      "format must be one of in-person, online, hybrid, not \"hybird\". Did you mean hybrid?");
  EXPECT_EQ(Kept(Meeting(), "ordinal", "many"), "ordinal must be a whole number, not \"many\"");
  EXPECT_EQ(Kept(Meeting(), "ordinal", "99999999999"),
            "ordinal must be a whole number of at most ten digits, not \"99999999999\"");
  EXPECT_EQ(Kept(Meeting(), "confidential", "perhaps"),
            "confidential must be yes or no, not \"perhaps\"");
  EXPECT_EQ(Kept(capacity::v1::Commitment(), "amount", "2500000"),
            "amount must be an amount with its currency such as '2500000 AUD', not \"2500000\"");
  Meeting meeting;
  EXPECT_THAT(SetValueAt(meeting, "nme", "x"), MessageHas("Did you mean name?"));
  EXPECT_THAT(SetValueAt(meeting, "display_name.x", "x"), MessageHas("display_name has no fields"));
  EXPECT_THAT(SetValueAt(meeting, "chairs", "official"), MessageHas("field=value"));
  EXPECT_THAT(SetValueAt(meeting, "citations", "title=\"x"), MessageHas("quote"));
}

TEST(Values, WithinMessagesAreSetByTheirPath) {
  Meeting meeting;
  ASSERT_OK(SetValueAt(meeting, "venue.city", "Jakarta"));
  ASSERT_OK(SetValueAt(meeting, "review_period.start_date", "2024"));
  EXPECT_EQ(meeting.venue().city(), "Jakarta");
  EXPECT_EQ(meeting.review_period().start_date().year(), 2024);
  EXPECT_THAT(SetValueAt(meeting, "review_period.end_date", "x"),
              MessageHas("review_period's end_date must be a date"));
}

TEST(Moments, NeedAZone) {
  EXPECT_FALSE(ParseMoment("2025-02-14 12:00"));
  EXPECT_FALSE(ParseMoment("2025-02-14 12:00 Asia/Nowhere"));
  EXPECT_FALSE(ParseMoment("tomorrow"));
  EXPECT_FALSE(ParseMoment("infinite-future"));
  for (const char* text : {"2025-02-14T04:00:00Z", "2025-02-14 12:00:00+08:00",
                           "2025-02-14T12:00+08:00", "2025-02-14 12:00 Asia/Singapore"}) {
    EXPECT_EQ(ParseMoment(text),
              absl::FromCivil(absl::CivilHour(2025, 2, 14, 4), absl::UTCTimeZone()))
        << text;
  }
}

TEST(Moments, SpansHaveDaysToo) {
  EXPECT_EQ(ParseSpan("7d"), absl::Hours(168));
  EXPECT_EQ(ParseSpan("1d12h"), absl::Hours(36));
  EXPECT_EQ(ParseSpan("1h30m"), absl::Minutes(90));
  for (const char* text : {"", "7", "xd", "-1d", "inf", "1d-5h", "999999999999999d"})
    EXPECT_FALSE(ParseSpan(text)) << text;
}

TEST(Moments, AmountsAreExact) {
  const auto money = ParseMoney("AUD 2,500,000.05");
  ASSERT_TRUE(money);
  EXPECT_EQ(money->units(), 2500000);
  EXPECT_EQ(money->nanos(), 50000000);
  EXPECT_EQ(ParseMoney("-1.5 USD")->nanos(), -500000000);
  for (const char* text : {"", "5", "AUD", "AUD USD", "1 aud", "2,50 AUD", "1.0000000001 AUD",
                           "12,34,567 AUD", "1. AUD", "99999999999999999999 AUD", "5 AUD x"}) {
    EXPECT_FALSE(ParseMoney(text)) << text;
  }
}

TEST(Yaml, IsReadAsItWasWritten) {
  Meeting meeting;
  for (const auto& [field, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"display_name", "Nineteenth: a \"meeting\""},
           {"start_date", "2025-02"},
           {"start_time", "09:30"},
           {"format", "hybrid"},
           {"confidential", "yes"},
           {"venue.city", "Jakarta"},
           {"chairs", "on_behalf_of=members/idn"},
           {"summary", "Two lines\nof text"},
           {"citations", "title=Minutes,date=2025"}}) {
    ASSERT_OK(SetValueAt(meeting, field, text));
  }
  Meeting back;
  EXPECT_THAT(FromYaml(ToYaml(meeting), back), IsEmpty());
  EXPECT_EQ(back.DebugString(), meeting.DebugString());
}

TEST(Yaml, ProblemsAreToldByTheirLine) {
  Meeting meeting;
  const auto problems = FromYaml(
      "display_name: A\nstart_date: May\nformt: online\nchairs: x\n"
      "venue:\n  city: [a]\n",
      meeting);
  ASSERT_THAT(problems, SizeIs(4));
  EXPECT_EQ(problems[0].line, 2);
  EXPECT_EQ(problems[0].what,
            "start_date must be a date such as 2025, 2025-02 or 2025-02-14, not \"May\"");
  EXPECT_EQ(problems[1].line, 3);
  EXPECT_EQ(problems[1].what, "there is no field formt. Did you mean format?");
  EXPECT_EQ(problems[2].what, "chairs must be a list");
  EXPECT_EQ(problems[3].line, 6);
  EXPECT_EQ(FromYaml("a: [b", meeting).at(0).line, 1);
  EXPECT_EQ(FromYaml("ordinal: 1\nordinal: 2\n", meeting).at(0).what, "ordinal is here twice");
  EXPECT_THAT(FromYaml("just text", meeting), SizeIs(1));
}

TEST(Differences, AreToldFieldByField) {
  Meeting before;
  Meeting after;
  ASSERT_OK(SetValueAt(before, "display_name", "Old"));
  ASSERT_OK(SetValueAt(after, "display_name", "New"));
  ASSERT_OK(SetValueAt(after, "venue.city", "Bali"));
  ASSERT_OK(SetValueAt(before, "colocated_with", "a"));
  ASSERT_OK(SetValueAt(before, "colocated_with", "b"));
  ASSERT_OK(SetValueAt(after, "colocated_with", "b"));
  ASSERT_OK(SetValueAt(after, "colocated_with", "c"));
  before.set_etag("1");
  after.set_etag("2");
  EXPECT_EQ(TextOf(DifferencesOf(before, after)),
            "  display_name    - Old\n"
            "                  + New\n"
            "  venue.city      + Bali\n"
            "  colocated_with  - meetings/a\n"
            "                  + meetings/c\n");
  EXPECT_THAT(DifferencesOf(before, before), IsEmpty());
}

}  // namespace
}  // namespace baliprocess::balictl
