// balictl import beside others who change the same records, and of records that the server
// completes.

#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/meetings/v1/meeting.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "common/base/errors.h"
#include "services/balictl/testing/server_fixture.h"

namespace baliprocess::balictl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kMember[] = R"([{"name": "members/iom", "kind": "ORGANISATION",
    "category": "FULL_MEMBER", "displayName": "IOM"}])";

class ImportTest : public ServerFixture {
 protected:
  Ran Import() { return Do({"import", data_.path()}); }
  template <typename T>
  void Keep(T resource) {
    resource.set_etag(absl::StrCat("version ", ++versions_));
    server_.resources[resource.name()] = std::make_unique<T>(resource);
  }
  void KeepMember(const std::string& display_name) {
    membership::v1::Member member;
    member.set_name("members/iom");
    member.set_kind(membership::v1::Member::ORGANISATION);
    member.set_category(membership::v1::Member::FULL_MEMBER);
    member.set_display_name(display_name);
    Keep(member);
  }
  // Before each of the first `count` updates, somebody else is faster.
  void ChangeMeanwhile(int count, const std::string& display_name) {
    server_.before = [=, this, left = count](const SeenCall& call) mutable {
      if (call.method.starts_with("Update") && left-- > 0) KeepMember(display_name);
      return absl::OkStatus();
    };
  }
  int Updates() const {
    return static_cast<int>(
        std::count_if(server_.calls.begin(), server_.calls.end(),
                      [](const SeenCall& call) { return call.method.starts_with("Update"); }));
  }
  int versions_ = 0;
};

TEST_F(ImportTest, ComparesAgainWhenSomebodyElseWasFaster) {
  data_.Write("membership/members.json", kMember);
  KeepMember("An organisation");
  ChangeMeanwhile(1, "IOM");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("members.json: 1 unchanged"));
  EXPECT_EQ(Updates(), 1);
}

TEST_F(ImportTest, ReplacesNothingThatWasMadeMeanwhile) {
  data_.Write("membership/members.json", kMember);
  ChangeMeanwhile(1, "IOM");
  const Ran ran = Import();
  EXPECT_THAT(ran.out, HasSubstr("members.json: 1 unchanged"));
  EXPECT_EQ(Updates(), 1);
}

TEST_F(ImportTest, TellsWhatNeverStaysTheSame) {
  data_.Write("membership/members.json", kMember);
  KeepMember("An organisation");
  ChangeMeanwhile(100, "Another");
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("members/iom"), HasSubstr("ETAG_MISMATCH")));
  EXPECT_EQ(Updates(), 5);
}

TEST_F(ImportTest, SendsNothingWhereOnlyWhatTheServerKeepsIsLeftOut) {
  data_.Write("meetings/meetings.json",
              R"([{"name": "meetings/a", "body": "bodies/ahg", "displayName": "A"}])");
  meetings::v1::Meeting meeting;
  meeting.set_name("meetings/a");
  meeting.set_body("bodies/ahg");
  meeting.set_display_name("A");
  meeting.set_state(meetings::v1::Meeting::POSTPONED);  // can't be changed
  meeting.set_state_reason("A storm");                  // only an import brings it along
  meeting.set_sequence(3);
  meeting.set_visibility(api::v1::Visibility::MEMBERS);  // filled in
  Keep(meeting);
  const Ran ran = Import();
  EXPECT_THAT(ran.out, HasSubstr("meetings.json: 1 unchanged"));
  EXPECT_EQ(Updates(), 0);
}

// What can't be changed is given as another: the server refuses it.
TEST_F(ImportTest, SendsWhatCanNotBeChanged) {
  data_.Write("meetings/delegations.json",
              R"([{"name": "meetings/a/delegations/b",
                   "participant": {"displayName": "An expert"}}])");
  meetings::v1::Meeting meeting;
  meeting.set_name("meetings/a");
  Keep(meeting);
  meetings::v1::Delegation delegation;
  delegation.set_name("meetings/a/delegations/b");
  delegation.mutable_participant()->set_member("members/aus");
  Keep(delegation);
  Import();
  EXPECT_EQ(Updates(), 1);
}

TEST_F(ImportTest, LeavesTheMergedAsTheyAreAndTells) {
  data_.Write("capacity/practitioners.json",
              R"([{"name": "practitioners/a", "member": "members/aus", "agency": "Customs"}])");
  capacity::v1::Practitioner practitioner;
  practitioner.set_name("practitioners/a");
  practitioner.set_member("members/aus");
  practitioner.set_merged_into("practitioners/b");
  Keep(practitioner);
  server_.before = [](const SeenCall& call) {
    return call.method == "UpdatePractitioner"
               ? WrongState("practitioners/a", "MERGED", "change practitioners/b")
               : absl::OkStatus();
  };
  const Ran ran = Import();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("practitioners/a: left as it is: merged into practitioners/b\n"),
                    HasSubstr("practitioners.json: 1 merged into others\n")));
}

}  // namespace
}  // namespace baliprocess::balictl
