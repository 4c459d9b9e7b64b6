// The membership service on a fresh store, called without a network: the body of the contract suite
// runs on both engines.

#ifndef BALIPROCESS_TESTS_CONTRACT_MEMBERSHIP_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_MEMBERSHIP_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/base/clock.h"
#include "common/base/date.h"
#include "common/resource/engine.h"
#include "common/rpc/service.h"
#include "common/testing/engine.h"
#include "common/testing/matchers.h"
#include "services/membership/service.h"

namespace baliprocess::membership {

// Callers of every role.
auth::Caller Secretariat();
auth::Caller MemberOf(const std::string& member);  // `members/aus`
auth::Caller Observer();
auth::Caller Operator();
auth::Caller Anyone();

// `text` as a date of its precision.
google::type::Date Date(std::string_view text);

// A membership service on a store: one replica.
class Service {
 public:
  Service(std::unique_ptr<storage::Database> database, const Clock& clock,
          absl::Duration change_retention = absl::ZeroDuration());

  // Calls a method as the pipeline would after authentication.
  template <typename Reply>
  absl::StatusOr<Reply> Call(const auth::Caller& caller, const std::string& method,
                             const google::protobuf::Message& request) {
    Reply reply;
    const absl::Status status = CallInto(caller, method, request, reply);
    if (!status.ok()) return status;
    return reply;
  }
  absl::Status CallInto(const auth::Caller& caller, const std::string& method,
                        const google::protobuf::Message& request, google::protobuf::Message& reply);

  // The same with the request as protobuf text, for any method with one reply.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> CallText(const auth::Caller& caller,
                                                                      const std::string& method,
                                                                      std::string_view request);

  // Starts a watch.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(
      const auth::Caller& caller, const common::v1::WatchChangesRequest& request,
      std::function<void()> wake = [] {});

  resource::Engine& engine() { return *engine_; }
  storage::Database& database() { return *database_; }

 private:
  const rpc::MethodTable::Entry& EntryOf(const std::string& method) const;

  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<rpc::MethodTable> table_;
};

// Parameterised by the engine's name.
class MembershipTest : public ::testing::TestWithParam<std::string> {
 protected:
  MembershipTest();

  template <typename Reply>
  absl::StatusOr<Reply> Call(const std::string& method, const google::protobuf::Message& request) {
    return service_->Call<Reply>(Secretariat(), method, request);
  }

  // Calls with the request as protobuf text: `CallAs<v1::Body>(Anyone(), "GetBody", "name: ...")`.
  template <typename Reply>
  absl::StatusOr<Reply> CallAs(const auth::Caller& caller, const std::string& method,
                               std::string_view request) {
    auto reply = service_->CallText(caller, method, request);
    if (!reply.ok()) return reply.status();
    return static_cast<const Reply&>(**reply);
  }
  template <typename Reply>
  absl::StatusOr<Reply> Call(const std::string& method, std::string_view request) {
    return CallAs<Reply>(Secretariat(), method, request);
  }
  template <typename Reply>
  absl::StatusOr<Reply> Call(const std::string& method, const char* request) {
    return CallAs<Reply>(Secretariat(), method, request);
  }

  // The same, for its status alone.
  absl::Status TryAs(const auth::Caller& caller, const std::string& method,
                     std::string_view request) {
    return service_->CallText(caller, method, request).status();
  }
  absl::Status Try(const std::string& method, std::string_view request) {
    return TryAs(Secretariat(), method, request);
  }

  // The changes recorded so far that meet `filter`, oldest first.
  std::vector<common::v1::Change> Changes(const std::string& filter = "",
                                          const auth::Caller& caller = Secretariat());

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

  FakeClock clock_;
  testing::TestStore store_;
  std::unique_ptr<Service> service_;
};

// The value of `key` in the metadata of the error's ErrorInfo; empty when there is none.
std::string MetadataOf(const absl::Status& status, const std::string& key);

// The fields that the error's BadRequest names, in order.
std::vector<std::string> BadFields(const absl::Status& status);

// A term; empty texts leave a bound open.
baliprocess::common::v1::Term TermOf(std::string_view start, std::string_view end);

}  // namespace baliprocess::membership

#define INSTANTIATE_ON_ENGINES(suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Engines, suite,                                             \
                           ::testing::ValuesIn(::baliprocess::testing::EngineNames()), \
                           ::baliprocess::testing::EngineName)

#endif  // BALIPROCESS_TESTS_CONTRACT_MEMBERSHIP_FIXTURE_H_
