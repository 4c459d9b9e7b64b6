// Delegates: who names them, until when, and what becomes of the lists of earlier programs.

#include <google/protobuf/unknown_field_set.h>

#include "absl/strings/str_cat.h"

#include "common/resource/store/schema.h"
#include "common/resource/store/table.h"
#include "services/meetings/service.h"
#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Delegate;
using v1::Delegation;

class DelegateTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("a", "start_date { year: 2024 month: 5 day: 2 }");
    for (const char* member : {"aus", "idn"}) {
      ASSERT_OK(
          Try("CreateDelegation",
              absl::StrCat("parent: 'meetings/a' delegation_id: '", member,
                           "' delegation { participant { member: 'members/", member, "' } }")));
    }
  }
  static std::string Creation(const std::string& id, const std::string& fields,
                              const std::string& delegation = "aus") {
    return absl::StrCat("parent: 'meetings/a/delegations/", delegation, "' delegate_id: '", id,
                        "' delegate { ", fields, " }");
  }
  absl::Status Add(const auth::Caller& caller, const std::string& id, const std::string& fields,
                   const std::string& delegation = "aus") {
    return TryAs(caller, "CreateDelegate", Creation(id, fields, delegation));
  }
  std::vector<Delegate> List(const auth::Caller& caller) {
    const auto listed = CallAs<v1::ListDelegatesResponse>(caller, "ListDelegates",
                                                          "parent: 'meetings/-/delegations/-'");
    EXPECT_OK(listed);
    return {listed->delegates().begin(), listed->delegates().end()};
  }
  static auth::Caller Aus() { return MemberOf("members/aus"); }

  static constexpr char kBell[] = "person { official: 'officials/bell' } member: 'members/aus' ";
  static constexpr char kGuest[] = "person { display_name: 'A. Guest' } member: 'members/aus' ";
};
INSTANTIATE_ON_ENGINES(DelegateTest);

TEST_P(DelegateTest, AMemberNamesItsOwnUntilTheMeetingIsOver) {
  ASSERT_OK(Add(Aus(), "aus-one", kBell));
  EXPECT_THAT(Add(MemberOf("members/idn"), "aus-two", kGuest),
              HasReason(api::v1::Error::ACCESS_DENIED));
  // Its own name in another's delegation.
  EXPECT_THAT(BadFields(Add(Aus(), "aus-two", kGuest, "idn")), ElementsAre("delegate.member"));
  EXPECT_THAT(BadFields(Add(Aus(), "aus-two", std::string(kGuest) + "visibility: RESTRICTED")),
              ElementsAre("delegate.visibility"));
  const std::string one = "name: 'meetings/a/delegations/aus/delegates/aus-one'";
  ASSERT_OK(TryAs(Aus(), "DeleteDelegate", one));
  ASSERT_OK(Try("ConveneMeeting", "name: 'meetings/a'"));
  ASSERT_OK(Try("ConcludeMeeting", "name: 'meetings/a'"));
  EXPECT_THAT(Add(Aus(), "aus-two", kGuest), HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_THAT(TryAs(Aus(), "UndeleteDelegate", one), HasReason(api::v1::Error::WRONG_STATE));
  ASSERT_OK(Try("UndeleteDelegate", one));
  EXPECT_THAT(TryAs(Aus(), "UpdateDelegate",
                    absl::StrCat("delegate { ", one, " member: 'members/aus' title: 'x' }")),
              HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_THAT(TryAs(Aus(), "DeleteDelegate", one), HasReason(api::v1::Error::WRONG_STATE));
  EXPECT_OK(Add(Secretariat(), "aus-two", kGuest));
}

TEST_P(DelegateTest, ADelegationHasOneHead) {
  ASSERT_OK(Add(Aus(), "aus-one", std::string(kBell) + "role: HEAD"));
  EXPECT_EQ(RuleOf(Add(Aus(), "aus-two", std::string(kGuest) + "role: HEAD")), "head_taken");
  ASSERT_OK(Add(Aus(), "aus-two", std::string(kGuest) + "role: ADVISER"));
  EXPECT_EQ(RuleOf(TryAs(Aus(), "UpdateDelegate",
                         "delegate { name: 'meetings/a/delegations/aus/delegates/aus-two' "
                         "member: 'members/aus' role: HEAD }")),
            "head_taken");
  ASSERT_OK(TryAs(Aus(), "DeleteDelegate", "name: 'meetings/a/delegations/aus/delegates/aus-one'"));
  ASSERT_OK(TryAs(Aus(), "UpdateDelegate",
                  "delegate { name: 'meetings/a/delegations/aus/delegates/aus-two' "
                  "member: 'members/aus' role: HEAD }"));
  EXPECT_EQ(RuleOf(TryAs(Aus(), "UndeleteDelegate",
                         "name: 'meetings/a/delegations/aus/delegates/aus-one'")),
            "head_taken");
}

TEST_P(DelegateTest, ThePublicSeesNoneAndMembersNoContacts) {
  ASSERT_OK(Add(Secretariat(), "aus-one",
                std::string(kGuest) + "contact { email: 'a@example.org' } presence: REMOTE"));
  EXPECT_THAT(List(Anyone()), IsEmpty());
  ASSERT_THAT(List(Aus()), SizeIs(1));
  EXPECT_FALSE(List(Aus())[0].has_contact());
  EXPECT_EQ(List(Aus())[0].presence(), Delegate::REMOTE);
  EXPECT_EQ(List(Secretariat())[0].contact().email(), "a@example.org");
}

TEST_P(DelegateTest, ADelegationStaysWhileItHasDelegates) {
  ASSERT_OK(Add(Aus(), "aus-one", kBell));
  EXPECT_THAT(TryAs(Aus(), "DeleteDelegation", "name: 'meetings/a/delegations/aus'"),
              HasReason(api::v1::Error::STILL_REFERENCED));
}

// A delegation as programs stored it that kept delegates within it.
TEST_P(DelegateTest, TheListsOfEarlierProgramsBecomeResources) {
  const auto registry = Resources();
  ASSERT_OK(registry);
  const auto& type = *registry->Find(Delegation::descriptor());
  ASSERT_OK(service_->database().Write([&](storage::Transaction& tx) -> absl::Status {
    Delegation delegation;
    RETURN_IF_ERROR(resource::Load(tx, type, "meetings/a/delegations/aus", delegation).status());
    delegation.clear_participant();
    auto* former = delegation.GetReflection()->MutableUnknownFields(&delegation);
    former->AddLengthDelimited(10, "members/aus");
    google::protobuf::UnknownFieldSet head;
    head.AddLengthDelimited(1, "officials/bell");
    head.AddVarint(4, 1);
    google::protobuf::UnknownFieldSet other;
    other.AddLengthDelimited(2, "A. Guest");
    other.AddLengthDelimited(3, "Adviser");
    for (const auto* one : {&head, &other}) {
      std::string bytes;
      one->SerializeToString(&bytes);
      former->AddLengthDelimited(17, bytes);
    }
    return resource::Replace(tx, type, {0}, nullptr, delegation);
  }));
  Restart();
  ASSERT_OK_AND_ASSIGN(const auto delegation,
                       Call<Delegation>("GetDelegation", "name: 'meetings/a/delegations/aus'"));
  EXPECT_EQ(delegation.participant().member(), "members/aus");
  EXPECT_TRUE(delegation.GetReflection()->GetUnknownFields(delegation).empty());
  const auto delegates = List(Secretariat());
  ASSERT_THAT(delegates, SizeIs(2));
  EXPECT_EQ(delegates[0].name(), "meetings/a/delegations/aus/delegates/d1");
  EXPECT_EQ(delegates[0].person().official(), "officials/bell");
  EXPECT_EQ(delegates[0].role(), Delegate::HEAD);
  EXPECT_EQ(delegates[0].member(), "members/aus");
  EXPECT_EQ(delegates[1].person().display_name(), "A. Guest");
  EXPECT_EQ(delegates[1].title(), "Adviser");
  EXPECT_THAT(Changes("type = \"baliprocess.net/Delegate\""), SizeIs(2));
  // Each has become a resource as any other, once.
  Restart();
  EXPECT_THAT(List(Secretariat()), SizeIs(2));
  EXPECT_OK(TryAs(Aus(), "UpdateDelegate",
                  "delegate { name: 'meetings/a/delegations/aus/delegates/d2' "
                  "member: 'members/aus' role: DELEGATE }"));
}

}  // namespace
}  // namespace baliprocess::meetings
