// A running transaction, as rules and custom methods see it: resources in, resources out, with
// everything that must go with a mutation (references, etags, times, the change log) done.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_SCOPE_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_SCOPE_H_

#include <google/protobuf/message.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/auth/caller.h"
#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/peer_answers.h"
#include "common/resource/engine/record_numbers.h"
#include "common/resource/query/seal.h"
#include "common/resource/store/erasure.h"
#include "common/resource/store/redactor.h"
#include "common/resource/store/resource_type.h"
#include "common/resource/store/table.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Used by one thread, within one transaction. `method` lives as long.
class Scope {
 public:
  // What is the same for all transactions of an engine.
  struct Store {
    const Registry& registry;
    const storage::Dialect& dialect;
    RowLayout layout;
    const Sealer& sealer;
    int64_t max_read_bytes;
  };
  Scope(const Store& store, storage::Transaction& tx, const auth::Caller& caller,
        std::string_view method, absl::Time now, PeerAnswers& answers)
      : registry_(store.registry),
        dialect_(store.dialect),
        layout_(store.layout),
        sealer_(store.sealer),
        max_read_bytes_(store.max_read_bytes),
        tx_(tx),
        caller_(caller),
        method_(method),
        now_(now),
        answers_(answers) {}

  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  const auth::Caller& caller() const { return caller_; }
  storage::Transaction& tx() { return tx_; }

  // The time of the mutation: the same for all it writes, in whole microseconds.
  absl::Time now() const { return now_; }

  // The resource called `name`; NOT_FOUND when there is none, it is deleted, or the caller may not
  // know of it.
  template <typename T>
  absl::StatusOr<T> Get(std::string_view name) {
    T resource;
    RETURN_IF_ERROR(GetInto(TypeOf<T>(), name, resource));
    return resource;
  }
  absl::Status GetInto(const ResourceType& type, std::string_view name,
                       google::protobuf::Message& resource);

  // Gets the resource that the request of a custom method is about: that of its `name`, which must
  // have its `etag` if it gives one.
  template <typename Request, typename T>
  absl::Status GetForChange(const Request& request, T& resource) {
    RETURN_IF_ERROR(GetInto(TypeOf<T>(), request.name(), resource));
    return CheckEtag(resource, request.etag());
  }

  // The same as GetInto, deleted or not.
  absl::Status GetAnyInto(const ResourceType& type, std::string_view name,
                          google::protobuf::Message& resource);
  absl::Status GetAnyInto(std::string_view name, google::protobuf::Message& resource) {
    return GetAnyInto(TypeOf(resource), name, resource);
  }

  // The resource called `name`, whatever its visibility. For rules: a rule applies even if the
  // caller can't see the resource that makes it apply.
  template <typename T>
  absl::StatusOr<T> Require(std::string_view name) {
    ASSIGN_OR_RETURN(std::vector<T> found, Where<T>("name = ?", {std::string(name)}));
    if (found.empty()) return NotFound(name);
    return std::move(found[0]);
  }

  // The live resources that meet a SQL condition on the table (columns.h), by name, whoever may see
  // them: for rules. An empty condition means all. TOO_LARGE when they
  // are more bytes than may be read at once (Engine::Options).
  template <typename T>
  absl::StatusOr<std::vector<T>> Where(std::string_view condition,
                                       const std::vector<storage::Value>& params) {
    return Select<T>(condition, params, Viewer::Everything());
  }

  // The same, of what the caller may see, redacted: for replies.
  template <typename T>
  absl::StatusOr<std::vector<T>> VisibleWhere(std::string_view condition,
                                              const std::vector<storage::Value>& params) {
    return Select<T>(condition, params, Viewer(caller_));
  }

  // The same, of what another viewer may see: for what is made for somebody else than the caller.
  template <typename T>
  absl::StatusOr<std::vector<T>> VisibleTo(const Viewer& viewer, std::string_view condition,
                                           const std::vector<storage::Value>& params) {
    return Select<T>(condition, params, viewer);
  }

  // The name of a resource as an error may tell it: empty where the caller may not know of it.
  absl::StatusOr<std::string> NameIfSeen(const google::protobuf::Message& resource);
  absl::StatusOr<std::string> NameIfSeen(const std::string& name);

  // Whether the caller may see what belongs to a resource of a type with a circle: it isn't closed,
  // or the caller is in the circle.
  absl::StatusOr<bool> SeesInto(const google::protobuf::Message& resource);

  // The resource of another service; NOT_FOUND when there is none that is live and that the caller
  // may see. As long as the engine hasn't asked for it, an error to pass on (peer_answers.h).
  template <typename T>
  absl::StatusOr<T> GetOfPeer(std::string_view name) {
    ASSIGN_OR_RETURN(const google::protobuf::Message* found, answers_.Find(*T::descriptor(), name));
    if (found == nullptr) return NotFound(name);
    return static_cast<const T&>(*found);
  }

  // The same for what a reply can do without: nullptr when there is none or its service can't be
  // reached. The resource lives as long as the transaction.
  template <typename T>
  absl::StatusOr<const T*> GetOfPeerIfReachable(std::string_view name) {
    ASSIGN_OR_RETURN(const google::protobuf::Message* found,
                     answers_.FindIfReachable(*T::descriptor(), name));
    return static_cast<const T*>(found);
  }

  // The reply of a method that changes nothing of the service that has the resource type `Of`:
  // `AskPeer<Member, Composition>("GetComposition", request)`. Likewise.
  template <typename Of, typename Reply>
  absl::StatusOr<Reply> AskPeer(const std::string& method,
                                const google::protobuf::Message& request) {
    ASSIGN_OR_RETURN(const google::protobuf::Message* reply,
                     answers_.Ask(*MethodOfPackage(*Of::descriptor(), method), request));
    return static_cast<const Reply&>(*reply);
  }

  // Creates a resource under the name it has. Fills in what the server does. `path` is the field of
  // the request that gives the resource, such as `seat`.
  absl::Status Create(google::protobuf::Message& resource, std::string_view path);

  // Changes the resource of the same name to `resource`. Nothing is written when it is that
  // already, or when its rules make it so: no row, no change, no new etag.
  // With `path`, a field of the request gives the resource; without, a method, or time, has made
  // it.
  absl::Status Update(google::protobuf::Message& resource, std::string_view path);
  absl::Status Update(google::protobuf::Message& resource);

  // Deletes a resource, or restores a deleted one. `resource` is it as read, and becomes as
  // written.
  absl::Status Delete(google::protobuf::Message& resource);
  absl::Status Undelete(google::protobuf::Message& resource);

  // Erases the personal fields of a resource (as read, or changed since): in its row and in every
  // change and stored reply that has it. This and the two below are for methods bound by
  // Engine::BindErasure.
  absl::Status Erase(google::protobuf::Message& resource);

  // Removes a deleted resource for good: its row, and of its history all but who changed it when.
  // STILL_REFERENCED while anything, deleted or not, is below it.
  absl::Status Purge(const google::protobuf::Message& resource);

  // Erases a text where it stands as a person's name, as EraseTextIn (store/forgetting.h) does, in
  // all resources that have no erasure of their own, in the history and in kept replies. The names
  // of the resources.
  absl::StatusOr<std::vector<std::string>> EraseText(std::string_view text);

  // What Erase, Purge and EraseText take history and kept replies through. It outlives the scope.
  void set_erasure(Erasure* erasure) { erasure_ = erasure; }

  // What they have erased.
  const std::vector<Erased>& erased() const { return erased_; }
  // What has been changed in it.
  const ChangesMade& changes() const { return changes_; }

  // Whether the resource of another service is there. As long as the engine hasn't asked, an error
  // to pass on.
  absl::StatusOr<bool> ExistsAtPeer(const google::protobuf::Descriptor& type,
                                    std::string_view name);

  // Why the caller changes what it changes: kept with the changes.
  void set_reason(std::string reason) { reason_ = std::move(reason); }

  // ABORTED when `etag` is given and not that of `resource`.
  absl::Status CheckEtag(const google::protobuf::Message& resource, std::string_view etag) const;

  // Where a page goes on: the key that was sealed into the `page_token` of `request`; empty for the
  // first page. INVALID_PAGE_TOKEN unless it was sealed for the same caller and the same request
  // but for its page.
  absl::StatusOr<std::string> OpenPageToken(const google::protobuf::Message& request) const;

  // The `next_page_token` of a page after which `key` is where to go on.
  std::string SealPageToken(const google::protobuf::Message& request, std::string_view key) const;

  const Registry& registry() const { return registry_; }
  const storage::Dialect& dialect() const { return dialect_; }

 private:
  template <typename T>
  const ResourceType& TypeOf() const {
    return *registry_.Find(T::descriptor());
  }
  const ResourceType& TypeOf(const google::protobuf::Message& resource) const {
    return *registry_.Find(resource.GetDescriptor());
  }

  template <typename T>
  absl::StatusOr<std::vector<T>> Select(std::string_view condition,
                                        const std::vector<storage::Value>& params,
                                        const Viewer& viewer) {
    ASSIGN_OR_RETURN(const std::vector<storage::Row> rows,
                     SelectBodies(TypeOf<T>(), condition, params, viewer));
    Redactor redactor(registry_, tx_, viewer);
    std::vector<T> resources(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      RETURN_IF_ERROR(ParseBody(rows[i][0], resources[i]));
      RETURN_IF_ERROR(redactor.Redact(resources[i]));
    }
    return resources;
  }
  absl::StatusOr<std::vector<storage::Row>> SelectBodies(const ResourceType& type,
                                                         std::string_view condition,
                                                         const std::vector<storage::Value>& params,
                                                         const Viewer& viewer);

  std::string PageContext(const google::protobuf::Message& request) const;
  static absl::Status CheckByItself(const ResourceType& type,
                                    const google::protobuf::Message& resource,
                                    std::string_view path);
  // What `before`, the resource as it was, refers to isn't asked for again: the caller has not
  // named it, and may not see it.
  absl::Status CheckReferences(const ResourceType& type, const google::protobuf::Message* before,
                               const google::protobuf::Message& resource, std::string_view path);
  absl::Status CheckReferencesBut(const std::set<std::string>& known, const ResourceType& type,
                                  const google::protobuf::Message& resource, std::string_view path,
                                  const Viewer& viewer);
  absl::StatusOr<bool> Exists(const Reference& reference, const std::string& name,
                              const Viewer& viewer);
  // `erased` is what the list of erasures is told.
  absl::Status Forget(const Forgotten& forgotten, Erased erased);
  absl::Status UpdateBy(ChangeOrigin origin, google::protobuf::Message& resource,
                        std::string_view path);
  // The time of the mutation as a resource is given it that was `before`: the clock may have gone
  // back, and what comes later must not be told as earlier.
  absl::Time TimeAfter(const ResourceType& type, const google::protobuf::Message& before) const;
  static void Stamp(const ResourceType& type, absl::Time time, google::protobuf::Message& resource);
  absl::Status Log(const ResourceType& type, common::v1::Change::Kind kind,
                   const google::protobuf::Message* before, const google::protobuf::Message* after);

  const Registry& registry_;
  const storage::Dialect& dialect_;
  const RowLayout layout_;
  const Sealer& sealer_;
  const int64_t max_read_bytes_;
  storage::Transaction& tx_;
  const auth::Caller& caller_;
  const std::string_view method_;
  const absl::Time now_;
  PeerAnswers& answers_;
  std::string reason_;
  Erasure* erasure_ = nullptr;
  std::vector<Erased> erased_;
  ChangesMade changes_;
};

// TOO_LARGE if the reply of a unary method is larger than kMaxReplyBytes (sizes.h).
absl::Status CheckReplySize(const google::protobuf::Message& reply);

// INVALID_FIELDS, on the resource's field `path` of the request, if the resource is larger than
// kMaxResourceBytes (sizes.h). Judged of what a caller writes, not of what methods and time add:
// the last of many objections isn't refused for the others' length.
absl::Status CheckSize(const ResourceType& type, const google::protobuf::Message& resource,
                       std::string_view path);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_SCOPE_H_
