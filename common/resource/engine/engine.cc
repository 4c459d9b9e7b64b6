#include "common/resource/engine/engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/contract/text_form.h"
#include "common/resource/engine/own_resource.h"
#include "common/resource/engine/search.h"
#include "common/resource/engine/standard_reads.h"
#include "common/resource/engine/standard_writes.h"
#include "common/resource/engine/store_span.h"
#include "common/resource/engine/upkeep.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/history.h"
#include "common/resource/store/replay.h"
#include "common/resource/store/schema.h"
#include "common/resource/store/store_status.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using storage::Database;
using storage::ErrorClass;
using storage::Transaction;

absl::Time WholeMicros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

// The newest time that the store has of its changes and replies.
absl::StatusOr<absl::Time> NewestTime(storage::Database& database) {
  absl::Time newest;
  const absl::Status status = database.ReadOne([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows,
                     tx.Query("SELECT (SELECT COALESCE(MAX(change_time), 0) FROM changes), "
                              "(SELECT COALESCE(MAX(reply_time), 0) FROM replays)"));
    newest = absl::FromUnixMicros(std::max(storage::AsInt(rows[0][0]), storage::AsInt(rows[0][1])));
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(status);
  return newest;
}

// A type that refers to resources of another service, if there is one.
const ResourceType* FindAsking(const Registry& registry) {
  for (const auto& type : registry.types()) {
    for (const Reference& reference : type->references) {
      if (registry.FindType(reference.target_type) == nullptr) return type.get();
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(Registry registry,
                                                       storage::Database& database,
                                                       const Options& options) {
  if (const ResourceType* asking = FindAsking(registry); asking != nullptr && !options.ask_peer) {
    return absl::InvalidArgumentError(
        absl::StrCat(asking->type, " refers to other services, and none can be asked"));
  }
  RETURN_IF_ERROR(Migrate(registry, options.schema_version, database));
  ASSIGN_OR_RETURN(const std::vector<TokenKey> keys,
                   KeepTokenKeys(database, options.clock->Now(), options.token_key_age));
  ASSIGN_OR_RETURN(const absl::Time newest, NewestTime(database));
  ASSIGN_OR_RETURN(std::string erasure_key, KeepErasureKey(database));
  auto engine = std::unique_ptr<Engine>(
      new Engine(std::move(registry), database, options, keys, newest, std::move(erasure_key)));
  RETURN_IF_ERROR(engine->EraseAgain());
  return engine;
}

Engine::Engine(Registry registry, storage::Database& database, const Options& options,
               const std::vector<TokenKey>& keys, absl::Time newest, std::string erasure_key)
    : registry_(std::move(registry)),
      database_(database),
      options_(options),
      erasure_key_(std::move(erasure_key)),
      sealer_(keys.front().key),
      standby_reads_(database_, sealer_, options.standby, options.standby_age),
      clock_trust_(*options_.clock, *options_.since_start, newest),
      feed_(database_, registry_, sealer_, options.watch_beat),
      record_numbers_(registry_, *options_.since_start),
      housekeeper_([this] { KeepHouseUntilStopped(); }) {
  SealWith(keys);
}

Engine::~Engine() {
  Stop();
  housekeeper_.join();
}

void Engine::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  stop_signal_.notify_all();
  standby_reads_.Stop();
  feed_.Stop();
}

void Engine::Bind(rpc::MethodTable& table) {
  table.PrepareBy(NormaliseTexts);
  for (const auto& type : registry_.types()) {
    BindReads(*this, *type, table);
    BindWrites(*this, *type, table);
  }
  feed_.Bind(table);
  // A service that has one of these methods has all.
  if (table.service()->FindMethodByName("PurgeDeleted") != nullptr) BindUpkeep(*this, table);
  if (table.service()->FindMethodByName("Search") != nullptr) BindSearch(*this, table);
}

rpc::Execution Engine::read_execution() const {
  return database_.reads_are_local() ? rpc::Execution::kInline : rpc::Execution::kPooled;
}

absl::Status Engine::Read(const rpc::Call& call, const Message& request, Message& reply,
                          const std::function<absl::Status(Scope&)>& work,
                          const ValidateOptions& validate) {
  return ReadBy(&Database::Read, call, request, reply, work, validate);
}

absl::Status Engine::ReadOne(const rpc::Call& call, const Message& request, Message& reply,
                             const std::function<absl::Status(Scope&)>& work) {
  return ReadBy(&Database::ReadOne, call, request, reply, work, {});
}

absl::Status Engine::ReadNewest(const rpc::Call& call, const Message& request, Message& reply,
                                const std::function<absl::Status(Scope&)>& work) {
  standby_reads_.AskForNewest(call);
  return Read(call, request, reply, work);
}

absl::Status Engine::ReadKept(const rpc::Call& call, const Message& request, Message& reply,
                              const std::function<absl::Status(Scope&)>& work) {
  Violations violations;
  Validate(request, "", {}, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  const auto look = [&](Transaction& tx, std::string& seen) -> absl::Status {
    ASSIGN_OR_RETURN(seen, SeenChanges(tx));
    return absl::OkStatus();
  };
  std::string now_seen;
  RETURN_IF_ERROR(FromStore(standby_reads_.Read(
      call, &Database::ReadOne, [&](Transaction& tx) { return look(tx, now_seen); })));
  const std::string question = QuestionOf(call, request);
  // What other services answer may change without a change here: they are asked each time, and
  // their answers belong to the question.
  return Answering(call, [&](PeerAnswers& answers) {
    const auto make = [&](std::string& seen) {
      return FromStore(ReadFor(call, &Database::Read, [&](Transaction& tx) -> absl::Status {
        reply.Clear();
        RETURN_IF_ERROR(look(tx, seen));
        Scope scope(scope_store(), tx, call.caller, call.method->full_name(), options_.clock->Now(),
                    answers);
        RETURN_IF_ERROR(work(scope));
        RETURN_IF_ERROR(RedactFor(call, tx, reply));
        return CheckReplySize(reply);
      }));
    };
    std::string seen;
    RETURN_IF_ERROR(
        kept_answers_.Answer(call, question + answers.Fingerprint(), now_seen, reply, make, &seen));
    ASSIGN_OR_RETURN(const ChangePosition position, PositionSeen(seen));
    standby_reads_.Note(call, position);
    return absl::OkStatus();
  });
}

absl::Status Engine::ReadBy(absl::Status (Database::*read)(const storage::Work&),
                            const rpc::Call& call, const Message& request, Message& reply,
                            const std::function<absl::Status(Scope&)>& work,
                            const ValidateOptions& validate) {
  Violations violations;
  Validate(request, "", validate, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return Answering(call, [&](PeerAnswers& answers) {
    return FromStore(ReadFor(call, read, [&](Transaction& tx) {
      reply.Clear();
      Scope scope(scope_store(), tx, call.caller, call.method->full_name(), options_.clock->Now(),
                  answers);
      RETURN_IF_ERROR(work(scope));
      return RedactFor(call, tx, reply);
    }));
  });
}

absl::Status Engine::ReadFor(const rpc::Call& call,
                             absl::Status (Database::*read)(const storage::Work&),
                             const storage::Work& work) {
  return WithSpan(call, database_, "read", [&] { return standby_reads_.Read(call, read, work); });
}

absl::Status Engine::RedactFor(const rpc::Call& call, Transaction& tx, Message& reply) const {
  return Redactor(registry_, tx, Viewer(call.caller)).Redact(reply);
}

absl::Status Engine::Answering(const rpc::Call& call,
                               const std::function<absl::Status(PeerAnswers&)>& attempt) {
  PeerAnswers answers;
  while (true) {
    const absl::Status status = attempt(answers);
    if (!IsUnanswered(status)) return status;
    if (call.cancelled && call.cancelled()) return absl::CancelledError("the call is over");
    RETURN_IF_ERROR(answers.Fetch(options_.ask_peer, call));
  }
}

absl::Status Engine::Mutate(const rpc::Call& call, const Message& request, Message& reply,
                            const std::function<absl::Status(Scope&)>& work,
                            const ValidateOptions& validate) {
  Violations violations;
  Validate(request, "", validate, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return Answering(call, [&](PeerAnswers& answers) {
    absl::Status status = WriteTwice(call, request, reply, work, answers);
    if (status.ok()) feed_.ForgetPages();
    if (!IsUnanswered(status)) standby_reads_.NotePrimary(call, status);
    return FromStore(std::move(status));
  });
}

absl::Status Engine::WriteTwice(const rpc::Call& call, const Message& request, Message& reply,
                                const std::function<absl::Status(Scope&)>& work,
                                PeerAnswers& answers, Erasure* erasure) {
  absl::Status status = WriteOnce(call, request, reply, work, answers, erasure);
  if (storage::ClassOf(status) != ErrorClass::kUnique) return status;
  return WriteOnce(call, request, reply, work, answers, erasure);  // finds it there
}

absl::Status Engine::WriteOnce(const rpc::Call& call, const Message& request, Message& reply,
                               const std::function<absl::Status(Scope&)>& work,
                               PeerAnswers& answers, Erasure* erasure) {
  const bool validate_only = BoolField(request, "validate_only");
  const bool undone = validate_only || (erasure != nullptr && !erasure->prepared());
  const ReplayKey key = validate_only
                            ? ReplayKey()
                            : MakeReplayKey(call.caller.subject, call.method->full_name(), request);
  const bool replayable = !key.request_id.empty();
  bool passed = false;  // what is to be undone did all it should
  ChangesMade changes;
  const auto write = [&](Transaction& tx) -> absl::Status {
    passed = false;
    changes.clear();
    if (call.cancelled && call.cancelled()) {
      return Error(api::v1::Error::DEADLINE_PASSED,
                   "the caller is gone or its deadline has passed");
    }
    reply.Clear();
    const absl::Time now = Now();
    if (replayable) {
      ASSIGN_OR_RETURN(const bool done, FindReplay(tx, key, reply));
      if (done) {
        replays_.Add();
        // The caller may see less by now.
        return RedactFor(call, tx, reply);
      }
    }
    Scope scope(scope_store(), tx, call.caller, call.method->full_name(), now, answers);
    scope.set_reason(StringField(request, "reason"));
    scope.set_erasure(erasure);
    RETURN_IF_ERROR(CheckOwnResource(scope, call, request));
    RETURN_IF_ERROR(work(scope));
    RETURN_IF_ERROR(RedactFor(call, tx, reply));
    RETURN_IF_ERROR(CheckReplySize(reply));
    if (erasure != nullptr) RETURN_IF_ERROR(erasure->Keep(tx, scope.erased()));
    changes = scope.changes();
    if (undone) {
      passed = true;
      return absl::CancelledError("undone");
    }
    return replayable ? AddReplay(tx, key, now, reply) : absl::OkStatus();
  };
  const absl::Status status =
      WithSpan(call, database_, "write", [&] { return WriteChanges(database_, write); });
  if (status.ok()) record_numbers_.AddChanges(changes);
  // Unless the store itself failed.
  return passed && storage::ClassOf(status) == ErrorClass::kNone ? absl::OkStatus() : status;
}

absl::Time Engine::Now() const { return WholeMicros(options_.clock->Now()); }

}  // namespace baliprocess::resource
