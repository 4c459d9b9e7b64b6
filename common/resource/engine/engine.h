// The resource engine: the standard methods of every resource of a service, written once.
//
// A service registers its resource types (resource_type.h), opens its store, and binds the engine
// to its method table; Get, List, BatchGet, Create, BatchCreate, Update, Delete, Undelete,
// WatchChanges and ListChanges are then served as their requests' fields and annotations say.
// Custom methods are written with Read and Mutate.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_ENGINE_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_ENGINE_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "common/base/clock.h"
#include "common/base/counts.h"
#include "common/base/shared_pool.h"
#include "common/resource/contract/validation.h"
#include "common/resource/engine/background.h"
#include "common/resource/engine/clock_trust.h"
#include "common/resource/engine/feed.h"
#include "common/resource/engine/kept_answers.h"
#include "common/resource/engine/record_numbers.h"
#include "common/resource/engine/scope.h"
#include "common/resource/engine/standby_reads.h"
#include "common/resource/query/seal.h"
#include "common/resource/store/erasure_list.h"
#include "common/resource/store/resource_type.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/token_keys.h"
#include "common/rpc/service.h"
#include "common/storage/database.h"
#include "common/storage/standby.h"
#include "common/telemetry/operators.h"

namespace baliprocess::resource {

// Texts that were erased, by what the list of erasures says of them.
using ErasedTexts = std::map<std::string, std::string>;

class Engine final : public telemetry::Inspected {
 public:
  struct Options {
    // The service's schema version: raise it with every change of a filterable field or a resource.
    int schema_version = 1;
    // How long changes are kept; zero: for ever.
    absl::Duration change_retention = absl::ZeroDuration();
    const Clock* clock = &Clock::System();
    // What `clock` is compared with (clock_trust.h).
    const Clock* since_start = &Clock::SinceStart();
    // Calls other services, those whose resources this one refers to. Empty: there are none.
    AskPeer ask_peer;
    // Ten times as long a watch without news tells nothing; then it tells where to resume.
    absl::Duration watch_beat = absl::Minutes(1);
    // How old the newest key of page and resume tokens becomes before there is another. Infinite:
    // there is one for good.
    absl::Duration token_key_age = absl::InfiniteDuration();
    // Where calls that only read may be answered by what is so old at most (standby_reads.h);
    // outlives the engine. Null: nowhere but in the store itself.
    storage::Standby* standby = nullptr;
    absl::Duration standby_age = absl::Seconds(5);
    // What a rule or a method may read at once by a condition, in bytes.
    int64_t max_read_bytes = kMaxReadBytes;
    // Where erasures are kept apart from the store. It outlives the engine. Null: nowhere.
    const ErasureList* erasure_list = nullptr;
  };

  // Migrates the store, erases again what the list of erasures has and the store hasn't done, and
  // starts the engine. `database` outlives it. An error when the registry
  // refers to resources of other services and there is no `ask_peer`.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(Registry registry,
                                                        storage::Database& database,
                                                        const Options& options);
  ~Engine() override;

  void AddMetrics(telemetry::Families& families) const override;

  // Adds the standard methods of all types, as far as the table's service declares them. All that
  // the table's methods are asked comes with its texts in the form in which they are kept
  // (text_form.h).
  void Bind(rpc::MethodTable& table);

  // What a custom method that only reads does: validates the request and runs `work`, which fills
  // `reply`, on one snapshot. `work` may run more than once and starts with an empty reply. Waits
  // when `work` asks other services. Whatever `work` has filled in, fields above the caller's
  // clearance leave neither this function nor those below.
  absl::Status Read(const rpc::Call& call, const google::protobuf::Message& request,
                    google::protobuf::Message& reply,
                    const std::function<absl::Status(Scope&)>& work,
                    const ValidateOptions& validate = {});

  // The same for `work` that makes one query and asks nobody: cheaper, as Database::ReadOne is.
  absl::Status ReadOne(const rpc::Call& call, const google::protobuf::Message& request,
                       google::protobuf::Message& reply,
                       const std::function<absl::Status(Scope&)>& work);

  // The same as Read, and never on a standby (Options.standby): for `work` that reads what no
  // change tells of, so that nobody knows whether a standby has it.
  absl::Status ReadNewest(const rpc::Call& call, const google::protobuf::Message& request,
                          google::protobuf::Message& reply,
                          const std::function<absl::Status(Scope&)>& work);

  // The same as Read for `work` whose reply depends on the request and on the caller's clearance
  // and member alone, not on who it is: the reply is kept until the store changes, and who asks
  // meanwhile costs a look for changes.
  absl::Status ReadKept(const rpc::Call& call, const google::protobuf::Message& request,
                        google::protobuf::Message& reply,
                        const std::function<absl::Status(Scope&)>& work);

  // What a custom method that writes does: validates the request, replays its request_id if it was
  // done before, judges the caller by the resource it names (Access.own_resource_field), runs
  // `work`, which fills `reply`, in a transaction, and keeps the reply. validate_only rolls back.
  // `work` may run more than once and starts with an empty reply.
  absl::Status Mutate(const rpc::Call& call, const google::protobuf::Message& request,
                      google::protobuf::Message& reply,
                      const std::function<absl::Status(Scope&)>& work,
                      const ValidateOptions& validate = {});

  // What a custom method does that erases what was recorded, as Mutate: `work` calls Scope::Erase
  // or its kin. It is tried first, and undone; then history and kept replies are gone through in
  // batches, so that others' writes get in between; at last `work` is done for good. The reply
  // comes when all is erased. When an error ends that on the way, history may have been erased
  // already, and the call is to be repeated.
  absl::Status MutateErasing(const rpc::Call& call, const google::protobuf::Message& request,
                             google::protobuf::Message& reply,
                             const std::function<absl::Status(Scope&)>& work);

  // Adds a custom method to the table: `method` within Read, or within Mutate. BindLongRead is
  // for one that may take long, or that asks other services.
  template <typename Request, typename Reply>
  void BindRead(rpc::MethodTable& table, const std::string& name,
                absl::Status (*method)(Scope&, const Request&, Reply&)) {
    BindReadAs(table, name, read_execution(), method);
  }
  template <typename Request, typename Reply>
  void BindLongRead(rpc::MethodTable& table, const std::string& name,
                    absl::Status (*method)(Scope&, const Request&, Reply&)) {
    BindReadAs(table, name, rpc::Execution::kPooled, method);
  }
  template <typename Request, typename Reply>
  void BindReadAs(rpc::MethodTable& table, const std::string& name, rpc::Execution execution,
                  absl::Status (*method)(Scope&, const Request&, Reply&)) {
    table.Unary<Request, Reply>(
        name, execution, [this, method](rpc::Call& call, const Request& request, Reply& reply) {
          return Read(call, request, reply, [&](Scope& scope) {
            const absl::Status status = method(scope, request, reply);
            return status.ok() ? CheckReplySize(reply) : status;
          });
        });
  }
  // The same for a method that is within ReadKept.
  template <typename Request, typename Reply>
  void BindKeptRead(rpc::MethodTable& table, const std::string& name,
                    absl::Status (*method)(Scope&, const Request&, Reply&)) {
    table.Unary<Request, Reply>(
        name, rpc::Execution::kPooled,
        [this, method](rpc::Call& call, const Request& request, Reply& reply) {
          return ReadKept(call, request, reply,
                          [&](Scope& scope) { return method(scope, request, reply); });
        });
  }
  // Likewise within ReadNewest.
  template <typename Request, typename Reply>
  void BindNewestRead(rpc::MethodTable& table, const std::string& name,
                      absl::Status (*method)(Scope&, const Request&, Reply&)) {
    table.Unary<Request, Reply>(
        name, read_execution(),
        [this, method](rpc::Call& call, const Request& request, Reply& reply) {
          return ReadNewest(call, request, reply,
                            [&](Scope& scope) { return method(scope, request, reply); });
        });
  }
  template <typename Request, typename Reply>
  void BindMutation(rpc::MethodTable& table, const std::string& name,
                    absl::Status (*method)(Scope&, const Request&, Reply&)) {
    table.Unary<Request, Reply>(
        name, rpc::Execution::kPooled,
        [this, method](rpc::Call& call, const Request& request, Reply& reply) {
          return Mutate(call, request, reply,
                        [&](Scope& scope) { return method(scope, request, reply); });
        });
  }

  // Likewise within MutateErasing.
  template <typename Request, typename Reply>
  void BindErasure(rpc::MethodTable& table, const std::string& name,
                   absl::Status (*method)(Scope&, const Request&, Reply&)) {
    table.Unary<Request, Reply>(
        name, rpc::Execution::kPooled,
        [this, method](rpc::Call& call, const Request& request, Reply& reply) {
          return MutateErasing(call, request, reply,
                               [&](Scope& scope) { return method(scope, request, reply); });
        });
  }

  // Where reads may run: on event threads when the store is local.
  rpc::Execution read_execution() const;

  // Settles the resources of a type whose time has come (Rules.settle), each whatever becomes of
  // the others; the first error. Runs by itself every second, for every type that has such. While
  // the wall clock isn't trusted (clock_trust.h), nothing becomes due.
  absl::Status Settle(const ResourceType& type);

  // Removes replies and changes past their retention, and brings rows up to date that binaries of
  // the version before wrote, each whatever becomes of the others; the first error. Runs by itself
  // every minute. While the wall clock isn't trusted, and in the first ten minutes, nothing is
  // removed (clock_trust.h).
  absl::Status KeepHouse();

  // Counts the resources of the store for bali_records (record_numbers.h). Runs by itself when the
  // engine starts, and then as RecordNumbers::PauseAfter says.
  absl::Status CountRecords();

  // Ends background work and wakes watches, for shutdown; calls then fail no worse than before.
  void Stop();

  const Registry& registry() const { return registry_; }
  storage::Database& database() { return database_; }
  // The bytes of replies that were made whole and are sent in pieces, at the speed of their
  // readers, by the subject of the caller.
  PoolShares& held_replies() { return held_replies_; }

 private:
  Engine(Registry registry, storage::Database& database, const Options& options,
         const std::vector<TokenKey>& keys, absl::Time newest, std::string erasure_key);

  Scope::Store scope_store() const {
    return {registry_,
            database_.dialect(),
            {options_.schema_version},
            sealer_,
            options_.max_read_bytes};
  }
  absl::Status ReadBy(absl::Status (storage::Database::*read)(const storage::Work&),
                      const rpc::Call& call, const google::protobuf::Message& request,
                      google::protobuf::Message& reply,
                      const std::function<absl::Status(Scope&)>& work,
                      const ValidateOptions& validate);
  absl::Status ReadFor(const rpc::Call& call,
                       absl::Status (storage::Database::*read)(const storage::Work&),
                       const storage::Work& work);
  absl::Status WriteOnce(const rpc::Call& call, const google::protobuf::Message& request,
                         google::protobuf::Message& reply,
                         const std::function<absl::Status(Scope&)>& work, PeerAnswers& answers,
                         Erasure* erasure = nullptr);
  // The same again if another made the same name or used the same request_id at the same moment.
  absl::Status WriteTwice(const rpc::Call& call, const google::protobuf::Message& request,
                          google::protobuf::Message& reply,
                          const std::function<absl::Status(Scope&)>& work, PeerAnswers& answers,
                          Erasure* erasure = nullptr);
  // Takes out of a reply what the caller may not see. Every reply leaves the engine through this.
  absl::Status RedactFor(const rpc::Call& call, storage::Transaction& tx,
                         google::protobuf::Message& reply) const;
  absl::Status Answering(const rpc::Call& call,
                         const std::function<absl::Status(PeerAnswers& answers)>& attempt);
  absl::StatusOr<std::vector<std::string>> FindDue(const ResourceType& type, absl::Time now,
                                                   const std::string& after);
  absl::Status SettleThese(const ResourceType& type, absl::Time now,
                           const std::vector<std::string>& names);
  absl::Time Now() const;  // in whole microseconds
  absl::Status InBatches(
      const std::function<absl::StatusOr<int64_t>(storage::Transaction& tx)>& remove);
  void KeepHouseUntilStopped();
  absl::Status LookForOldestChange();
  void SealWith(const std::vector<TokenKey>& keys);
  // Does what the list of erasures has and the store hasn't marked. What can't be done is logged;
  // an error is one of the store.
  absl::Status EraseAgain();
  absl::Status EraseAgain(const operate::v1::ListedErasure& listed, const ErasedTexts& texts);

  const Registry registry_;
  storage::Database& database_;
  const Options options_;
  const std::string erasure_key_;
  Sealer sealer_;
  StandbyReads standby_reads_;
  ClockTrust clock_trust_;
  ChangeFeed feed_;
  KeptAnswers kept_answers_;
  PoolShares held_replies_{kMaxHeldBytes};
  BackgroundWork background_;
  SharedCount replays_;
  RecordNumbers record_numbers_;
  std::atomic<absl::Time> oldest_change_ = absl::UnixEpoch();  // the epoch: there is none

  std::mutex mutex_;
  std::condition_variable stop_signal_;
  std::atomic<bool> stopped_ = false;
  std::thread housekeeper_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_ENGINE_H_
