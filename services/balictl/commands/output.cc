#include "services/balictl/commands/output.h"

#include <map>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "services/balictl/contract/cells.h"
#include "services/balictl/contract/differences.h"
#include "services/balictl/contract/fields.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/contract/yaml.h"
#include "services/balictl/program/nearest.h"
#include "services/balictl/program/terminal_text.h"
#include "services/balictl/sheets/csv.h"
#include "services/balictl/sheets/xlsx_writer.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

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
  const std::vector<FieldPath> leaves = AllFields(*kind.message);
  const std::string names = arguments.Text("columns");
  const bool sheet = form == OutputForm::kCsv || form == OutputForm::kXlsx;
  if (names.empty() && sheet) return leaves;
  if (names.empty()) return ColumnsOf(kind.message, arguments.Is("show_deleted"));
  std::vector<FieldPath> columns;
  for (const absl::string_view name : absl::StrSplit(names, ',', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(FieldPath column,
                     ColumnCalled(std::string(absl::StripAsciiWhitespace(name)), leaves));
    columns.push_back(std::move(column));
  }
  return columns;
}

// One row per resource below the names of the fields, so that balictl import reads it again.
std::vector<Row> SheetRows(const std::vector<const Message*>& resources,
                           const std::vector<FieldPath>& columns) {
  std::vector<Row> rows(1);
  for (const FieldPath& column : columns) rows[0].push_back(TitleOf(column));
  for (const Message* resource : resources) {
    Row& row = rows.emplace_back();
    for (const FieldPath& column : columns) row.push_back(SheetCellOf(*resource, column));
  }
  return rows;
}

absl::Status PrintSheet(const ResourceKind& kind, const std::vector<Row>& rows, OutputForm form,
                        Io& io) {
  if (form == OutputForm::kCsv) {
    io.out << ToCsv(rows);
    return absl::OkStatus();
  }
  if (io.width > 0) return UsageError("an .xlsx file is nothing for a terminal: say > FILE.xlsx");
  ASSIGN_OR_RETURN(const std::string workbook, ToXlsx(kind.pattern.Collection(), rows));
  io.out << workbook;
  return absl::OkStatus();
}

absl::Status PrintTable(const ResourceKind& kind, const std::vector<const Message*>& resources,
                        OutputForm form, const Arguments& arguments, Io& io) {
  ASSIGN_OR_RETURN(const auto columns, Chosen(kind, form, arguments));
  if (form == OutputForm::kCsv || form == OutputForm::kXlsx) {
    return PrintSheet(kind, SheetRows(resources, columns), form, io);
  }
  std::vector<Row> rows = ResourceRows(resources, columns);
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
  return {{"output", "table|wide|json|yaml|csv|xlsx", fallback,
           "table: what fits on the terminal. wide: whole. json, yaml: everything. csv, xlsx: all "
           "fields, for a spreadsheet."},
          {"columns", "FIELDS", "",
           "The columns of the table, csv or xlsx, in this order, with commas: name,start_date."}};
}

absl::Status CheckColumns(const ResourceKind& kind, OutputForm form, const Arguments& arguments) {
  const bool whole = form == OutputForm::kJson || form == OutputForm::kYaml;
  if (whole && !arguments.Text("columns").empty()) {
    return UsageError("--columns is for tables, csv and xlsx: json and yaml have everything");
  }
  return Chosen(kind, form, arguments).status();
}

absl::StatusOr<OutputForm> OutputFormOf(const Arguments& arguments) {
  static const auto& forms = *new std::map<std::string, OutputForm>{
      {"table", OutputForm::kTable}, {"wide", OutputForm::kWide}, {"json", OutputForm::kJson},
      {"yaml", OutputForm::kYaml},   {"csv", OutputForm::kCsv},   {"xlsx", OutputForm::kXlsx}};
  const auto found = forms.find(arguments.Text("output"));
  if (found != forms.end()) return found->second;
  return UsageError("--output must be table, wide, json, yaml, csv or xlsx");
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
  if (form == OutputForm::kXlsx) return UsageError("--output xlsx is for lists alone");
  std::vector<Row> rows = {{"FIELD", "VALUE"}};
  const std::vector<FieldPath> leaves = AllFields(*resource.GetDescriptor());
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
