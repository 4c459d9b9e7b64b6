// The membership service on a fresh store.

#ifndef BALIPROCESS_TESTS_CONTRACT_MEMBERSHIP_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_MEMBERSHIP_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "services/membership/service.h"
#include "tests/contract/service_fixture.h"

namespace baliprocess::membership {

using testing::Anyone;
using testing::BadFields;
using testing::Date;
using testing::MemberOf;
using testing::MetadataOf;
using testing::Observer;
using testing::Operator;
using testing::RuleOf;
using testing::Secretariat;
using testing::TermOf;

// A membership service on a store: one replica.
class Service : public testing::LocalService {
 public:
  Service(std::unique_ptr<storage::Database> database, const FakeClock& clock,
          absl::Duration change_retention = absl::ZeroDuration())
      : LocalService({kSchemaVersion, Resources, Methods}, std::move(database),
                     {.change_retention = change_retention,
                      .clock = &clock,
                      .since_start = &clock.since_start(),
                      .ask_peer = {}}) {}
};

class MembershipTest : public testing::ServiceTest {
 protected:
  MembershipTest();

  testing::LocalService& tested() override { return *service_; }

  // Makes what most tests need. Each fails the test when it can't.
  v1::Member AddState(const std::string& alpha_3, const std::string& alpha_2);
  v1::Body AddBody(const std::string& id, int max_chairs = 2, const std::string& parent = "");
  v1::Official AddOfficial(const std::string& id, const std::string& name);
  absl::StatusOr<v1::Seat> TryAddSeat(const std::string& body, const std::string& member,
                                      v1::Seat::Role role, std::string_view start = "",
                                      std::string_view end = "");

  absl::StatusOr<v1::Body> GetBody(const auth::Caller& caller, const std::string& name);

  // The service stops and starts again on the same store.
  void Restart();

  testing::TestStore store_;
  std::unique_ptr<Service> service_;
};

}  // namespace baliprocess::membership

#endif  // BALIPROCESS_TESTS_CONTRACT_MEMBERSHIP_FIXTURE_H_
