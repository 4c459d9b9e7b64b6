// balictl create, update, delete and undelete: any resource, with flags for its fields.

#include <google/protobuf/field_mask.pb.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/mutation.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/fields.h"
#include "services/balictl/contract/verbs.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// CreateMember of members, DeleteMember, and so on; a usage error when there is no such method.
absl::StatusOr<const MethodDescriptor*> MethodOf(const ResourceKind& kind,
                                                 const std::string& action) {
  const auto* method =
      kind.get->service()->FindMethodByName(absl::StrCat(action, kind.message->name()));
  if (method != nullptr) return method;
  return UsageError(
      absl::StrCat(kind.pattern.Collection(), " have no method ", action, kind.message->name()));
}

// The field of a request that holds the resource.
const FieldDescriptor& ResourceField(const Descriptor& request, const ResourceKind& kind) {
  for (int i = 0; i < request.field_count(); ++i) {
    if (request.field(i)->message_type() == kind.message) return *request.field(i);
  }
  return *kind.patch;  // there always is one: FindResources asks for it
}

// What is to be created: `bodies/ahg/seats` and an id, or both in one, `bodies/ahg/seats/aus-2004`.
struct Place {
  const ResourceKind* kind = nullptr;
  std::string parent;
  std::string id;  // empty: the server chooses one
};

// `SG_20` breaks the rule, and `sg-20` doesn't.
absl::Status CheckId(const std::string& id) {
  const auto rule = id.empty() ? std::nullopt : resource::WhyInvalidId(id);
  if (!rule) return absl::OkStatus();
  std::string instead;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    instead += absl::ascii_isalnum(byte) ? absl::ascii_tolower(byte) : '-';
  }
  const std::string hint =
      resource::WhyInvalidId(instead) ? "" : absl::StrCat(" Did you mean ", instead, "?");
  return UsageError(absl::StrCat("the id \"", id, "\" must be ", *rule, ".", hint));
}

absl::StatusOr<Place> PlaceOf(const std::string& path, const std::string& id) {
  if (const auto named = KindOfName(path); named.ok() && id.empty()) {
    return Place{*named, std::string((*named)->pattern.Parent(path)),
                 path.substr(path.rfind('/') + 1)};
  }
  ASSIGN_OR_RETURN(const Collection collection, FindCollection(path));
  return Place{collection.kind, collection.parent, id};
}

absl::Status Create(const Arguments& arguments, Io& io) {
  const auto& words = arguments.positional;
  ASSIGN_OR_RETURN(const Place place, PlaceOf(words[0], words.size() > 1 ? words[1] : ""));
  RETURN_IF_ERROR(CheckId(place.id));
  ASSIGN_OR_RETURN(const MethodDescriptor* method, MethodOf(*place.kind, "Create"));
  const auto request = NewMessage(*method->input_type());
  if (!place.parent.empty()) SetText(*request, "parent", place.parent);
  for (int i = 0; i < method->input_type()->field_count(); ++i) {
    const FieldDescriptor& field = *method->input_type()->field(i);
    if (resource::GivesResourceId(field)) SetText(*request, field.name(), place.id);
  }
  Message& made = *request->GetReflection()->MutableMessage(
      request.get(), &ResourceField(*method->input_type(), *place.kind));
  RETURN_IF_ERROR(SetGiven(GivenFields(*place.kind->message), arguments, made).status());
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  return Mutate(*connection, *method, *request, "", arguments, io);
}

absl::Status Update(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  const auto request = NewMessage(*kind->update->input_type());
  const auto* reflection = request->GetReflection();
  Message& patch = *reflection->MutableMessage(request.get(), kind->patch);
  SetText(patch, "name", name);
  SetText(patch, "etag", arguments.Text("etag"));
  ASSIGN_OR_RETURN(const auto paths, SetGiven(GivenFields(*kind->message), arguments, patch));
  if (paths.empty()) {
    return UsageError(absl::StrCat("nothing to update: give fields, such as --display_name TEXT; ",
                                   "balictl help update ", name, " lists them"));
  }
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  const auto* field = request->GetDescriptor()->FindFieldByName("update_mask");
  reflection->MutableMessage(request.get(), field)->CopyFrom(mask);
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  return Mutate(*connection, *kind->update, *request, name, arguments, io);
}

// Delete and Undelete.
absl::Status Act(const std::string& action, const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  ASSIGN_OR_RETURN(const MethodDescriptor* method, MethodOf(*kind, action));
  const auto request = NewMessage(*method->input_type());
  SetText(*request, "name", name);
  if (method->input_type()->FindFieldByName("etag")) {
    SetText(*request, "etag", arguments.Text("etag"));
  }
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  return Mutate(*connection, *method, *request, name, arguments, io);
}

absl::StatusOr<std::vector<Flag>> FieldFlagsOfPlace(const std::string& path) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(path, ""));
  return FlagsOf(GivenFields(*place.kind->message));
}

absl::StatusOr<std::vector<Flag>> FieldFlagsOfName(const std::string& path) {
  const auto kind = KindOfName(path);
  if (kind.ok()) return FlagsOf(GivenFields(*(*kind)->message));
  // The help of a collection, whose resources have no name yet.
  const auto collection = FindCollection(path);
  if (!collection.ok()) return kind.status();
  return FlagsOf(GivenFields(*collection->kind->message));
}

std::vector<Flag> ChangeFlags(bool with_etag) {
  std::vector<Flag> flags = MutationFlags();
  if (with_etag) {
    flags.push_back({"etag", "ETAG", "", "Change only this version (the etag of the resource)."});
  }
  return WithConnection(std::move(flags));
}

}  // namespace

Command CreateCommand() {
  return {.name = "create",
          .arguments = "COLLECTION [ID]",
          .min_arguments = 1,
          .max_arguments = 2,
          .summary = "Create a resource",
          .description =
              "Creates a resource in a collection, `members` or `bodies/ahg/seats`, with a flag "
              "for each field that it gets. Without an ID the server chooses one. `balictl help "
              "create bodies/ahg/seats` lists the fields, `balictl help values` how values are "
              "written.\n\n"
              "Examples:\n"
              "  balictl create meetings ahg-19 --body ahg --display_name 'Nineteenth' \\\n"
              "      --start_date 2025-02 --venue.city Jakarta\n"
              "  balictl create bodies/ahg/seats aus --member aus --role participant",
          .flags = ChangeFlags(/*with_etag=*/false),
          .run = Create,
          .more_flags = FieldFlagsOfPlace};
}

Command UpdateCommand() {
  return {.name = "update",
          .arguments = "NAME",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Change fields of a resource",
          .description =
              "Changes the fields whose flags are given, and no other. An empty value clears a "
              "field; a list is replaced as a whole. `balictl help update bodies/ahg` lists the "
              "fields, `balictl help values` how values are written.\n\n"
              "Examples:\n"
              "  balictl update meetings/ahg-19 --start_date 2025-02-14 --venue.city Bali\n"
              "  balictl update bodies/ahg --mandate @mandate.txt --dry_run",
          .flags = ChangeFlags(/*with_etag=*/true),
          .run = Update,
          .more_flags = FieldFlagsOfName};
}

Command DeleteCommand() {
  return {.name = "delete",
          .arguments = "NAME",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Delete a resource",
          .description =
              "Deletes a resource that no other refers to. It can be undeleted until it is purged."
              "\n\nExample:\n  balictl delete meetings/ahg-19",
          .flags = ChangeFlags(/*with_etag=*/true),
          .run = [](const Arguments& arguments, Io& io) { return Act("Delete", arguments, io); }};
}

Command UndeleteCommand() {
  return {.name = "undelete",
          .arguments = "NAME",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Bring a deleted resource back",
          .description =
              "Brings a deleted resource back as it was.\n\n"
              "Example:\n  balictl undelete meetings/ahg-19",
          .flags = ChangeFlags(/*with_etag=*/true),
          .run = [](const Arguments& arguments, Io& io) { return Act("Undelete", arguments, io); }};
}

}  // namespace baliprocess::balictl
