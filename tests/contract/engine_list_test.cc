// Lists: filters, order, pages, parents.

#include <set>

#include "absl/strings/str_join.h"

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ListTest : public MembershipTest {
 protected:
  // The ids of a list of bodies, in order.
  std::vector<std::string> Ids(const std::string& request) {
    const auto reply = Call<v1::ListBodiesResponse>("ListBodies", request);
    EXPECT_OK(reply);
    std::vector<std::string> ids;
    if (!reply.ok()) return ids;
    for (const auto& body : reply->bodies()) ids.push_back(body.name().substr(7));
    return ids;
  }
  void AddBodyWith(const std::string& id, const std::string& fields) {
    ASSERT_OK(Try("CreateBody", absl::StrCat("body_id: '", id, "' body { ", fields, " }")));
  }
  void AddFour() {
    AddBodyWith("a", "kind: TASK_FORCE display_name: 'Same' term { start_date { year: 2010 } }");
    AddBodyWith("b", "kind: WORKING_GROUP display_name: 'Same'");
    AddBodyWith("c", "kind: TASK_FORCE display_name: 'Other' parent_body: 'bodies/a'");
    AddBodyWith("d", R"(kind: TASK_FORCE display_name: 'Same'
                        term { start_date { year: 2005 month: 3 } end_date { year: 2012 } })");
  }
};

TEST_P(ListTest, IsByName) {
  AddFour();
  EXPECT_THAT(Ids(""), ElementsAre("a", "b", "c", "d"));
}

TEST_P(ListTest, Filters) {
  AddFour();
  EXPECT_THAT(Ids("filter: 'kind = TASK_FORCE AND display_name = \"Same\"'"),
              ElementsAre("a", "d"));
  EXPECT_THAT(Ids("filter: 'parent_body = \"bodies/a\"'"), ElementsAre("c"));
  EXPECT_THAT(Ids("filter: 'NOT kind = TASK_FORCE OR name = \"bodies/c\"'"), ElementsAre("b", "c"));
  EXPECT_THAT(Ids("filter: 'display_name:\"am\"'"), ElementsAre("a", "b", "d"));
  EXPECT_THAT(Ids("filter: 'display_name = \"O*\"'"), ElementsAre("c"));
  EXPECT_THAT(Ids("filter: 'term.start_date < 2010'"), ElementsAre("d"));
  EXPECT_THAT(Ids("filter: 'term.start_date >= 2010-01'"), ElementsAre("a"));
  EXPECT_THAT(Ids("filter: 'term.start_date >= 2010-06'"), IsEmpty());  // nobody knows
  EXPECT_THAT(Ids("filter: 'term.end_date:*'"), ElementsAre("d"));
  EXPECT_THAT(Ids("filter: 'create_time >= \"2024-05-02T09:00:00Z\"'"), SizeIs(4));
  EXPECT_THAT(Ids("filter: 'create_time < 2024-05-02'"), IsEmpty());
  EXPECT_THAT(Ids("filter: 'visibility = PUBLIC'"), SizeIs(4));
}

TEST_P(ListTest, PatternsOfSqlAreText) {
  AddBodyWith("a", "kind: TASK_FORCE display_name: '100% sure'");
  AddBodyWith("b", "kind: TASK_FORCE display_name: '100 sure'");
  AddBodyWith("c", "kind: TASK_FORCE display_name: \"it's _x_\"");
  EXPECT_THAT(Ids("filter: 'display_name:\"0% s\"'"), ElementsAre("a"));
  EXPECT_THAT(Ids("filter: 'display_name:\"_\"'"), ElementsAre("c"));
  EXPECT_THAT(Ids("filter: \"display_name = \\\"it's _x_\\\"\""), ElementsAre("c"));
  EXPECT_THAT(Ids("filter: 'display_name:\"SURE\"'"), IsEmpty());
}

TEST_P(ListTest, FiltersThatAreWrong) {
  for (const char* filter :
       {"nickname = 1", "kind = NONSENSE", "kind", "kind =", "(kind = TASK_FORCE", "kind = 1 )",
        "term.start_date = 2024-02-30", "create_time = yesterday", "mandate = 'x'", "message = 'x'",
        "parent = 'x'", "layout = 1", "etag = 'x'", "AND", "kind = TASK_FORCE AND"}) {
    const absl::Status status = Try("ListBodies", absl::StrCat("filter: \"", filter, "\""));
    EXPECT_THAT(BadFields(status), ElementsAre("filter")) << filter << ": " << status;
  }
}

TEST_P(ListTest, FiltersHaveLimits) {
  const std::string deep =
      absl::StrCat(std::string(10'000, '('), "name = a", std::string(10'000, ')'));
  EXPECT_THAT(BadFields(Try("ListBodies", absl::StrCat("filter: '", deep, "'"))),
              ElementsAre("filter"));
  std::string negated;
  for (int i = 0; i < 4'000; ++i) negated += "NOT ";
  EXPECT_THAT(BadFields(Try("ListBodies", absl::StrCat("filter: '", negated, "name = a'"))),
              ElementsAre("filter"));
  const std::vector<std::string> many(1'000, "name = a");
  EXPECT_THAT(
      BadFields(Try("ListBodies", absl::StrCat("filter: '", absl::StrJoin(many, " OR "), "'"))),
      ElementsAre("filter"));
}

TEST_P(ListTest, Orders) {
  AddFour();
  EXPECT_THAT(Ids("order_by: 'name desc'"), ElementsAre("d", "c", "b", "a"));
  EXPECT_THAT(Ids("order_by: 'display_name'"), ElementsAre("c", "a", "b", "d"));
  EXPECT_THAT(Ids("order_by: 'display_name desc'"), ElementsAre("a", "b", "d", "c"));
  EXPECT_THAT(Ids("order_by: 'display_name, name desc'"), ElementsAre("c", "d", "b", "a"));
  EXPECT_THAT(Ids("order_by: 'term.start_date'"), ElementsAre("b", "c", "d", "a"));
  EXPECT_THAT(Ids("order_by: 'kind desc, term.start_date desc'"), ElementsAre("a", "d", "c", "b"));
  for (const char* order : {"nickname", "mandate", "name up", "name,,kind", "name,name"}) {
    EXPECT_THAT(BadFields(Try("ListBodies", absl::StrCat("order_by: '", order, "'"))),
                ElementsAre("order_by"))
        << order;
  }
}

TEST_P(ListTest, PagesFollowEachOtherInEveryOrder) {
  AddFour();
  for (const char* order : {"", "name desc", "display_name", "display_name desc, name desc",
                            "term.start_date", "term.end_date desc, kind", "create_time desc"}) {
    const std::vector<std::string> all = Ids(absl::StrCat("order_by: '", order, "'"));
    std::vector<std::string> paged;
    std::string token;
    do {
      ASSERT_OK_AND_ASSIGN(
          const auto page,
          Call<v1::ListBodiesResponse>("ListBodies", absl::StrCat("page_size: 1 order_by: '", order,
                                                                  "' page_token: '", token, "'")));
      ASSERT_THAT(page.bodies(), SizeIs(1)) << order;
      paged.push_back(page.bodies(0).name().substr(7));
      token = page.next_page_token();
    } while (!token.empty() && paged.size() < 10);
    EXPECT_EQ(paged, all) << order;
  }
}

TEST_P(ListTest, PageSizeIsCoerced) {
  std::string batch = "parent: 'bodies/ahg' ";
  AddState("aus", "AU");
  AddBody("ahg");
  for (int year = 0; year < 1000; ++year) {
    absl::StrAppend(&batch, "requests { parent: 'bodies/ahg' seat { member: 'members/aus' ",
                    "role: PARTICIPANT term { start_date { year: ", 1000 + year,
                    " month: 1 day: 1 } end_date { year: ", 1000 + year,
                    " month: 2 day: 1 } } } }");
  }
  ASSERT_OK(Try("BatchCreateSeats", batch));
  ASSERT_OK(TryAddSeat("bodies/ahg", "members/aus", v1::Seat::PARTICIPANT, "2001"));
  const auto count = [&](const char* size) {
    const auto page = Call<v1::ListSeatsResponse>(
        "ListSeats", absl::StrCat("parent: 'bodies/ahg' page_size: ", size));
    EXPECT_OK(page);
    return page.ok() ? page->seats_size() : -1;
  };
  EXPECT_EQ(count("0"), 100);
  EXPECT_EQ(count("7"), 7);
  EXPECT_EQ(count("2000000000"), 1000);
  EXPECT_THAT(BadFields(Try("ListSeats", "parent: 'bodies/ahg' page_size: -1")),
              ElementsAre("page_size"));
}

TEST_P(ListTest, PagesShowEachRowOnceWhileOthersAreAdded) {
  std::set<std::string> before;
  for (int i = 0; i < 20; ++i) before.insert(AddBody(absl::StrCat("m", i)).name());
  for (const char* order : {"", "display_name desc"}) {
    std::multiset<std::string> seen;
    std::string token;
    int added = 0;
    do {
      ASSERT_OK_AND_ASSIGN(
          const auto page,
          Call<v1::ListBodiesResponse>("ListBodies", absl::StrCat("page_size: 3 order_by: '", order,
                                                                  "' page_token: '", token, "'")));
      for (const auto& body : page.bodies()) seen.insert(body.name());
      token = page.next_page_token();
      for (const char* prefix : {"a", "m1", "z"}) {
        AddBody(absl::StrCat(prefix, "-", std::string(order).size(), "-", added));
      }
      ++added;
    } while (!token.empty() && added < 40);
    for (const std::string& name : before) EXPECT_EQ(seen.count(name), 1u) << name << " " << order;
    for (const std::string& name : seen) EXPECT_EQ(seen.count(name), 1u) << name << " " << order;
  }
}

TEST_P(ListTest, ATokenIsOfItsQueryCallerAndMethod) {
  AddFour();
  AddState("aus", "AU");
  AddState("idn", "ID");
  ASSERT_OK_AND_ASSIGN(const auto page, Call<v1::ListBodiesResponse>("ListBodies", "page_size: 1"));
  const std::string token = absl::StrCat("page_token: '", page.next_page_token(), "' ");
  EXPECT_OK(Try("ListBodies", token + "page_size: 3"));
  for (const char* other : {"filter: 'kind = TASK_FORCE'", "order_by: 'kind'", "order_by: 'name'",
                            "show_deleted: true"}) {
    EXPECT_THAT(Try("ListBodies", token + other), HasReason(api::v1::Error::INVALID_PAGE_TOKEN))
        << other;
  }
  EXPECT_THAT(Try("ListMembers", token), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_THAT(Try("ListChanges", token), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  for (const auth::Caller& caller : {Anyone(), Observer(), MemberOf("members/aus")}) {
    EXPECT_THAT(TryAs(caller, "ListBodies", token), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  }
  std::string damaged = page.next_page_token();
  damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& bad :
       {damaged, damaged.substr(1), std::string("x"), std::string("%00")}) {
    EXPECT_THAT(Try("ListBodies", absl::StrCat("page_token: '", bad, "'")),
                HasReason(api::v1::Error::INVALID_PAGE_TOKEN))
        << bad;
  }
  Restart();
  EXPECT_OK(Try("ListBodies", token));
}

TEST_P(ListTest, Parents) {
  AddState("aus", "AU");
  AddBody("a");
  AddBody("b");
  ASSERT_OK(TryAddSeat("bodies/a", "members/aus", v1::Seat::PARTICIPANT));
  ASSERT_OK(TryAddSeat("bodies/b", "members/aus", v1::Seat::PARTICIPANT));
  const auto count = [&](const char* parent) {
    const auto page =
        Call<v1::ListSeatsResponse>("ListSeats", absl::StrCat("parent: '", parent, "'"));
    EXPECT_OK(page);
    return page.ok() ? page->seats_size() : -1;
  };
  EXPECT_EQ(count("bodies/a"), 1);
  EXPECT_EQ(count("bodies/-"), 2);
  EXPECT_THAT(Try("ListSeats", "parent: 'bodies/none'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
  for (const char* parent : {"", "members/aus", "bodies/%", "bodies/_", "bodies/a/seats/b"}) {
    EXPECT_THAT(BadFields(Try("ListSeats", absl::StrCat("parent: '", parent, "'"))),
                ElementsAre("parent"))
        << parent;
  }
}

TEST_P(ListTest, DeletedOnesAreShownWhenAskedFor) {
  AddFour();
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/b'"));
  EXPECT_THAT(Ids(""), ElementsAre("a", "c", "d"));
  EXPECT_THAT(Ids("show_deleted: true"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(Ids("show_deleted: true filter: 'delete_time:*'"), ElementsAre("b"));
}

TEST_P(ListTest, AppointmentsAreListedByTheirBody) {
  AddBody("ahg");
  AddBody("rso");
  AddOfficial("one", "Official One");
  for (const char* body : {"ahg", "rso"}) {
    ASSERT_OK(Try("CreateAppointment",
                  absl::StrCat("parent: 'officials/one' appointment_id: '", body,
                               "' appointment { post: STAFF body: 'bodies/", body, "' }")));
  }
  ASSERT_OK_AND_ASSIGN(
      const auto page,
      Call<v1::ListAppointmentsResponse>("ListAppointments",
                                         "parent: 'officials/-' filter: 'body = \"bodies/rso\"'"));
  ASSERT_THAT(page.appointments(), SizeIs(1));
  EXPECT_EQ(page.appointments(0).body(), "bodies/rso");
}

INSTANTIATE_ON_ENGINES(ListTest);

}  // namespace
}  // namespace baliprocess::membership
