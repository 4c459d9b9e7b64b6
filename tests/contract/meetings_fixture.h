// The meetings service on a fresh store, beside a membership service of its own that it asks.

#ifndef BALIPROCESS_TESTS_CONTRACT_MEETINGS_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_MEETINGS_FIXTURE_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "baliprocess/meetings/v1/meetings_service.pb.h"
#include "tests/contract/service_fixture.h"

namespace baliprocess::meetings {

using testing::Anyone;
using testing::BadFields;
using testing::HasReason;
using testing::MemberOf;
using testing::MetadataOf;
using testing::Observer;
using testing::Operator;
using testing::RuleOf;
using testing::Secretariat;

// Members aus, idn, nzl (observer of the forum: fji); body ahg, with seats of aus and idn (chairs),
// and nzl until 2020; official bell; body rso.
class MeetingsTest : public testing::ServiceTest {
 protected:
  MeetingsTest();

  testing::LocalService& tested() override { return *service_; }

  // Asks membership as the secretariat; fails the test when that is refused.
  void Membership(const std::string& method, std::string_view request);

  // A meeting of ahg, called `meetings/ID`, with more fields.
  absl::StatusOr<v1::Meeting> TryAddMeeting(const std::string& id, const std::string& fields);
  v1::Meeting AddMeeting(const std::string& id, const std::string& fields = "");
  v1::Meeting GetMeeting(const std::string& id);

  // The service stops and starts again on the same store.
  void Restart();
  // The same, with the settings that `methods` gives it.
  void RestartWith(rpc::MethodTable (*methods)(resource::Engine& engine));

  // Membership can't be reached while this is set.
  std::atomic<bool> membership_down_ = false;

  testing::TestStore membership_store_;
  testing::TestStore store_;
  std::unique_ptr<testing::LocalService> membership_;
  std::unique_ptr<testing::LocalService> service_;

 private:
  std::unique_ptr<testing::LocalService> Start();

  rpc::MethodTable (*methods_)(resource::Engine& engine);
};

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_TESTS_CONTRACT_MEETINGS_FIXTURE_H_
