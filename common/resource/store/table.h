// Rows of resource tables: reading and writing resources by name, and what refers to them. Knows
// nothing of callers, rules or history.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_TABLE_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_TABLE_H_

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/auth/caller.h"
#include "common/resource/query/filter.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// The `layout` of a row: the schema version of the binary that wrote it (schema.h).
struct RowLayout {
  int version = 0;
};

// Who looks. Resources that a viewer may not see aren't there for it.
class Viewer {
 public:
  // Sees everything. For rules: a rule applies even if the caller can't see the resource that makes
  // it apply.
  static Viewer Everything() { return Viewer(); }
  // Sees what any member may see, and takes part in nothing.
  static Viewer AnyMember() {
    Viewer viewer;
    viewer.clearance_ = api::v1::Visibility::MEMBERS;
    return viewer;
  }
  explicit Viewer(const auth::Caller& caller)
      : clearance_(caller.clearance()), member_(caller.member) {}

  api::v1::Visibility::Level clearance() const { return clearance_; }
  // The viewer's own member; empty when it speaks for none.
  const std::string& member() const { return member_; }

 private:
  Viewer() = default;
  api::v1::Visibility::Level clearance_ = api::v1::Visibility::RESTRICTED;
  std::string member_;
};

// Reads the resource called `name` into `resource`; false when there is none. Deleted ones count.
// `layout` receives that of the row.
absl::StatusOr<bool> Load(storage::Transaction& tx, const ResourceType& type, std::string_view name,
                          google::protobuf::Message& resource, RowLayout* layout = nullptr);

// Reads `body` of a row into `resource`.
absl::Status ParseBody(const storage::Value& body, google::protobuf::Message& resource);

// The columns of the type's table: those of its fields, `name` first, then `parent`, `layout` and
// `message`.
std::vector<std::string> ColumnNames(const ResourceType& type);

// The row of a resource, in the order of ColumnNames.
std::vector<storage::Value> RowOf(const ResourceType& type, RowLayout layout,
                                  const google::protobuf::Message& resource);

// Adds the row of a new resource, or replaces the row of one that there is; and its references
// when it isn't deleted, none when it is. `before` is the resource as a program of this layout has
// stored it, whose references and words are written again only where they differ; nullptr where
// that isn't known.
absl::Status Insert(storage::Transaction& tx, const ResourceType& type, RowLayout layout,
                    const google::protobuf::Message& resource);
absl::Status Replace(storage::Transaction& tx, const ResourceType& type, RowLayout layout,
                     const google::protobuf::Message* before,
                     const google::protobuf::Message& resource);

// A live resource that refers to `name` or is its child, if there is one.
absl::StatusOr<std::optional<std::string>> FindReferrer(storage::Transaction& tx,
                                                        std::string_view name);

// Whether `name` is there, not deleted, and may be seen by the viewer.
absl::StatusOr<bool> IsLive(storage::Transaction& tx, const ResourceType& type,
                            std::string_view name, const Viewer& viewer);

// Whether IsLive, and the viewer may see what belongs to `name`.
absl::StatusOr<bool> IsLiveAndOpen(storage::Transaction& tx, const ResourceType& type,
                                   std::string_view name, const Viewer& viewer);

// A SQL condition on the table of `type`, true for rows that the viewer may see: by their own
// visibility (what is deleted: kDeletedVisibility at least), by that of their parents, and by the
// circles that they belong to. Its text is the
// same for all members, so that statements are.
Condition VisibleTo(const ResourceType& type, const Viewer& viewer);

// VisibleTo, and that the viewer may see what belongs to the row: the row isn't closed, or the
// viewer is in its circle.
Condition InsideOf(const ResourceType& type, const Viewer& viewer);

// VisibleTo without the row's own visibility: only that of its parents and circles.
Condition SurroundingsVisibleTo(const ResourceType& type, const Viewer& viewer);

// FROM and WHERE of the live resources whose time has come (Rules.due_when). The parameter is now,
// in microseconds.
std::string FromDue(const ResourceType& type);

// SELECT of the names of such resources, in their order. The second parameter is the name after
// which to begin.
std::string SelectDueNames(const ResourceType& type, int limit);

// The resource as bytes, the same for equal resources.
std::string Serialize(const google::protobuf::Message& resource);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_TABLE_H_
