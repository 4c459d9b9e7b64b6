// balictl describe and balictl methods: what the contracts say of types, fields and methods.

#include <algorithm>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/access.pb.h"
#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/base/field_limits.h"
#include "common/base/status_macros.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/documentation.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/contract/verbs.h"
#include "services/balictl/program/nearest.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using api::v1::Access;
using api::v1::Visibility;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr char kIndent[] = "      ";

// Who may call the method: `secretariat, member (for its own member)`.
std::string RolesOf(const MethodDescriptor& method) {
  const Access& access = method.options().GetExtension(api::v1::access);
  const bool own = !access.own_member_field().empty() || !access.own_resource_field().empty();
  std::vector<std::string> roles;
  for (const int role : access.roles()) {
    std::string name = absl::AsciiStrToLower(Access::Role_Name(static_cast<Access::Role>(role)));
    if (role == Access::PUBLIC) name = "anyone";
    if (role == Access::MEMBER && own) name += " (of its own)";
    roles.push_back(std::move(name));
  }
  return absl::StrJoin(roles, ", ");
}

// The rules of a field, each a few words.
std::vector<std::string> RulesOf(const FieldDescriptor& field) {
  const auto& rules = field.options().GetExtension(api::v1::field);
  std::vector<std::string> words;
  if (field.is_repeated()) words.push_back(absl::StrCat("a list of at most ", MaxItemsOf(&field)));
  if (HasBehavior(field, google::api::REQUIRED)) words.push_back("required");
  if (HasBehavior(field, google::api::IMMUTABLE)) words.push_back("can't be changed later");
  if (HasBehavior(field, google::api::OUTPUT_ONLY)) words.push_back("set by the server");
  if (rules.filled()) words.push_back("filled in by the server where it is left out");
  if (rules.filterable()) words.push_back("can be filtered and ordered by");
  if (rules.has_minimum()) words.push_back(absl::StrCat("at least ", rules.minimum()));
  if (rules.has_maximum()) words.push_back(absl::StrCat("at most ", rules.maximum()));
  const std::string& type = field.options().GetExtension(google::api::resource_reference).type();
  if (!type.empty()) {
    words.push_back(absl::StrCat("the name of a ", type.substr(type.find('/') + 1)));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    words.push_back(absl::StrCat("at most ", MaxLengthOf(&field), " characters"));
  }
  if (rules.visibility() == Visibility::RESTRICTED) words.push_back("for the secretariat alone");
  if (rules.visibility() == Visibility::MEMBERS) words.push_back("not for the public");
  if (rules.personal()) words.push_back("personal: erased when the person asks for erasure");
  return words;
}

std::string ValuesOf(const FieldDescriptor& field) {
  if (field.enum_type() == nullptr) return "";
  std::string text = absl::StrCat(kIndent, "Values:\n");
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const auto& value = *field.enum_type()->value(i);
    if (value.number() == 0) continue;
    absl::StrAppend(&text,
                    Indented(absl::StrCat(WordOf(value), ": ", CommentOf(value)), "        "));
  }
  return text;
}

std::string TextOfField(const FieldDescriptor& field, const std::string& path, bool whole) {
  std::string text =
      absl::StrCat("  ", path, "  ", field.enum_type() ? "WORD" : FormOf(field), "\n");
  const std::string comment = CommentOf(field);
  absl::StrAppend(&text, Indented(whole ? comment : FirstParagraph(comment), kIndent));
  const std::vector<std::string> rules = RulesOf(field);
  absl::StrAppend(&text, Indented(absl::StrJoin(rules, "; "), kIndent));
  return text + ValuesOf(field);
}

std::string TextOfType(const Descriptor& type) {
  std::string text =
      absl::StrCat(type.name(), "\n\n", Indented(CommentOf(type), "  "), "\nFields:\n");
  for (int i = 0; i < type.field_count(); ++i) {
    absl::StrAppend(&text, TextOfField(*type.field(i), type.field(i)->name(), /*whole=*/false));
  }
  return text;
}

std::string CommandFor(const MethodDescriptor& method) {
  const Verb* verb = VerbOf(method);
  return verb ? absl::StrCat("balictl ", verb->collection, " ", verb->word) : "";
}

std::string TextOfMethod(const MethodDescriptor& method) {
  std::string text = absl::StrCat(method.name(), "\n\n", Indented(CommentOf(method), "  "));
  absl::StrAppend(&text, "  For: ", RolesOf(method), "\n");
  if (const std::string command = CommandFor(method); !command.empty()) {
    absl::StrAppend(&text, "  Command: ", command, "\n");
  }
  absl::StrAppend(&text, "\nThe request:\n");
  const Descriptor& request = *method.input_type();
  for (int i = 0; i < request.field_count(); ++i) {
    absl::StrAppend(&text,
                    TextOfField(*request.field(i), request.field(i)->name(), /*whole=*/false));
  }
  absl::StrAppend(&text, "\nThe reply is ", method.output_type()->name(), ": balictl describe ",
                  method.output_type()->name(), "\n");
  return text;
}

// The type that a word means: a collection, a resource, or any message of the contracts.
const Descriptor* FindType(const std::string& word) {
  if (const auto kind = FindKind(word); kind.ok()) return (*kind)->message;
  for (const Descriptor* type : LinkedMessages()) {
    if (Folded(type->name()) == Folded(word)) return type;
  }
  return nullptr;
}

absl::Status Unknown(const std::string& word) {
  std::vector<std::string> known;
  for (const ResourceKind& kind : Resources()) known.push_back(kind.pattern.Collection());
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) known.push_back(service->method(i)->name());
  }
  return UsageError(absl::StrCat("there is no type and no method ", word, ".",
                                 DidYouMean(word, known), " balictl methods lists the methods"));
}

absl::Status DescribeField(const Descriptor& type, const std::string& path, Io& io) {
  if (path.empty()) return UsageError(absl::StrCat("say which field of ", type.name()));
  const Descriptor* at = &type;
  const FieldDescriptor* field = nullptr;
  std::string rest = path;
  while (!rest.empty()) {
    const size_t dot = rest.find('.');
    const std::string name = rest.substr(0, dot);
    rest = dot == std::string::npos ? "" : rest.substr(dot + 1);
    if (at == nullptr) return UsageError(absl::StrCat(field->name(), " has no fields"));
    std::vector<std::string> names;
    field = nullptr;
    for (int i = 0; i < at->field_count(); ++i) {
      names.push_back(at->field(i)->name());
      if (Folded(names.back()) == Folded(name)) field = at->field(i);
    }
    if (field == nullptr) {
      return UsageError(absl::StrCat("there is no field ", name, "; there are ",
                                     absl::StrJoin(names, ", "), ".", DidYouMean(name, names)));
    }
    at = field->message_type();
  }
  io.out << TextOfField(*field, path, /*whole=*/true);
  if (at != nullptr && !IsValueType(*at)) io.out << "\n" << TextOfType(*at);
  return absl::OkStatus();
}

absl::Status Describe(const Arguments& arguments, Io& io) {
  const std::string& word = arguments.positional[0];
  const size_t dot = word.find('.');
  if (const Descriptor* type = FindType(word.substr(0, dot))) {
    if (dot != std::string::npos) return DescribeField(*type, word.substr(dot + 1), io);
    io.out << TextOfType(*type);
    return absl::OkStatus();
  }
  const auto method = FindMethod(word);
  if (!method.ok()) return Unknown(word);
  io.out << TextOfMethod(**method);
  return absl::OkStatus();
}

absl::Status ListMethods(const Arguments& arguments, Io& io) {
  const std::string wanted = arguments.positional.empty() ? "" : arguments.positional[0];
  if (!wanted.empty()) RETURN_IF_ERROR(FindService(wanted).status());
  std::vector<Row> rows = {{"METHOD", "COMMAND", "FOR"}};
  for (const auto* service : Services()) {
    if (!wanted.empty() && *FindService(wanted) != service) continue;
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      rows.push_back({method.name(), CommandFor(method), RolesOf(method)});
    }
  }
  io.out << FormatTable(std::move(rows), 0);
  return absl::OkStatus();
}

}  // namespace

Command DescribeCommand() {
  return {.name = "describe",
          .arguments = "TYPE[.FIELD] | METHOD",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Tell what a type, a field or a method means",
          .description =
              "Tells what the contract says of a type of resource, of one of its fields, or of a "
              "method: what it means, allowed values, limits, who sees it, whether it can be "
              "filtered by. No server is asked.\n\n"
              "Examples:\n"
              "  balictl describe meetings\n"
              "  balictl describe meeting.start_date\n"
              "  balictl describe BreakSilence",
          .flags = {},
          .run = Describe};
}

Command MethodsCommand() {
  return {.name = "methods",
          .arguments = "[SERVICE]",
          .min_arguments = 0,
          .max_arguments = 1,
          .summary = "List the methods, their commands, and who may call them",
          .description =
              "Lists the methods of all services, or of one: membership, meetings, "
              "capacity. No server is asked.\n\nExample:\n  balictl methods meetings",
          .flags = {},
          .run = ListMethods};
}

}  // namespace baliprocess::balictl
