#include "tests/contract/engine_model.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/body.pb.h"
#include "baliprocess/membership/v1/member.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"

namespace baliprocess::membership {
namespace {

using api::v1::Error;
using common::v1::Change;
using google::protobuf::FieldDescriptor;

constexpr size_t kLongestShortName = 50;
// What a caller doesn't set.
const char* const kServerFields[] = {"name",        "uid",         "etag",
                                     "create_time", "update_time", "delete_time"};

const FieldDescriptor* FieldOf(const Message& message, const std::string& field) {
  return message.GetDescriptor()->FindFieldByName(field);
}
bool Has(const Message& message, const std::string& field) {
  const FieldDescriptor* descriptor = FieldOf(message, field);
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  return std::find(set.begin(), set.end(), descriptor) != set.end();
}
void CopyField(const Message& from, const std::string& field, Message& to) {
  const FieldDescriptor* descriptor = FieldOf(from, field);
  to.GetReflection()->ClearField(&to, descriptor);
  if (!Has(from, field)) return;
  const std::unique_ptr<Message> only(from.New());
  only->CopyFrom(from);
  std::vector<const FieldDescriptor*> set;
  only->GetReflection()->ListFields(*only, &set);
  for (const FieldDescriptor* other : set) {
    if (other != descriptor) only->GetReflection()->ClearField(only.get(), other);
  }
  to.MergeFrom(*only);
}

std::vector<std::string> RequiredFields(const Message& resource) {
  if (resource.GetDescriptor() == v1::Body::descriptor()) return {"kind", "display_name"};
  if (resource.GetDescriptor() == v1::Seat::descriptor()) return {"member", "role"};
  return {"kind", "category", "display_name"};
}
bool IsComplete(const Message& resource) {
  const std::vector<std::string> required = RequiredFields(resource);
  return std::all_of(required.begin(), required.end(),
                     [&](const std::string& field) { return Has(resource, field); });
}
// Whether no field is too long.
bool IsWellFormed(const Message& resource) {
  return FieldOf(resource, "short_name") == nullptr ||
         TextOf(resource, "short_name").size() <= kLongestShortName;
}

std::vector<std::string> ReferencesOf(const Message& resource) {
  std::vector<std::string> names;
  for (const char* field : {"parent_body", "member"}) {
    if (FieldOf(resource, field) == nullptr) continue;
    std::string name = TextOf(resource, field);
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

std::shared_ptr<Message> CopyOf(const Message& message) {
  std::shared_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

void SetDefaultVisibility(Message& resource) {
  if (Has(resource, "visibility")) return;
  resource.GetReflection()->SetEnumValue(&resource, FieldOf(resource, "visibility"),
                                         api::v1::Visibility::PUBLIC);
}

bool IsStale(const Message& resource, const std::string& etag) {
  return !etag.empty() && TextOf(resource, "etag") != etag;
}

std::string BytesOf(const Message* message) {
  return message == nullptr ? "" : message->SerializeAsString();
}

}  // namespace

std::string TextOf(const Message& message, const std::string& field) {
  return message.GetReflection()->GetString(message, FieldOf(message, field));
}
void SetText(Message& message, const std::string& field, const std::string& value) {
  message.GetReflection()->SetString(&message, FieldOf(message, field), value);
}
std::unique_ptr<Message> ResourceCalled(const std::string& name) {
  std::unique_ptr<Message> resource;
  if (absl::StrContains(name, "/seats/")) {
    resource = std::make_unique<v1::Seat>();
  } else if (absl::StartsWith(name, "bodies/")) {
    resource = std::make_unique<v1::Body>();
  } else {
    resource = std::make_unique<v1::Member>();
  }
  SetText(*resource, "name", name);
  return resource;
}
std::string ParentOf(const std::string& name) {
  const size_t seats = name.find("/seats/");
  return seats == std::string::npos ? "" : name.substr(0, seats);
}
bool IsDeleted(const Message& resource) { return Has(resource, "delete_time"); }

const Message* Model::Find(const std::string& name) const {
  const auto found = rows_.find(name);
  return found == rows_.end() ? nullptr : found->second.get();
}
bool Model::IsLive(const std::string& name) const {
  const Message* row = Find(name);
  return row != nullptr && !IsDeleted(*row);
}
bool Model::AllLive(const std::vector<std::string>& names) const {
  return std::all_of(names.begin(), names.end(),
                     [this](const std::string& name) { return IsLive(name); });
}

// One member, one role, one seat in a body: none of the seats has a term.
bool Model::HoldsSeatAlready(const Message& resource) const {
  const auto* seat = dynamic_cast<const v1::Seat*>(&resource);
  if (seat == nullptr) return false;
  return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
    const auto* other = dynamic_cast<const v1::Seat*>(row.second.get());
    return other != nullptr && other->name() != seat->name() && !IsDeleted(*other) &&
           ParentOf(other->name()) == ParentOf(seat->name()) && other->member() == seat->member() &&
           other->role() == seat->role();
  });
}

bool Model::IsReferredTo(const std::string& name) const {
  return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
    if (IsDeleted(*row.second)) return false;
    const std::vector<std::string> names = ReferencesOf(*row.second);
    return ParentOf(row.first) == name ||
           std::find(names.begin(), names.end(), name) != names.end();
  });
}

Outcome Model::Create(const Message& resource) const {
  const std::string name = TextOf(resource, "name");
  if (!IsComplete(resource) || !IsWellFormed(resource)) return {Error::INVALID_FIELDS, {}};
  const std::string parent = ParentOf(name);
  if (!parent.empty() && !IsLive(parent)) return {Error::RESOURCE_NOT_FOUND, {}};
  if (Find(name) != nullptr) return {Error::RESOURCE_EXISTS, {}};
  if (!AllLive(ReferencesOf(resource))) return {Error::REFERENCE_NOT_FOUND, {}};
  if (HoldsSeatAlready(resource)) return {Error::RULE_BROKEN, {}};
  const std::shared_ptr<Message> after = CopyOf(resource);
  SetText(*after, "etag", "");
  SetDefaultVisibility(*after);
  return {{}, {{Change::CREATED, name, nullptr, after}}};
}

// All or none. What is wrong with a request by itself comes first; then the reason is that of the
// first bad row.
Outcome Model::BatchCreate(const std::vector<std::shared_ptr<Message>>& resources) const {
  Model then;
  then.rows_ = rows_;
  Outcome all;
  for (const auto& resource : resources) {
    if (!IsComplete(*resource) || !IsWellFormed(*resource)) return {Error::INVALID_FIELDS, {}};
  }
  for (const auto& resource : resources) {
    Outcome one = then.Create(*resource);
    if (one.reason != Error::REASON_UNSPECIFIED) return one;
    then.Apply(one.changes[0], absl::InfinitePast());
    all.changes.push_back(std::move(one.changes[0]));
  }
  return all;
}

Outcome Model::Update(const Message& patch, const UpdateOptions& options) const {
  const std::string name = TextOf(patch, "name");
  if (!IsWellFormed(patch)) return {Error::INVALID_FIELDS, {}};
  if (!IsLive(name)) {
    if (options.allow_missing) return Create(patch);
    return {Error::RESOURCE_NOT_FOUND, {}};
  }
  const Message& before = *Find(name);
  if (IsStale(before, TextOf(patch, "etag"))) return {Error::ETAG_MISMATCH, {}};
  return Merge(before, patch, options.mask);
}

Outcome Model::Merge(const Message& before, const Message& patch,
                     const std::vector<std::string>& mask) const {
  const std::shared_ptr<Message> after = CopyOf(before);
  if (mask.empty()) after->MergeFrom(patch);
  if (mask == std::vector<std::string>{"*"}) {
    after->CopyFrom(patch);
  } else {
    for (const std::string& path : mask) CopyField(patch, path, *after);
  }
  for (const char* field : kServerFields) CopyField(before, field, *after);
  SetDefaultVisibility(*after);
  if (BytesOf(after.get()) == BytesOf(&before)) return {};
  if (!IsComplete(*after)) return {Error::INVALID_FIELDS, {}};
  if (!AllLive(ReferencesOf(*after))) return {Error::REFERENCE_NOT_FOUND, {}};
  if (HoldsSeatAlready(*after)) return {Error::RULE_BROKEN, {}};
  const std::string name = TextOf(before, "name");
  return {{}, {{Change::UPDATED, name, rows_.at(name), after}}};
}

Outcome Model::Delete(const std::string& name, const std::string& etag, bool allow_missing) const {
  if (!IsLive(name)) {
    if (allow_missing) return {};
    return {Error::RESOURCE_NOT_FOUND, {}};
  }
  const MessagePtr& before = rows_.at(name);
  if (IsStale(*before, etag)) return {Error::ETAG_MISMATCH, {}};
  if (IsReferredTo(name)) return {Error::STILL_REFERENCED, {}};
  return {{}, {{Change::DELETED, name, before, CopyOf(*before)}}};
}

Outcome Model::Undelete(const std::string& name, const std::string& etag) const {
  if (Find(name) == nullptr) return {Error::RESOURCE_NOT_FOUND, {}};
  const MessagePtr& before = rows_.at(name);
  if (IsStale(*before, etag)) return {Error::ETAG_MISMATCH, {}};
  if (!IsDeleted(*before)) return {Error::WRONG_STATE, {}};
  const std::string parent = ParentOf(name);
  if (!parent.empty() && !IsLive(parent)) return {Error::REFERENCE_NOT_FOUND, {}};
  if (!AllLive(ReferencesOf(*before))) return {Error::REFERENCE_NOT_FOUND, {}};
  if (HoldsSeatAlready(*before)) return {Error::RULE_BROKEN, {}};
  const std::shared_ptr<Message> after = CopyOf(*before);
  after->GetReflection()->ClearField(after.get(), FieldOf(*after, "delete_time"));
  return {{}, {{Change::UNDELETED, name, before, after}}};
}

Outcome Model::Purge(const std::string& name, const std::string& etag) const {
  if (Find(name) == nullptr) return {Error::RESOURCE_NOT_FOUND, {}};
  const MessagePtr& before = rows_.at(name);
  if (IsStale(*before, etag)) return {Error::ETAG_MISMATCH, {}};
  if (!IsDeleted(*before)) return {Error::WRONG_STATE, {}};
  const bool has_children = std::any_of(
      rows_.begin(), rows_.end(), [&](const auto& row) { return ParentOf(row.first) == name; });
  if (has_children) return {Error::STILL_REFERENCED, {}};
  return {{}, {{Change::PURGED, name, before, nullptr}}};
}

void Model::Apply(const ExpectedChange& change, absl::Time now) {
  LogEntry entry{now, change.kind, change.name, BytesOf(change.before.get()),
                 BytesOf(change.after.get())};
  if (change.kind == Change::PURGED) {
    // What it was isn't told any more.
    rows_.erase(change.name);
    entry.before.clear();
    for (LogEntry& earlier : log_) {
      if (earlier.resource != change.name) continue;
      earlier.before.clear();
      earlier.after.clear();
    }
  } else {
    rows_[change.name] = change.after;
  }
  log_.push_back(std::move(entry));
}

void Model::Compact(absl::Time time) {
  while (compacted_ < log_.size() && log_[compacted_].time < time) ++compacted_;
}

}  // namespace baliprocess::membership
