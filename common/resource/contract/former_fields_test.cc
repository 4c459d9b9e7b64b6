#include "common/resource/contract/former_fields.h"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "baliprocess/capacity/v1/activity.pb.h"
#include "baliprocess/meetings/v1/agenda_item.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using capacity::v1::Activity;
using meetings::v1::AgendaItem;
using meetings::v1::Delegation;

// Gives a message a string as an earlier version of its contract had it.
template <typename M>
void AddFormer(int number, const std::string& value, M& message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(number, value);
}

TEST(FormerFieldsTest, AStringBecomesTheFieldThatTookItsPlace) {
  Delegation delegation;
  delegation.set_override_reason("stays");
  AddFormer(10, "members/aus", delegation);
  CarryFormerFields(delegation);
  EXPECT_EQ(delegation.participant().member(), "members/aus");
  EXPECT_EQ(delegation.override_reason(), "stays");
  EXPECT_TRUE(delegation.GetReflection()->GetUnknownFields(delegation).empty());
}

TEST(FormerFieldsTest, MessagesInsideAreCarriedToo) {
  Activity activity;
  AddFormer(4, "A company", *activity.add_partners());
  AddFormer(2, "bodies/rso", *activity.add_partners());
  CarryFormerFields(activity);
  EXPECT_EQ(activity.partners(0).party().display_name(), "A company");
  EXPECT_EQ(activity.partners(1).party().body(), "bodies/rso");
}

// An official that presented for a member; a member that presented by itself.
TEST(FormerFieldsTest, WhatOneFieldLeavesIsForTheNext) {
  AgendaItem item;
  AgendaItem::Presenter& official = *item.add_presenters();
  AddFormer(1, "officials/bell", official);
  AddFormer(2, "members/aus", official);
  AddFormer(2, "members/idn", *item.add_presenters());
  CarryFormerFields(item);
  EXPECT_EQ(item.presenters(0).presenter().official(), "officials/bell");
  EXPECT_EQ(item.presenters(0).on_behalf_of().member(), "members/aus");
  EXPECT_EQ(item.presenters(1).presenter().member(), "members/idn");
  EXPECT_FALSE(item.presenters(1).has_on_behalf_of());
}

TEST(FormerFieldsTest, WhatIsSetStaysAndTheUnknownIsLeftAlone) {
  Delegation delegation;
  delegation.mutable_participant()->set_body("bodies/rso");
  AddFormer(10, "members/aus", delegation);
  AddFormer(900, "of a newer program", delegation);
  delegation.GetReflection()->MutableUnknownFields(&delegation)->AddVarint(13, 7);
  CarryFormerFields(delegation);
  EXPECT_EQ(delegation.participant().body(), "bodies/rso");
  EXPECT_EQ(delegation.GetReflection()->GetUnknownFields(delegation).field_count(), 3);
}

}  // namespace
}  // namespace baliprocess::resource
