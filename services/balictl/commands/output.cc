#include "services/balictl/commands/output.h"

#include <map>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "services/balictl/contract/csv.h"
#include "services/balictl/contract/differences.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/contract/yaml.h"
#include "services/balictl/program/nearest.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// All fields, messages that are no values taken apart, lists as one.
void AddLeaves(const Descriptor& type, const FieldPath& prefix, std::vector<FieldPath>& leaves) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    FieldPath path = prefix;
    path.push_back(field);
    if (field->message_type() && !field->is_repeated() && !IsValueType(*field->message_type())) {
      AddLeaves(*field->message_type(), path, leaves);
    } else {
      leaves.push_back(std::move(path));
    }
  }
}

absl::StatusOr<FieldPath> ColumnCalled(const std::string& name,
                                       const std::vector<FieldPath>& leaves) {
  std::vector<std::string> names;
  for (const FieldPath& path : leaves) {
    names.push_back(TitleOf(path));
    if (Folded(names.back()) == Folded(name)) return path;
  }
  return UsageError(absl::StrCat("--columns: there is no field ", name, "; there are ",
                                 absl::StrJoin(names, ", "), ".", DidYouMean(name, names)));
}

// The columns that are asked for.
absl::StatusOr<std::vector<FieldPath>> Chosen(const ResourceKind& kind, OutputForm form,
                                              const Arguments& arguments) {
  std::vector<FieldPath> leaves;
  AddLeaves(*kind.message, {}, leaves);
  const std::string names = arguments.Text("columns");
  if (names.empty() && form == OutputForm::kCsv) return leaves;
  if (names.empty()) return ColumnsOf(kind.message, arguments.Is("show_deleted"));
  std::vector<FieldPath> columns;
  for (const absl::string_view name : absl::StrSplit(names, ',', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(FieldPath column,
                     ColumnCalled(std::string(absl::StripAsciiWhitespace(name)), leaves));
    columns.push_back(std::move(column));
  }
  return columns;
}

absl::Status PrintTable(const ResourceKind& kind, const std::vector<const Message*>& resources,
                        OutputForm form, const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto columns, Chosen(kind, form, arguments));
  std::vector<Row> rows = ResourceRows(resources, columns);
  if (form == OutputForm::kCsv) {
    for (std::string& title : rows[0]) title = absl::AsciiStrToLower(title);
    io.out << ToCsv(rows);
    return absl::OkStatus();
  }
  const size_t width = form == OutputForm::kWide ? 0 : io.width;
  const std::vector<std::string> dropped = DropWhatDoesNotFit(rows, columns, width);
  io.out << FormatTable(std::move(rows), width);
  if (resources.empty()) io.err << "no " << kind.pattern.Collection() << "\n";
  if (!dropped.empty()) {
    io.err << Wrapped(absl::StrCat("(no room for ", absl::StrJoin(dropped, ", "),
                                   ": --output wide, or --columns)"),
                      width)
           << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Flag> OutputFlags(const std::string& fallback) {
  return {
      {"output", "table|wide|json|yaml|csv", fallback,
       "table: what fits on the terminal. wide: whole. json, yaml: everything. csv: all fields, "
       "for a spreadsheet."},
      {"columns", "FIELDS", "", "The columns of the table, with commas: name,start_date."}};
}

absl::StatusOr<OutputForm> OutputFormOf(const Arguments& arguments) {
  static const auto& forms = *new std::map<std::string, OutputForm>{{"table", OutputForm::kTable},
                                                                    {"wide", OutputForm::kWide},
                                                                    {"json", OutputForm::kJson},
                                                                    {"yaml", OutputForm::kYaml},
                                                                    {"csv", OutputForm::kCsv}};
  const auto found = forms.find(arguments.Text("output"));
  if (found != forms.end()) return found->second;
  return UsageError("--output must be table, wide, json, yaml or csv");
}

absl::Status PrintResource(const Message& resource, OutputForm form, Io& io) {
  if (form == OutputForm::kJson) {
    ASSIGN_OR_RETURN(const std::string json, ToJson(resource));
    io.out << json;
    return absl::OkStatus();
  }
  if (form == OutputForm::kYaml) {
    io.out << ToYaml(resource);
    return absl::OkStatus();
  }
  std::vector<Row> rows = {{"FIELD", "VALUE"}};
  std::vector<FieldPath> leaves;
  AddLeaves(*resource.GetDescriptor(), {}, leaves);
  for (const FieldPath& leaf : leaves) {
    if (IsOfRecord(*leaf[0])) continue;
    const std::string cell = CellOf(resource, leaf);
    if (!cell.empty()) rows.push_back({TitleOf(leaf), cell});
  }
  io.out << (form == OutputForm::kCsv ? ToCsv(rows) : FormatTable(std::move(rows), 0));
  return absl::OkStatus();
}

absl::Status PrintResources(const ResourceKind& kind, const std::vector<const Message*>& resources,
                            OutputForm form, const Arguments& arguments, Io& io) {
  if (form == OutputForm::kJson) {
    ASSIGN_OR_RETURN(const std::string json, ToJson(resources));
    io.out << json;
    return absl::OkStatus();
  }
  if (form == OutputForm::kYaml) {
    io.out << ToYaml(resources);
    return absl::OkStatus();
  }
  return PrintTable(kind, resources, form, arguments, io);
}

}  // namespace baliprocess::balictl
