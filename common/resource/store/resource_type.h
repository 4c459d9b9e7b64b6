// What the engine knows of a resource type: all of it read from the message's descriptor, but for
// the rules of the domain.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_RESOURCE_TYPE_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_RESOURCE_TYPE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/base/errors.h"
#include "common/resource/contract/columns.h"
#include "common/resource/contract/names.h"

namespace baliprocess::storage {
class Transaction;
}

namespace baliprocess::resource {

class Scope;

// What is done to a resource.
enum class ChangeKind { kCreate, kUpdate, kDelete, kUndelete };

// Who says what the resource becomes.
enum class ChangeOrigin {
  kRequest,  // a standard method: the caller gives the fields
  kMethod,   // a custom method of the service
  kTime,     // time alone (Rules.settle)
};

// A change that a rule judges.
template <typename T>
struct ChangeOf {
  ChangeKind kind;
  ChangeOrigin origin;
  // The resource in the request, such as `seat`, for the names of fields in errors.
  std::string_view path;
  // The resource as it is stored; nullptr on create.
  const T* before;
  // The resource as it is to be stored, which a rule may complete. On delete: as it is stored.
  T& after;

  // The live resource that `after` takes the place of; nullptr where none was live. What judges a
  // difference from it so judges a create and an undelete in full.
  const T* replaced() const { return kind == ChangeKind::kUpdate ? before : nullptr; }

  // `state` in `decision` makes `decision.state`.
  std::string FieldPath(std::string_view name) const {
    return absl::StrCat(absl::string_view(path.data(), path.size()), ".",
                        absl::string_view(name.data(), name.size()));
  }
};

// The rules of one resource type, beyond what its annotations say. This is all that a resource adds
// to the engine; every part may be absent.
struct Rules {
  // Judges a resource by itself, before any transaction: adds every violation, under paths that
  // start with `prefix`, the path of the resource in the request (such as `seat`).
  std::function<void(const google::protobuf::Message& resource, std::string_view prefix,
                     Violations& violations)>
      validate;

  // Judges a change against other resources, inside its transaction. References and the parent have
  // been found to exist. Nothing refers to a resource that is to be deleted.
  std::function<absl::Status(Scope& scope, const ChangeOf<google::protobuf::Message>& change)>
      check;

  // What time alone does to a resource, such as a silence that expires. `due_when` is a SQL
  // condition on the table (columns.h), without parameters, that is true of resources that wait for
  // their time, and `due_column` the column of that time: an index holds those that wait. `settle`
  // changes a resource whose time has come, within its transaction, so that it doesn't wait any
  // more. All are given or none. The engine settles what is due before every standard read of the
  // type, and every second.
  std::string due_when;
  std::string due_column;
  std::function<absl::Status(Scope& scope, google::protobuf::Message& resource)> settle;

  // Keeps what the service has of the resource in side tables: called after each write of its row,
  // with the resource as it then is, deleted or not. Rows of before there was such a rule are
  // written again by the back-fill (schema.h).
  std::function<absl::Status(storage::Transaction& tx, const google::protobuf::Message& resource)>
      derive;

  // Brings a resource that an earlier version of the contract wrote to its present form, and
  // returns what was kept inside it then and is made a resource of its own. Called by the
  // back-fill, which fills in what the server does and adds those whose names are free; the history
  // doesn't tell of the resource itself.
  std::function<std::vector<std::unique_ptr<google::protobuf::Message>>(
      google::protobuf::Message& resource)>
      split;

  // Removes what the service keeps of a resource in side tables, when the resource is purged.
  std::function<absl::Status(storage::Transaction& tx, const google::protobuf::Message& resource)>
      forget;

  // Indexes for queries of the service's own: the suffix of the name, and the columns, of each.
  std::vector<std::pair<std::string, std::string>> indexes;
};

// Rules.check from a function on the generated class.
template <typename T, typename Check>
auto CheckOf(Check check) {
  return [check](Scope& scope, const ChangeOf<google::protobuf::Message>& change) -> absl::Status {
    return check(scope,
                 ChangeOf<T>{change.kind, change.origin, change.path,
                             static_cast<const T*>(change.before), static_cast<T&>(change.after)});
  };
}

// Rules from functions on the generated class: `RulesOf<Seat>(ValidateSeat, CheckSeat)`; either may
// be nullptr.
template <typename T>
Rules RulesOf(void (*validate)(const T&, std::string_view, Violations&),
              absl::Status (*check)(Scope&, const ChangeOf<T>&)) {
  Rules rules;
  if (validate != nullptr) {
    rules.validate = [validate](const google::protobuf::Message& resource, std::string_view prefix,
                                Violations& violations) {
      validate(static_cast<const T&>(resource), prefix, violations);
    };
  }
  if (check != nullptr) rules.check = CheckOf<T>(check);
  return rules;
}

// A field, perhaps nested or repeated, that names other resources.
struct Reference {
  std::string path;         // `seat.member` without the resource: `member`
  std::string target_type;  // `baliprocess.net/Member`
  std::vector<const google::protobuf::FieldDescriptor*> fields;
};

// What is deleted is read with at least this visibility: to delete is to publish no longer.
inline constexpr api::v1::Visibility::Level kDeletedVisibility = api::v1::Visibility::MEMBERS;

struct ResourceType {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::string type;          // `baliprocess.net/ExternalForum`
  std::string singular;      // `external_forum`, also the field that holds it in requests
  std::string plural;        // `external_forums`, also the table and the field in replies
  std::string plural_camel;  // `ExternalForums`, as in method names
  NamePattern pattern;
  api::v1::Visibility::Level default_visibility = api::v1::Visibility::RESTRICTED;
  std::vector<Column> columns;
  std::vector<Reference> references;
  const ResourceType* parent = nullptr;  // nullptr at the top level

  // Of a type with a circle (api.v1.Circle): its columns.
  std::string closed_column;
  std::string members_column;
  bool has_circle() const { return !closed_column.empty(); }
  // Of a type that is in a circle by a reference rather than by its parent: the column of the
  // reference, and the type that it refers to.
  std::string circle_field;
  std::string circle_path;  // the path of that column
  const ResourceType* circle_owner = nullptr;

  // Of a type with participants (api.v1.Participants): a SELECT of the names of the resources that
  // a member takes part in; its parameter is the member.
  std::string participants;

  Rules rules;

  // The fields that every resource has.
  const google::protobuf::FieldDescriptor* name = nullptr;
  const google::protobuf::FieldDescriptor* uid = nullptr;
  const google::protobuf::FieldDescriptor* etag = nullptr;
  const google::protobuf::FieldDescriptor* create_time = nullptr;
  const google::protobuf::FieldDescriptor* update_time = nullptr;
  const google::protobuf::FieldDescriptor* delete_time = nullptr;
  const google::protobuf::FieldDescriptor* visibility = nullptr;

  std::unique_ptr<google::protobuf::Message> New() const;
  std::string NameOf(const google::protobuf::Message& resource) const;
  bool IsDeleted(const google::protobuf::Message& resource) const;
  api::v1::Visibility::Level VisibilityOf(const google::protobuf::Message& resource) const;
};

// A table that a service keeps beside those of its resources, for what is no resource.
struct SideTable {
  std::string name;
  std::vector<std::string> columns;  // each with its type
  std::string constraint;            // of the table, after the columns; may be empty
  // Suffix of its name, and columns, of each index.
  std::vector<std::pair<std::string, std::string>> indexes;
};

// The resource types of one service.
class Registry {
 public:
  // Adds the type of `descriptor` with its rules. Parents come before their children. An error when
  // the message lacks a field that every resource has, or an annotation that the engine needs: a
  // defect of the contract.
  absl::Status Add(const google::protobuf::Descriptor* descriptor, Rules rules);

  template <typename T>
  absl::Status Add(Rules rules = {}) {
    return Add(T::descriptor(), std::move(rules));
  }

  void AddTable(SideTable table) { side_tables_.push_back(std::move(table)); }

  // nullptr when there is none.
  const ResourceType* Find(const google::protobuf::Descriptor* descriptor) const;
  const ResourceType* FindType(std::string_view type) const;
  const ResourceType* FindName(std::string_view name) const;

  const std::vector<std::unique_ptr<ResourceType>>& types() const { return types_; }
  const std::vector<SideTable>& side_tables() const { return side_tables_; }

 private:
  absl::Status SetCircle(ResourceType& type) const;
  // Completes the parent of `child` if the child says who takes part in it.
  absl::Status SetParticipants(const ResourceType& child);

  std::vector<std::unique_ptr<ResourceType>> types_;
  std::vector<SideTable> side_tables_;
};

// Calls `visit(name, path)` for every resource that `resource` refers to through `reference`; the
// path has indices where fields repeat.
void ForEachReference(
    const Reference& reference, const google::protobuf::Message& resource,
    const std::function<void(const std::string& name, const std::string& path)>& visit);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_RESOURCE_TYPE_H_
