// balictl get and balictl list: resources by name and by collection.

#include <limits>
#include <ostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/commands/output.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

absl::Status Get(const Arguments& arguments, Io& io) {
  const std::string& name = arguments.positional[0];
  ASSIGN_OR_RETURN(const OutputForm form, OutputFormOf(arguments));
  ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(name));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  const auto request = NewMessage(*kind->get->input_type());
  SetText(*request, "name", name);
  const auto reply = NewMessage(*kind->message);
  RETURN_IF_ERROR(connection->Call(*kind->get, *request, *reply));
  return PrintResource(*reply, form, io);
}

absl::StatusOr<std::unique_ptr<Message>> ListRequest(const Collection& collection,
                                                     const Arguments& arguments) {
  int32_t page_size = 0;
  if (!absl::SimpleAtoi(arguments.Text("page_size"), &page_size) || page_size < 0) {
    return UsageError("--page_size must be a number");
  }
  auto request = NewMessage(*collection.kind->list->input_type());
  if (!collection.parent.empty()) SetText(*request, "parent", collection.parent);
  SetNumber(*request, "page_size", page_size);
  SetText(*request, "page_token", arguments.Text("page_token"));
  SetText(*request, "filter", arguments.Text("filter"));
  SetText(*request, "order_by", arguments.Text("order_by"));
  SetFlag(*request, "show_deleted", arguments.Is("show_deleted"));
  return request;
}

absl::Status List(const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const OutputForm form, OutputFormOf(arguments));
  ASSIGN_OR_RETURN(const Collection collection, FindCollection(arguments.positional[0]));
  RETURN_IF_ERROR(CheckColumns(*collection.kind, form, arguments));
  ASSIGN_OR_RETURN(const auto request, ListRequest(collection, arguments));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  const ResourceKind& kind = *collection.kind;
  std::vector<std::unique_ptr<Message>> pages;
  std::vector<const Message*> resources;
  std::string next;
  do {
    const Message& page = *pages.emplace_back(NewMessage(*kind.list->output_type()));
    RETURN_IF_ERROR(connection->Call(*kind.list, *request, *pages.back()));
    const auto* reflection = page.GetReflection();
    for (int i = 0; i < reflection->FieldSize(page, kind.items); ++i) {
      resources.push_back(&reflection->GetRepeatedMessage(page, kind.items, i));
    }
    next = GetText(page, "next_page_token");
    SetText(*request, "page_token", next);
  } while (!next.empty() && arguments.Is("all"));
  RETURN_IF_ERROR(PrintResources(kind, resources, form, arguments, io));
  if (!next.empty()) io.err << "there is more: --page_token " << next << "\n";
  return absl::OkStatus();
}

std::vector<Flag> ListFlags() {
  std::vector<Flag> flags = {
      {"filter", "FILTER", "", "Which of them (AIP-160), such as 'kind = STATE'."},
      {"order_by", "FIELDS", "",
       "The order: fields, each with ' desc' if need be. Without it, by name."},
      {"show_deleted", "", "", "Deleted ones too."},
      {"page_size", "NUMBER", "1000", "How many to ask for at a time."},
      {"page_token", "TOKEN", "", "Start with this page."},
      {"all", "", "true", "Get all pages rather than one."}};
  for (Flag& flag : OutputFlags("table")) flags.push_back(std::move(flag));
  return WithConnection(std::move(flags));
}

}  // namespace

Command GetCommand() {
  return {.name = "get",
          .arguments = "NAME",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Show a resource",
          .description =
              "Shows the resource of this name, whatever its type.\n\n"
              "Example:\n  balictl get members/aus",
          .flags = WithConnection({OutputFlags("json")[0]}),
          .run = Get};
}

Command ListCommand() {
  return {.name = "list",
          .arguments = "COLLECTION",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "List the resources of a collection",
          .description =
              "Lists the resources of a collection: `bodies`, `bodies/ahg/seats`, or with `-` for "
              "all\nparents, `bodies/-/seats`. A table has the name and the filterable fields, as "
              "far as\nthere is anything in them.\n\n"
              "Examples:\n"
              "  balictl list members --filter 'kind = STATE' --order_by display_name\n"
              "  balictl list bodies/-/seats --filter 'role = CHAIR'",
          .flags = ListFlags(),
          .run = List};
}

}  // namespace baliprocess::balictl
