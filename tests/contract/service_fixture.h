// A service on a fresh store, called without a network: the body of the contract suite runs on both
// engines.

#ifndef BALIPROCESS_TESTS_CONTRACT_SERVICE_FIXTURE_H_
#define BALIPROCESS_TESTS_CONTRACT_SERVICE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/type/date.pb.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "baliprocess/common/v1/term.pb.h"
#include "common/auth/access.h"
#include "common/base/clock.h"
#include "common/base/date.h"
#include "common/resource/engine/engine.h"
#include "common/rpc/service.h"
#include "common/testing/engine.h"
#include "common/testing/matchers.h"

namespace baliprocess::testing {

// Callers of every role.
auth::Caller Secretariat();
auth::Caller MemberOf(const std::string& member);  // `members/aus`
auth::Caller Observer();
auth::Caller Operator();
auth::Caller Anyone();

// `text` as a date of its precision.
google::type::Date Date(std::string_view text);

// A term; empty texts leave a bound open.
baliprocess::common::v1::Term TermOf(std::string_view start, std::string_view end);

// So many characters of four bytes each.
std::string Wide(int characters);

// The value of `key` in the metadata of the error's ErrorInfo; empty when there is none.
std::string MetadataOf(const absl::Status& status, const std::string& key);

// The rule that a status says is broken; empty when it is OK or something else.
std::string RuleOf(const absl::Status& status);

// The fields that the error's BadRequest names, in order.
std::vector<std::string> BadFields(const absl::Status& status);

// Gives a request the id that it must have, as clients do.
void GiveRequestId(google::protobuf::Message& request);

class LocalService;

// Expects the schema of a service on SQLite to be the committed one, services/NAME/schema.sql.
void ExpectCommittedSchema(const resource::Registry& resources, LocalService& service,
                           const std::string& name);

// A service on a store: one replica.
class LocalService {
 public:
  // What its main() gives to ServiceMain.
  struct Definition {
    int schema_version = 1;
    absl::StatusOr<resource::Registry> (*resources)() = nullptr;
    rpc::MethodTable (*methods)(resource::Engine& engine) = nullptr;
  };
  // The options' schema_version is the definition's.
  LocalService(const Definition& definition, std::unique_ptr<storage::Database> database,
               resource::Engine::Options options);

  // Calls a method as the pipeline does after authentication: access is judged first. A reply that
  // comes in pieces is joined.
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

  // The same with the request as protobuf text, for any method with one reply. A `request_id` that
  // must be given is.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> CallText(const auth::Caller& caller,
                                                                      const std::string& method,
                                                                      std::string_view request);

  // Starts a server stream; a client stream.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Stream(
      const auth::Caller& caller, const std::string& method,
      const google::protobuf::Message& request, std::function<void()> wake = [] {});
  absl::StatusOr<std::unique_ptr<rpc::StreamSink>> Sink(const auth::Caller& caller,
                                                        const std::string& method);
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(
      const auth::Caller& caller, const common::v1::WatchChangesRequest& request,
      std::function<void()> wake = [] {}) {
    return Stream(caller, "WatchChanges", request, std::move(wake));
  }

  resource::Engine& engine() { return *engine_; }
  storage::Database& database() { return *database_; }
  const rpc::MethodTable& table() const { return *table_; }

 private:
  const rpc::MethodTable::Entry& EntryOf(const std::string& method) const;
  rpc::Call CallOf(const auth::Caller& caller, const std::string& method) const;
  auth::AccessPolicy policy_;

  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<rpc::MethodTable> table_;
};

// Parameterised by the engine's name.
class ServiceTest : public ::testing::TestWithParam<std::string> {
 protected:
  ServiceTest();

  // The service that the methods below call.
  virtual LocalService& tested() = 0;

  template <typename Reply>
  absl::StatusOr<Reply> Call(const std::string& method, const google::protobuf::Message& request) {
    return tested().Call<Reply>(Secretariat(), method, request);
  }

  // Calls with the request as protobuf text: `CallAs<v1::Body>(Anyone(), "GetBody", "name: ...")`.
  template <typename Reply>
  absl::StatusOr<Reply> CallAs(const auth::Caller& caller, const std::string& method,
                               std::string_view request) {
    auto reply = tested().CallText(caller, method, request);
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
    return tested().CallText(caller, method, request).status();
  }
  absl::Status Try(const std::string& method, std::string_view request) {
    return TryAs(Secretariat(), method, request);
  }

  // The changes recorded so far that meet `filter`, oldest first.
  std::vector<common::v1::Change> Changes(const std::string& filter = "",
                                          const auth::Caller& caller = Secretariat());

  FakeClock clock_;  // at first 2 May 2024, 9 o'clock (UTC)
};

}  // namespace baliprocess::testing

#define INSTANTIATE_ON_ENGINES(suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Engines, suite,                                             \
                           ::testing::ValuesIn(::baliprocess::testing::EngineNames()), \
                           ::baliprocess::testing::EngineName)

#endif  // BALIPROCESS_TESTS_CONTRACT_SERVICE_FIXTURE_H_
