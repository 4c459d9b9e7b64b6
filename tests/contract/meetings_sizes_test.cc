// What the replies of methods hold, and what methods add to a resource.

#include "absl/strings/str_cat.h"

#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using testing::BadFields;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::MemberOf;
using testing::Wide;

using MeetingsSizesTest = MeetingsTest;
INSTANTIATE_ON_ENGINES(MeetingsSizesTest);

// 80 KB each.
TEST_P(MeetingsSizesTest, AnAgendaThatIsTooLargeIsRefusedWithAReason) {
  AddMeeting("m");
  v1::CreateAgendaItemRequest request;
  request.set_parent("meetings/m");
  request.mutable_agenda_item()->set_display_name("Item");
  request.mutable_agenda_item()->set_summary(Wide(20000));
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) ASSERT_OK(Call<v1::AgendaItem>("CreateAgendaItem", request));
  };
  add(51);
  ASSERT_OK_AND_ASSIGN(const auto agenda, Call<v1::Agenda>("GetAgenda", "meeting: 'meetings/m'"));
  EXPECT_EQ(agenda.entries_size(), 51);
  add(2);
  EXPECT_THAT(Call<v1::Agenda>("GetAgenda", "meeting: 'meetings/m'").status(),
              HasReason(api::v1::Error::TOO_LARGE));
  // A method that writes does nothing then.
  ASSERT_OK_AND_ASSIGN(
      const auto before,
      Call<v1::ListAgendaItemsResponse>("ListAgendaItems", "parent: 'meetings/m' page_size: 1"));
  v1::ReorderAgendaRequest reorder;
  reorder.set_parent("meetings/m");
  std::string token;
  do {
    ASSERT_OK_AND_ASSIGN(
        const auto page,
        Call<v1::ListAgendaItemsResponse>(
            "ListAgendaItems", absl::StrCat("parent: 'meetings/m' order_by: 'position desc' "
                                            "page_token: '",
                                            token, "'")));
    for (const auto& item : page.agenda_items()) reorder.add_agenda_items(item.name());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(Call<v1::ReorderAgendaResponse>("ReorderAgenda", reorder).status(),
              HasReason(api::v1::Error::TOO_LARGE));
  EXPECT_EQ(Call<v1::AgendaItem>("GetAgendaItem",
                                 absl::StrCat("name: '", before.agenda_items(0).name(), "'"))
                ->position(),
            before.agenda_items(0).position());
}

// Exports are made whole before their readers take them.
TEST_P(MeetingsSizesTest, ACallerHoldsSoMuchOfExportsAtOnce) {
  AddMeeting("m");
  const auto exported = [&](const auth::Caller& caller) {
    return service_->CallText(caller, "ExportCalendar", "").status();
  };
  {
    PoolTicket held;
    ASSERT_TRUE(held.Take(service_->engine().held_replies().Of(Secretariat().subject),
                          resource::kMaxHeldBytes / 2));
    EXPECT_THAT(exported(Secretariat()), HasReason(api::v1::Error::OVERLOADED));
    EXPECT_OK(exported(Observer()));
  }
  EXPECT_OK(exported(Secretariat()));
}

// All members' texts together stay near what one resource may hold.
TEST_P(MeetingsSizesTest, WhatMembersAddToADecisionIsBounded) {
  v1::BreakSilenceRequest broken;
  broken.set_name("decisions/d");
  broken.set_member("members/aus");
  broken.set_kind(v1::Decision::Break::OBJECTION);
  broken.set_text(Wide(5001));
  testing::GiveRequestId(broken);
  EXPECT_THAT(
      BadFields(
          service_->Call<v1::Decision>(MemberOf("members/aus"), "BreakSilence", broken).status()),
      ElementsAre("text"));
  v1::AssociateReservationRequest reservation;
  reservation.set_name("decisions/d");
  reservation.set_member("members/aus");
  reservation.set_text(Wide(5001));
  testing::GiveRequestId(reservation);
  EXPECT_THAT(
      BadFields(
          service_->Call<v1::Decision>(MemberOf("members/aus"), "AssociateReservation", reservation)
              .status()),
      ElementsAre("text"));
}

}  // namespace
}  // namespace baliprocess::meetings
