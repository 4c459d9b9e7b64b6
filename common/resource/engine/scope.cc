#include "common/resource/engine/scope.h"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/contract/validation.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/sizes.h"

namespace baliprocess::resource {
namespace {

using common::v1::Change;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::TimeUtil;
using storage::Row;
using storage::Value;

constexpr size_t kEtagBytes = 12;

void SetString(Message& message, const FieldDescriptor* field, std::string value) {
  message.GetReflection()->SetString(&message, field, std::move(value));
}

void SetTime(Message& message, const FieldDescriptor* field, absl::Time time) {
  message.GetReflection()
      ->MutableMessage(&message, field)
      ->CopyFrom(TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time)));
}

absl::Time TimeIn(const Message& message, const FieldDescriptor* field) {
  const auto& time = static_cast<const google::protobuf::Timestamp&>(
      message.GetReflection()->GetMessage(message, field));
  return absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(time));
}

// `seat` and `member` make `seat.member`.
std::string Join(std::string_view path, const std::string& field) {
  return path.empty() ? field : absl::StrCat(std::string(path), ".", field);
}

// The resource called `name`, if the viewer may see it and it meets the condition. One row needs no
// budget.
absl::Status LoadVisible(storage::Transaction& tx, const ResourceType& type,
                         std::string_view condition, const Viewer& viewer, std::string_view name,
                         Message& resource) {
  Condition visible = resource::VisibleTo(type, viewer);
  visible.params.emplace_back(std::string(name));
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query(absl::StrCat("SELECT message FROM ", type.plural, " WHERE ",
                                         std::string(condition), visible.sql, " AND name = ?"),
                            visible.params));
  if (rows.empty()) return NotFound(name);
  return ParseBody(rows[0][0], resource);
}

}  // namespace

absl::Status CheckSize(const ResourceType& type, const Message& resource, std::string_view path) {
  const auto bytes = static_cast<int64_t>(resource.ByteSizeLong());
  if (bytes <= kMaxResourceBytes) return absl::OkStatus();
  return InvalidField(path.empty() ? type.singular : std::string(path),
                      absl::StrCat("must have at most ", kMaxResourceBytes,
                                   " bytes, all its fields together, and has ", bytes));
}

absl::Status CheckReplySize(const Message& reply) {
  if (static_cast<int64_t>(reply.ByteSizeLong()) <= kMaxReplyBytes) return absl::OkStatus();
  return Error(api::v1::Error::TOO_LARGE,
               absl::StrCat("the reply would have more than ", kMaxReplyBytes,
                            " bytes: list the resources that it is made of"));
}

absl::Status Scope::GetInto(const ResourceType& type, std::string_view name, Message& resource) {
  return LoadVisible(tx_, type, "delete_time IS NULL AND ", Viewer(caller_), name, resource);
}

absl::Status Scope::GetAnyInto(const ResourceType& type, std::string_view name, Message& resource) {
  return LoadVisible(tx_, type, "", Viewer(caller_), name, resource);
}

absl::StatusOr<std::vector<Row>> Scope::SelectBodies(const ResourceType& type,
                                                     std::string_view condition,
                                                     const std::vector<Value>& params,
                                                     const Viewer& viewer) {
  Condition visible = resource::VisibleTo(type, viewer);
  visible.params.insert(visible.params.end(), params.begin(), params.end());
  ASSIGN_OR_RETURN(
      std::vector<Row> rows,
      tx_.QueryUpTo(
          {{"message"}, max_read_bytes_},
          absl::StrCat("SELECT message FROM ", type.plural, " WHERE delete_time IS NULL AND ",
                       visible.sql, " AND (", condition.empty() ? "TRUE" : std::string(condition),
                       ") ORDER BY name"),
          visible.params));
  int64_t bytes = 0;
  for (const Row& row : rows) bytes += static_cast<int64_t>(storage::AsBytes(row[0]).size());
  if (bytes <= max_read_bytes_) return rows;
  return Error(api::v1::Error::TOO_LARGE,
               absl::StrCat("the method would have to read more than ", max_read_bytes_,
                            " bytes of ", type.plural, ": list them in pages"));
}

absl::StatusOr<std::string> Scope::NameIfSeen(const Message& resource) {
  return NameIfSeen(TypeOf(resource).NameOf(resource));
}

absl::StatusOr<std::string> Scope::NameIfSeen(const std::string& name) {
  const ResourceType* type = registry_.FindName(name);
  if (type == nullptr) return std::string();
  ASSIGN_OR_RETURN(const bool seen, IsLive(tx_, *type, name, Viewer(caller_)));
  return seen ? name : std::string();
}

absl::StatusOr<bool> Scope::SeesInto(const Message& resource) {
  const ResourceType& type = TypeOf(resource);
  Condition inside = InsideOf(type, Viewer(caller_));
  inside.params.emplace_back(type.NameOf(resource));
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx_.Query(absl::StrCat("SELECT 1 FROM ", type.plural, " WHERE ", inside.sql, " AND name = ?"),
                inside.params));
  return !rows.empty();
}

absl::StatusOr<bool> Scope::Exists(const Reference& reference, const std::string& name,
                                   const Viewer& viewer) {
  const ResourceType* local = registry_.FindType(reference.target_type);
  if (local != nullptr) return IsLive(tx_, *local, name, viewer);
  const google::protobuf::Descriptor* foreign = MessageOfType(reference.target_type);
  if (foreign == nullptr) return absl::InternalError("no such type: " + reference.target_type);
  return ExistsAtPeer(*foreign, name);
}

absl::StatusOr<bool> Scope::ExistsAtPeer(const google::protobuf::Descriptor& type,
                                         std::string_view name) {
  ASSIGN_OR_RETURN(const Message* found, answers_.Find(type, name));
  return found != nullptr;
}

absl::Status Scope::CheckReferences(const ResourceType& type, const Message* before,
                                    const Message& resource, std::string_view path) {
  std::set<std::string> known;
  for (const Reference& reference : type.references) {
    if (before == nullptr) break;
    ForEachReference(reference, *before,
                     [&](const std::string& name, const std::string&) { known.insert(name); });
  }
  return CheckReferencesBut(known, type, resource, path, Viewer(caller_));
}

absl::Status Scope::CheckReferencesBut(const std::set<std::string>& known, const ResourceType& type,
                                       const Message& resource, std::string_view path,
                                       const Viewer& viewer) {
  absl::Status unanswered;
  absl::Status status;
  for (const Reference& reference : type.references) {
    ForEachReference(reference, resource, [&](const std::string& name, const std::string& field) {
      if (!status.ok() || known.count(name) > 0) return;
      const absl::StatusOr<bool> exists = Exists(reference, name, viewer);
      if (IsUnanswered(exists.status())) {
        unanswered = exists.status();  // go on: what else must be asked for?
      } else if (!exists.ok()) {
        status = exists.status();
      } else if (!*exists) {
        status = ReferenceNotFound(Join(path, field), name);
      }
    });
  }
  return status.ok() ? unanswered : status;
}

absl::Time Scope::TimeAfter(const ResourceType& type, const Message& before) const {
  return std::max({now_, TimeIn(before, type.create_time), TimeIn(before, type.update_time)});
}

void Scope::Stamp(const ResourceType& type, absl::Time time, Message& resource) {
  SetTime(resource, type.update_time, time);
  if (type.VisibilityOf(resource) == api::v1::Visibility::LEVEL_UNSPECIFIED) {
    resource.GetReflection()->SetEnumValue(&resource, type.visibility, type.default_visibility);
  }
  // Random, so that it tells nothing of fields that its reader may not see.
  SetString(resource, type.etag, absl::WebSafeBase64Escape(RandomBytes(kEtagBytes)));
}

absl::Status Scope::Log(const ResourceType& type, Change::Kind kind, const Message* before,
                        const Message* after) {
  changes_.emplace_back(&type, kind);
  return AppendChange(tx_, dialect_, {now_, caller_.subject, std::string(method_), reason_}, type,
                      kind, before, after);
}

absl::Status Scope::CheckByItself(const ResourceType& type, const Message& resource,
                                  std::string_view path) {
  Violations violations;
  ValidateResource(resource, path, violations);
  if (type.rules.validate) type.rules.validate(resource, path, violations);
  return violations.ToStatus();
}

absl::Status Scope::Create(Message& resource, std::string_view path) {
  const ResourceType& type = TypeOf(resource);
  const std::string name = type.NameOf(resource);
  RETURN_IF_ERROR(CheckByItself(type, resource, path));
  // First, or whether the name is taken would tell of what is below a parent that is hidden.
  if (type.parent != nullptr) {
    const std::string parent(type.pattern.Parent(name));
    ASSIGN_OR_RETURN(const bool live, IsLiveAndOpen(tx_, *type.parent, parent, Viewer(caller_)));
    if (!live) return NotFound(parent);
  }
  const auto existing = type.New();
  ASSIGN_OR_RETURN(const bool exists, Load(tx_, type, name, *existing));
  if (exists) {
    return Error(api::v1::Error::RESOURCE_EXISTS,
                 absl::StrCat(name, type.IsDeleted(*existing) ? " exists, deleted: undelete it"
                                                              : " exists already"),
                 {{"resource", name}});
  }
  RETURN_IF_ERROR(CheckReferences(type, nullptr, resource, path));
  if (type.rules.check) {
    RETURN_IF_ERROR(type.rules.check(
        *this, {ChangeKind::kCreate, ChangeOrigin::kRequest, path, nullptr, resource}));
  }
  SetString(resource, type.uid, NewUuid());
  SetTime(resource, type.create_time, now_);
  Stamp(type, now_, resource);
  RETURN_IF_ERROR(CheckSize(type, resource, path));
  RETURN_IF_ERROR(Insert(tx_, type, layout_, resource));
  return Log(type, Change::CREATED, nullptr, &resource);
}

absl::Status Scope::Update(Message& resource, std::string_view path) {
  return UpdateBy(ChangeOrigin::kRequest, resource, path);
}

absl::Status Scope::Update(Message& resource) {
  const ChangeOrigin origin = method_.empty() ? ChangeOrigin::kTime : ChangeOrigin::kMethod;
  return UpdateBy(origin, resource, TypeOf(resource).singular);
}

absl::Status Scope::UpdateBy(ChangeOrigin origin, Message& resource, std::string_view path) {
  const ResourceType& type = TypeOf(resource);
  const std::string name = type.NameOf(resource);
  const auto before = type.New();
  RowLayout stored;
  ASSIGN_OR_RETURN(const bool exists, Load(tx_, type, name, *before, &stored));
  if (!exists) return NotFound(name);
  if (type.VisibilityOf(resource) == api::v1::Visibility::LEVEL_UNSPECIFIED) {
    resource.GetReflection()->SetEnumValue(&resource, type.visibility, type.default_visibility);
  }
  if (Serialize(*before) == Serialize(resource)) return absl::OkStatus();
  RETURN_IF_ERROR(CheckByItself(type, resource, path));
  RETURN_IF_ERROR(CheckReferences(type, before.get(), resource, path));
  if (type.rules.check) {
    RETURN_IF_ERROR(
        type.rules.check(*this, {ChangeKind::kUpdate, origin, path, before.get(), resource}));
    // A rule may have made it what it was, as with an identity whose hashes are stored.
    if (Serialize(*before) == Serialize(resource)) return absl::OkStatus();
  }
  Stamp(type, TimeAfter(type, *before), resource);
  // What a program of another layout has stored says nothing of the references and words there.
  const Message* known = stored.version == layout_.version ? before.get() : nullptr;
  RETURN_IF_ERROR(Replace(tx_, type, layout_, known, resource));
  return Log(type, Change::UPDATED, before.get(), &resource);
}

absl::Status Scope::Delete(Message& resource) {
  const ResourceType& type = TypeOf(resource);
  const std::string name = type.NameOf(resource);
  ASSIGN_OR_RETURN(const std::optional<std::string> referrer, FindReferrer(tx_, name));
  if (referrer) {
    ASSIGN_OR_RETURN(const std::string seen, NameIfSeen(*referrer));
    return Error(api::v1::Error::STILL_REFERENCED,
                 absl::StrCat(name, " can't be deleted while ",
                              seen.empty() ? "another resource" : seen, " refers to it"),
                 {{"resource", name}, {"referrer", seen}});
  }
  const std::unique_ptr<Message> before(resource.New());
  before->CopyFrom(resource);
  if (type.rules.check) {
    RETURN_IF_ERROR(type.rules.check(*this, {ChangeKind::kDelete, ChangeOrigin::kRequest,
                                             type.singular, before.get(), resource}));
  }
  const absl::Time time = TimeAfter(type, *before);
  SetTime(resource, type.delete_time, time);
  Stamp(type, time, resource);
  RETURN_IF_ERROR(Replace(tx_, type, layout_, nullptr, resource));
  return Log(type, Change::DELETED, before.get(), &resource);
}

absl::Status Scope::Undelete(Message& resource) {
  const ResourceType& type = TypeOf(resource);
  const std::string name = type.NameOf(resource);
  const std::unique_ptr<Message> before(resource.New());
  before->CopyFrom(resource);
  resource.GetReflection()->ClearField(&resource, type.delete_time);
  if (type.parent != nullptr) {
    const std::string parent(type.pattern.Parent(name));
    ASSIGN_OR_RETURN(const bool live, IsLiveAndOpen(tx_, *type.parent, parent, Viewer(caller_)));
    if (!live) return ReferenceNotFound("name", parent);
  }
  // The caller names none of the references, and may not see them all.
  RETURN_IF_ERROR(CheckReferencesBut({}, type, resource, "", Viewer::Everything()));
  if (type.rules.check) {
    RETURN_IF_ERROR(type.rules.check(*this, {ChangeKind::kUndelete, ChangeOrigin::kRequest,
                                             type.singular, before.get(), resource}));
  }
  Stamp(type, TimeAfter(type, *before), resource);
  RETURN_IF_ERROR(Replace(tx_, type, layout_, nullptr, resource));
  return Log(type, Change::UNDELETED, before.get(), &resource);
}

// What a page token is bound to: method, caller, and everything but the page.
std::string Scope::PageContext(const Message& request) const {
  const std::unique_ptr<Message> query(request.New());
  query->CopyFrom(request);
  for (const char* field : {"page_token", "page_size"}) {
    query->GetReflection()->ClearField(query.get(), FieldOf(*query, field));
  }
  return absl::StrCat(std::string(method_), "\n", caller_.subject, "\n",
                      static_cast<int>(caller_.clearance()), "\n", Sha256(Serialize(*query)));
}

absl::StatusOr<std::string> Scope::OpenPageToken(const Message& request) const {
  const std::string token = StringField(request, "page_token");
  if (token.empty()) return std::string();
  return sealer_.Open(token, PageContext(request));
}

std::string Scope::SealPageToken(const Message& request, std::string_view key) const {
  return sealer_.Seal(key, PageContext(request));
}

absl::Status Scope::CheckEtag(const Message& resource, std::string_view etag) const {
  const ResourceType& type = TypeOf(resource);
  if (etag.empty() || resource.GetReflection()->GetString(resource, type.etag) == etag) {
    return absl::OkStatus();
  }
  const std::string name = type.NameOf(resource);
  return Error(api::v1::Error::ETAG_MISMATCH,
               absl::StrCat(name, " has changed since this etag was read: read it again"),
               {{"resource", name}});
}

}  // namespace baliprocess::resource
