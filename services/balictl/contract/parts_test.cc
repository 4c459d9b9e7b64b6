// The parts that need no server: names, order, tables, JSON.

#include <gmock/gmock.h>

#include "baliprocess/api/v1/visibility.pb.h"
#include "baliprocess/capacity/v1/reported_figure.pb.h"
#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"
#include "common/base/date.h"
#include "common/testing/matchers.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/order.h"
#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {
namespace {

using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(Contract, FindsMethodsByManyNames) {
  for (const char* name :
       {"GetMember", "membership/GetMember", "MembershipService/GetMember",
        "MembershipService.GetMember", "baliprocess.membership.v1.MembershipService/GetMember",
        "/baliprocess.membership.v1.MembershipService/GetMember"}) {
    ASSERT_OK_AND_ASSIGN(const auto* method, FindMethod(name));
    EXPECT_EQ(method->full_name(), "baliprocess.membership.v1.MembershipService.GetMember");
  }
  EXPECT_THAT(FindMethod("getmember"), MessageHas("Did you mean"));
  EXPECT_THAT(FindMethod("nothing/GetMember"), Not(IsOk()));
  EXPECT_THAT(FindMethod(""), Not(IsOk()));
}

TEST(Contract, KnowsEveryResourceWithItsMethods) {
  for (const ResourceKind& kind : Resources()) {
    EXPECT_TRUE(kind.items->is_repeated());
    EXPECT_EQ(kind.items->message_type(), kind.message);
    EXPECT_EQ(kind.patch->message_type(), kind.message);
  }
  ASSERT_OK_AND_ASSIGN(const ResourceKind* seat, KindOfName("bodies/ahg/seats/aus"));
  EXPECT_EQ(seat->message->name(), "Seat");
  EXPECT_EQ(seat->list->name(), "ListSeats");
  EXPECT_EQ(seat->File(), "membership/seats.json");
  EXPECT_THAT(KindOfName("bodies/ahg/seats"), Not(IsOk()));
  EXPECT_THAT(KindOfName("bodies/AHG"), MessageHas("the id 'AHG' must be "));
  EXPECT_THAT(KindOfName("meetings/m/documents/Minutes_Final"), MessageHas("'Minutes_Final'"));
  EXPECT_THAT(KindOfName("body/ahg"), MessageHas("isn't the name of a resource"));
  EXPECT_THAT(KindOfName("bodis/ahg"), MessageHas("Did you mean bodies?"));
  EXPECT_THAT(KindOfName("bodies"), MessageHas("is a collection"));
}

TEST(Contract, FindsCollections) {
  ASSERT_OK_AND_ASSIGN(const Collection top, FindCollection("bodies"));
  EXPECT_EQ(top.kind->message->name(), "Body");
  EXPECT_EQ(top.parent, "");
  ASSERT_OK_AND_ASSIGN(const Collection one, FindCollection("bodies/ahg/seats"));
  EXPECT_EQ(one.kind->message->name(), "Seat");
  EXPECT_EQ(one.parent, "bodies/ahg");
  EXPECT_EQ(FindCollection("bodies/-/seats")->parent, "bodies/-");
  for (const char* path : {"", "seats", "body", "bodies/ahg", "bodies//seats", "members/aus/seats",
                           "bodies/ahg/seats/"}) {
    EXPECT_THAT(FindCollection(path), Not(IsOk())) << path;
  }
}

TEST(Contract, KeepsContentOnly) {
  membership::v1::Member member;
  member.set_name("members/aus");
  member.set_uid("u");
  member.set_etag("e");
  member.mutable_create_time()->set_seconds(1);
  member.set_display_name("Australia");
  KeepContent(member);
  EXPECT_EQ(member.ShortDebugString(), "name: \"members/aus\" display_name: \"Australia\"");
  member.set_visibility(api::v1::Visibility::PUBLIC);  // the default of members
  KeepContent(member);
  EXPECT_EQ(member.visibility(), api::v1::Visibility::LEVEL_UNSPECIFIED);
  member.set_visibility(api::v1::Visibility::RESTRICTED);
  KeepContent(member);
  EXPECT_EQ(member.visibility(), api::v1::Visibility::RESTRICTED);
}

TEST(Order, PutsNeedsFirstAndKeepsTheRest) {
  const std::vector<std::string> names = {"seat", "body", "member", "root"};
  EXPECT_THAT(*DependencyOrder(names, {{"body", "member"}, {"root"}, {}, {}}),
              ElementsAre(2, 3, 1, 0));
  EXPECT_THAT(*DependencyOrder(names, {{}, {}, {}, {}}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(*DependencyOrder({}, {}), IsEmpty());
}

TEST(Order, IgnoresWhatIsElsewhereAndItself) {
  EXPECT_THAT(*DependencyOrder({"a", "b"}, {{"x", "a"}, {"y", "y"}}), ElementsAre(0, 1));
  EXPECT_THAT(*DependencyOrder({"a", "b"}, {{"b", "b"}, {}}), ElementsAre(1, 0));
}

TEST(Order, NamesACircle) {
  EXPECT_THAT(DependencyOrder({"x", "a", "b", "y"}, {{"a"}, {"b"}, {"a", "y"}, {}}),
              MessageHas("a -> b -> a"));
}

TEST(Order, TakesLongChains) {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> needs;
  for (int i = 0; i < 100000; ++i) {
    names.push_back(std::to_string(i));
    needs.push_back({std::to_string(i + 1)});
  }
  ASSERT_OK_AND_ASSIGN(const auto order, DependencyOrder(names, needs));
  EXPECT_EQ(order.front(), 99999u);
}

TEST(Order, PutsServicesAfterThoseTheyReferTo) {
  EXPECT_THAT(*ServiceOrder({{"meetings", {"members/aus", "meetings/a"}},
                             {"membership", {"bodies/ahg"}},
                             {"other", {"nothing/x"}}}),
              ElementsAre("membership", "meetings", "other"));
  EXPECT_THAT(ServiceOrder({{"meetings", {"members/aus"}}, {"membership", {"meetings/a"}}}),
              MessageHas("meetings -> membership -> meetings"));
}

TEST(Order, FindsNeedsInTheData) {
  membership::v1::Seat seat;
  seat.set_name("bodies/ahg/seats/aus");
  seat.set_member("members/aus");
  EXPECT_THAT(NeedsOf(**KindOfName(seat.name()), seat),
              UnorderedElementsAre("bodies/ahg", "members/aus"));
  membership::v1::Body body;
  body.set_name("bodies/ahg");
  body.set_parent_body("bodies/root");
  EXPECT_THAT(NeedsOf(**KindOfName(body.name()), body), ElementsAre("bodies/root"));
}

TEST(Table, AlignsAndLeavesOutEmptyColumns) {
  EXPECT_EQ(FormatTable({{"A", "B", "C"}, {"é", "", "long"}, {"xx", "", ""}}, 0),
            "A   C\n"
            "é   long\n"
            "xx\n");
  EXPECT_EQ(FormatTable({{"A"}}, 0), "");
}

TEST(Table, CutsTheWidestColumns) {
  EXPECT_EQ(FormatTable({{"A", "B"}, {"short", "a rather long text, as it is"}}, 20),
            "A      B\n"
            "short  a rather lon…\n");
  // No column becomes narrower than eight columns; the first, by which a row is known, stays whole.
  EXPECT_EQ(FormatTable({{"A", "B"}, {"123456789", "123456789"}}, 5),
            "A          B\n"
            "123456789  1234567…\n");
}

TEST(Table, LetsNoTextSteerTheTerminal) {
  EXPECT_EQ(FormatTable({{"A", "B"}, {"a\x1b[2J", "b\nc"}}, 0), "A      B\na?[2J  b c\n");
}

TEST(Table, ShowsTheFilterableFields) {
  const auto columns = ColumnsOf(membership::v1::Seat::descriptor(), false);
  std::vector<std::string> titles;
  for (const FieldPath& column : columns) titles.push_back(TitleOf(column));
  EXPECT_THAT(titles, ElementsAre("name", "term.start_date", "term.end_date", "role", "member"));
  EXPECT_THAT(ColumnsOf(membership::v1::Seat::descriptor(), true), SizeIs(6));
}

TEST(Table, ShowsDatesAsPreciseAsTheyAre) {
  membership::v1::Seat seat;
  seat.set_role(membership::v1::Seat::CHAIR);
  *seat.mutable_term()->mutable_start_date() = *ParseDate("2024-05");
  seat.mutable_delete_time()->set_seconds(1714608000);
  std::vector<std::string> cells;
  for (const FieldPath& column : ColumnsOf(seat.descriptor(), true)) {
    cells.push_back(CellOf(seat, column));
  }
  EXPECT_THAT(cells, UnorderedElementsAre("", "2024-05-02 00:00:00Z", "", "CHAIR", "2024-05", ""));
}

TEST(Json, SplitsArrays) {
  const std::string text = "\n [ {\"a\": \"]},{[\\\"\"},\n\n{\"b\": [1, {}]} , 3, \"x\" ]\n";
  ASSERT_OK_AND_ASSIGN(const auto elements, SplitArray(text));
  ASSERT_THAT(elements, SizeIs(4));
  EXPECT_EQ(elements[0].text, "{\"a\": \"]},{[\\\"\"}");
  EXPECT_EQ(elements[0].line, 2);
  EXPECT_EQ(elements[1].text, "{\"b\": [1, {}]}");
  EXPECT_EQ(elements[1].line, 4);
  EXPECT_EQ(elements[2].text, "3");
  EXPECT_EQ(elements[3].text, "\"x\"");
  EXPECT_THAT(*SplitArray("[]"), IsEmpty());
  EXPECT_THAT(*SplitArray(" [ \n ] "), IsEmpty());
}

TEST(Json, SaysWhereItIsWrong) {
  EXPECT_THAT(SplitArray("[\n{},\n{\"a\" 1}\n]"), MessageHas("line 3"));
  EXPECT_THAT(SplitArray("[{}"), MessageHas("isn't valid JSON"));
  EXPECT_THAT(SplitArray(""), MessageHas("isn't valid JSON"));
  EXPECT_THAT(SplitArray("{}"), MessageHas("isn't a JSON array"));
  EXPECT_THAT(SplitArray("[\"\xff\"]"), MessageHas("isn't valid JSON"));
}

TEST(Json, NamesTheFieldThatIsWrong) {
  membership::v1::Member member;
  EXPECT_OK(FromJson(R"({"displayName": "A", "region_code": "AU"})", member));
  EXPECT_EQ(member.region_code(), "AU");
  EXPECT_THAT(FromJson(R"({"comment": "x"})", member), MessageHas("comment"));
  EXPECT_THAT(FromJson(R"({"kind": "PLANET"})", member), MessageHas("kind"));
  EXPECT_THAT(FromJson(R"({"citations": [{"titel": "x"}]})", member), MessageHas("titel"));
  EXPECT_THAT(FromJson("{", member), MessageHas("isn't valid JSON"));
}

TEST(Json, HasNoFractionsOfWhatIsCounted) {
  capacity::v1::ReportedFigure figure;
  EXPECT_OK(FromJson(R"({"value": 17})", figure));
  EXPECT_THAT(FromJson(R"({"value": 17.5})", figure), MessageHas("value"));
}

TEST(Json, IsWrittenInTheOrderOfTheContract) {
  membership::v1::Member member;
  member.set_region_code("AU");
  member.set_display_name("Österreich");
  member.set_name("members/aut");
  EXPECT_EQ(*ToJson(member),
            "{\n  \"name\": \"members/aut\",\n  \"displayName\": \"Österreich\",\n"
            "  \"regionCode\": \"AU\"\n}\n");
  EXPECT_EQ(*ToJsonLine(member),
            R"({"name":"members/aut","displayName":"Österreich","regionCode":"AU"})");
  EXPECT_EQ(*ToJson(std::vector<const google::protobuf::Message*>{}), "[]\n");
}

}  // namespace
}  // namespace baliprocess::balictl
