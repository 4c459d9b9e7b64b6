// Who sees what, in reads, lists and error texts.

#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::SizeIs;

class VisibilityTest : public MembershipTest {
 protected:
  // A body for everyone, one for members, one for the secretariat, each with a seat for everyone.
  void SetUp() override {
    AddState("aus", "AU");
    for (const char* level : {"PUBLIC", "MEMBERS", "RESTRICTED"}) {
      const std::string id = absl::AsciiStrToLower(level);
      ASSERT_OK(Try("CreateBody", absl::StrCat("body_id: '", id, "' body { kind: TASK_FORCE ",
                                               "display_name: 'x' visibility: ", level, " }")));
      ASSERT_OK(
          Try("CreateSeat", absl::StrCat("parent: 'bodies/", id, "' seat_id: 's' seat { member: ",
                                         "'members/aus' role: PARTICIPANT visibility: PUBLIC }")));
    }
  }
  std::vector<std::string> Seats(const auth::Caller& caller) {
    const auto page = CallAs<v1::ListSeatsResponse>(caller, "ListSeats", "parent: 'bodies/-'");
    EXPECT_OK(page);
    std::vector<std::string> names;
    if (page.ok()) {
      for (const auto& seat : page->seats()) names.push_back(seat.name());
    }
    return names;
  }
  size_t CountBodies(const auth::Caller& caller) {
    const auto page = CallAs<v1::ListBodiesResponse>(caller, "ListBodies", "");
    EXPECT_OK(page);
    return page.ok() ? page->bodies_size() : 0;
  }
};

TEST_P(VisibilityTest, OfRowsAndWhatIsBelowThem) {
  EXPECT_EQ(CountBodies(Secretariat()), 3u);
  EXPECT_THAT(Seats(Secretariat()), SizeIs(3));
  for (const auth::Caller& reader : {Observer(), MemberOf("members/aus"), Operator()}) {
    EXPECT_EQ(CountBodies(reader), 2u);
    EXPECT_THAT(Seats(reader), ElementsAre("bodies/members/seats/s", "bodies/public/seats/s"));
  }
  EXPECT_EQ(CountBodies(Anyone()), 1u);
  EXPECT_THAT(Seats(Anyone()), ElementsAre("bodies/public/seats/s"));
}

TEST_P(VisibilityTest, WhatIsHiddenIsAsIfMissing) {
  // Pairs of requests that differ in nothing but whether there is something.
  const std::tuple<const char*, const char*, const char*> probes[] = {
      {"GetBody", "name: 'bodies/restricted'", "name: 'bodies/unrecorded'"},
      {"GetSeat", "name: 'bodies/restricted/seats/s'", "name: 'bodies/unrecorded/seats/s'"},
      {"BatchGetBodies", "names: 'bodies/restricted'", "names: 'bodies/unrecorded'"},
      {"BatchGetSeats", "names: 'bodies/restricted/seats/s'", "names: 'bodies/unrecorded/seats/s'"},
      {"ListSeats", "parent: 'bodies/restricted'", "parent: 'bodies/unrecorded'"},
      {"GetComposition", "body: 'bodies/restricted'", "body: 'bodies/unrecorded'"}};
  for (const auto& [method, hidden, missing] : probes) {
    for (const auth::Caller& caller : {Anyone(), Observer()}) {
      const absl::Status told = TryAs(caller, method, hidden);
      const absl::Status expected = TryAs(caller, method, missing);
      EXPECT_THAT(told, HasReason(api::v1::Error::RESOURCE_NOT_FOUND)) << method;
      EXPECT_EQ(told.ToString(),
                absl::StrReplaceAll(expected.ToString(), {{"unrecorded", "restricted"}}));
    }
  }
}

TEST_P(VisibilityTest, FiltersDontReachWhatIsHidden) {
  const auto page = CallAs<v1::ListBodiesResponse>(Anyone(), "ListBodies",
                                                   "filter: 'visibility != PUBLIC OR name:*'");
  ASSERT_OK(page);
  EXPECT_THAT(page->bodies(), SizeIs(1));
}

TEST_P(VisibilityTest, OfFields) {
  AddOfficial("one", "Official One");
  ASSERT_OK_AND_ASSIGN(const auto full, Call<v1::Official>("GetOfficial", "name: 'officials/one'"));
  EXPECT_EQ(full.contact().email(), "someone@example.org");
  for (const auth::Caller& reader : {Observer(), MemberOf("members/aus"), Operator()}) {
    ASSERT_OK_AND_ASSIGN(const auto seen,
                         CallAs<v1::Official>(reader, "GetOfficial", "name: 'officials/one'"));
    EXPECT_EQ(seen.display_name(), "Official One");
    EXPECT_FALSE(seen.has_contact());
    ASSERT_OK_AND_ASSIGN(const auto list,
                         CallAs<v1::ListOfficialsResponse>(reader, "ListOfficials", ""));
    ASSERT_THAT(list.officials(), SizeIs(1));
    EXPECT_FALSE(list.officials(0).has_contact());
    ASSERT_OK_AND_ASSIGN(const auto batch,
                         CallAs<v1::BatchGetOfficialsResponse>(reader, "BatchGetOfficials",
                                                               "names: 'officials/one'"));
    EXPECT_FALSE(batch.officials(0).has_contact());
    // A field that a caller may not see is to it like one that isn't there.
    const absl::Status probe =
        TryAs(reader, "ListOfficials", "filter: 'contact.email = \"someone@example.org\"'");
    EXPECT_THAT(BadFields(probe), ElementsAre("filter"));
    EXPECT_THAT(BadFields(TryAs(reader, "ListOfficials", "order_by: 'contact.email'")),
                ElementsAre("order_by"));
  }
  EXPECT_THAT(TryAs(Anyone(), "GetOfficial", "name: 'officials/one'"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

// To delete is to publish no longer.
TEST_P(VisibilityTest, WhatIsDeletedIsNotForThePublic) {
  ASSERT_OK(Try("DeleteSeat", "name: 'bodies/public/seats/s'"));
  const auto reads = [&](const auth::Caller& reader) {
    return std::tuple(TryAs(reader, "GetSeat", "name: 'bodies/public/seats/s'").ok(),
                      TryAs(reader, "BatchGetSeats", "names: 'bodies/public/seats/s'").ok(),
                      CallAs<v1::ListSeatsResponse>(reader, "ListSeats",
                                                    "parent: 'bodies/public' show_deleted: true")
                          ->seats_size());
  };
  EXPECT_EQ(reads(Anyone()), std::tuple(false, false, 0));
  for (const auth::Caller& reader : {Observer(), MemberOf("members/aus"), Secretariat()}) {
    EXPECT_EQ(reads(reader), std::tuple(true, true, 1));
  }
  ASSERT_OK(Try("UndeleteSeat", "name: 'bodies/public/seats/s'"));
  EXPECT_EQ(reads(Anyone()), std::tuple(true, true, 1));
}

// Whatever a method puts into its reply.
TEST_P(VisibilityTest, NoReplyHasFieldsAboveTheClearance) {
  resource::Engine& engine = service_->engine();
  rpc::Call call;
  call.method = service_->table().service()->FindMethodByName("GetOfficial");
  const v1::GetOfficialRequest request = [] {
    v1::GetOfficialRequest get;
    get.set_name("officials/one");
    return get;
  }();
  v1::Official reply;
  const auto careless = [&](resource::Scope&) {
    reply.set_display_name("Official One");
    reply.mutable_contact()->set_email("someone@example.org");
    return absl::OkStatus();
  };
  const std::function<absl::Status()> ways[] = {
      [&] { return engine.Read(call, request, reply, careless); },
      [&] { return engine.ReadOne(call, request, reply, careless); },
      [&] { return engine.ReadKept(call, request, reply, careless); },
      [&] { return engine.Mutate(call, request, reply, careless); }};
  for (const auto& way : ways) {
    call.caller = Observer();
    ASSERT_OK(way());
    EXPECT_EQ(reply.display_name(), "Official One");
    EXPECT_FALSE(reply.has_contact());
    call.caller = Secretariat();
    ASSERT_OK(way());
    EXPECT_TRUE(reply.has_contact());
  }
}

TEST_P(VisibilityTest, AMemberCantReferToWhatItDoesntSee) {
  AddOfficial("one", "Official One");
  const char* const request = R"(parent: 'officials/one'
      appointment { post: FOCAL_POINT body: 'bodies/restricted' on_behalf_of: 'members/aus' })";
  const absl::Status status = TryAs(MemberOf("members/aus"), "CreateAppointment", request);
  EXPECT_THAT(status, HasReason(api::v1::Error::REFERENCE_NOT_FOUND));
  EXPECT_OK(Try("CreateAppointment", request));
}

TEST_P(VisibilityTest, AMemberChangesOnlyWhatIsItsOwn) {
  AddState("idn", "ID");
  AddOfficial("one", "Official One");
  ASSERT_OK(Try("UpdateOfficial", "official { name: 'officials/one' member: 'members/aus' }"));
  ASSERT_OK_AND_ASSIGN(const auto own,
                       CallAs<v1::Appointment>(MemberOf("members/aus"), "CreateAppointment",
                                               R"(parent: 'officials/one' appointment_id: 'aus-a'
          appointment { post: FOCAL_POINT body: 'bodies/public' on_behalf_of: 'members/aus' })"));
  EXPECT_OK(TryAs(MemberOf("members/aus"), "UpdateAppointment", R"(
      appointment { name: 'officials/one/appointments/aus-a' on_behalf_of: 'members/aus' title: 'T' })"));
  // The request names the caller's member, but the appointment is another's.
  const char* const takeover = R"(allow_missing: true
      appointment { name: 'officials/one/appointments/aus-a' on_behalf_of: 'members/idn'
                    post: STAFF body: 'bodies/public' title: 'Taken' })";
  EXPECT_THAT(TryAs(MemberOf("members/idn"), "UpdateAppointment", takeover),
              HasReason(api::v1::Error::ACCESS_DENIED));
  ASSERT_OK_AND_ASSIGN(
      const auto after,
      Call<v1::Appointment>("GetAppointment", "name: 'officials/one/appointments/aus-a'"));
  EXPECT_EQ(after.on_behalf_of(), "members/aus");
  EXPECT_EQ(after.title(), "T");
  EXPECT_OK(Try("UpdateAppointment", takeover));  // the secretariat may
}

TEST_P(VisibilityTest, TheOperatorAuditsWithoutReading) {
  AddOfficial("one", "Official One");
  const auto changes = Changes("", Operator());
  EXPECT_THAT(changes, SizeIs(Changes().size()));
  int restricted = 0;
  for (const auto& change : changes) {
    EXPECT_THAT(change.actor(), "secretary");
    const bool hidden = change.resource().find("restricted") != std::string::npos;
    EXPECT_EQ(change.has_after(), !hidden) << change.resource();
    restricted += hidden ? 1 : 0;
    v1::Official official;
    if (change.after().UnpackTo(&official)) {
      EXPECT_EQ(official.display_name(), "Official One");
      EXPECT_FALSE(official.has_contact());
    }
  }
  EXPECT_EQ(restricted, 2);
}

INSTANTIATE_ON_ENGINES(VisibilityTest);

}  // namespace
}  // namespace baliprocess::membership
