#include "services/balictl/client/sheet_records.h"

#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/type/date.pb.h"

#include "common/base/descriptors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "common/resource/contract/text_form.h"
#include "common/resource/contract/validation.h"
#include "services/balictl/contract/cells.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

bool IsDate(const SheetColumn& column) {
  return column.use == SheetColumn::Use::kField &&
         column.path.back()->message_type() == google::type::Date::descriptor();
}

const Cell* CellAt(const SheetRow& row, const SheetColumn& column) {
  const bool there = column.index < row.cells.size() && !row.cells[column.index].empty();
  return there ? &row.cells[column.index] : nullptr;
}

// Makes the records of one row.
class RowReader {
 public:
  RowReader(const SheetPlan& plan, const SheetRow& row, DataSet& data)
      : plan_(plan), row_(row), data_(data) {
    own_ = NewRecord(*plan.target.into.kind);
    if (plan.target.companion != nullptr) companion_ = NewRecord(*plan.target.companion);
  }

  // Adds the records to the data, or what is wrong with them.
  void Read() {
    const size_t before = data_.problems.size();
    CheckHeadings();
    for (const SheetColumn& column : plan_.columns.columns) {
      if (const absl::Status set = Set(column); !set.ok())
        Tell(column.Shown(), std::string(set.message()));
    }
    if (const absl::Status named = SetNames(); !named.ok()) Tell("", std::string(named.message()));
    if (data_.problems.size() > before) return;
    Judge(own_, /*of_companion=*/false);
    if (makes_companion_) Judge(companion_, /*of_companion=*/true);
    if (data_.problems.size() > before) return;
    if (makes_companion_) data_.records.push_back(std::move(companion_));
    data_.records.push_back(std::move(own_));
  }

 private:
  Record NewRecord(const ResourceKind& kind) const {
    return {absl::StrCat(plan_.file, " row ", row_.number),
            "",
            &kind,
            "",
            NewMessage(*kind.message),
            {}};
  }

  void Tell(const std::string& where, const std::string& what) {
    data_.problems.push_back(
        absl::StrCat("row ", row_.number, where.empty() ? "" : ", ", where, ": ", what));
  }

  void CheckHeadings() {
    std::vector<bool> headed(row_.cells.size(), false);
    for (const SheetColumn& column : plan_.columns.columns) {
      if (column.index < headed.size()) headed[column.index] = true;
    }
    for (size_t i = 0; i < headed.size(); ++i) {
      if (headed[i] || row_.cells[i].empty()) continue;
      Tell(absl::StrCat("column ", ColumnLetters(i)), "has a value below no heading");
    }
  }

  absl::Status Set(const SheetColumn& column) {
    if (column.use == SheetColumn::Use::kLeftAside) return absl::OkStatus();
    const Cell* cell = CellAt(row_, column);
    Record& record = column.of_companion ? companion_ : own_;
    const bool is_field = column.use == SheetColumn::Use::kField;
    if (is_field && (cell != nullptr || plan_.clear)) record.fields.push_back(TitleOf(column.path));
    if (cell == nullptr) return absl::OkStatus();
    if (!cell->problem.empty()) return UsageError(cell->problem);
    std::string text = resource::NormalText(cell->text);
    if (text.empty()) return absl::OkStatus();
    if (column.use == SheetColumn::Use::kName) {
      given_name_ = std::move(text);
      return absl::OkStatus();
    }
    if (column.use == SheetColumn::Use::kEtag) {
      SetText(*record.resource, "etag", std::move(text));
      return absl::OkStatus();
    }
    if (IsDate(column) && !column.path.back()->is_repeated()) {
      ASSIGN_OR_RETURN(text, ReadSheetDate(text, plan_.date_order));
    }
    return SetSheetCell(*record.resource, column.path, text);
  }

  absl::Status SetNames() {
    ASSIGN_OR_RETURN(own_.name, OwnName());
    SetText(*own_.resource, "name", own_.name);
    absl::StrAppend(&own_.place, ": ", own_.name);
    if (plan_.target.reference == nullptr) return absl::OkStatus();
    const std::string& reference = plan_.target.reference->name();
    if (!GetText(*own_.resource, reference).empty()) return absl::OkStatus();
    makes_companion_ = true;
    companion_.name =
        plan_.target.companion->pattern.Make("", own_.name.substr(own_.name.rfind('/') + 1));
    SetText(*companion_.resource, "name", companion_.name);
    absl::StrAppend(&companion_.place, ": ", companion_.name);
    SetText(*own_.resource, reference, companion_.name);
    own_.fields.push_back(reference);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> OwnName() const {
    const Collection& into = plan_.target.into;
    if (given_name_.empty()) {
      if (!plan_.ids) return UsageError("has no name");
      const auto id = plan_.ids->IdOf(row_);
      if (!id.ok()) return UsageError(absl::StrCat("the id ", id.status().message()));
      return into.kind->pattern.Make(into.parent, *id);
    }
    if (!absl::StrContains(given_name_, "/")) {
      if (const auto why = resource::WhyInvalidId(given_name_)) {
        return UsageError(absl::StrCat("the id '", given_name_, "' must be ", *why));
      }
      if (absl::StrContains(into.parent, "-") &&
          !into.kind->pattern.MatchesParent(into.parent, false)) {
        return UsageError(absl::StrCat("the name '", given_name_, "' must be of the form ",
                                       into.kind->pattern.pattern()));
      }
      return into.kind->pattern.Make(into.parent, given_name_);
    }
    const bool matches =
        into.kind->pattern.Matches(given_name_) &&
        (into.parent.empty() ||
         into.kind->pattern.ScopeOf(into.parent).Contains(into.kind->pattern.Parent(given_name_)));
    if (matches) return given_name_;
    return UsageError(absl::StrCat("the name '", given_name_, "' isn't of ", into.parent,
                                   into.parent.empty() ? "" : "/",
                                   into.kind->pattern.Collection()));
  }

  // By the contract, as an update is judged: what is required may be there already.
  void Judge(Record& record, bool of_companion) {
    resource::NormaliseTexts(*record.resource);
    const auto request = NewMessage(*record.kind->update->input_type());
    request->GetReflection()
        ->MutableMessage(request.get(), record.kind->patch)
        ->CopyFrom(*record.resource);
    Violations violations;
    resource::ValidateOptions options;
    options.partial = record.kind->patch;
    resource::Validate(*request, "", options, violations);
    const std::string prefix = absl::StrCat(record.kind->patch->name(), ".");
    for (const auto& [field, rule] : FieldViolationsOf(violations.ToStatus())) {
      const std::string path =
          absl::StartsWith(field, prefix) ? field.substr(prefix.size()) : field;
      Tell(HeadingOf(path, of_companion), rule);
    }
  }

  // The column of a field; the field where it has none.
  std::string HeadingOf(const std::string& path, bool of_companion) const {
    for (const SheetColumn& column : plan_.columns.columns) {
      const bool is_field = column.use == SheetColumn::Use::kField;
      if (!is_field || column.of_companion != of_companion) continue;
      const std::string title = TitleOf(column.path);
      if (path == title || absl::StartsWith(path, title + ".") ||
          absl::StartsWith(path, title + "[")) {
        return column.Shown();
      }
    }
    return path;
  }

  const SheetPlan& plan_;
  const SheetRow& row_;
  DataSet& data_;
  Record own_;
  Record companion_;
  bool makes_companion_ = false;
  std::string given_name_;
};

void FindTwice(DataSet& data) {
  std::unordered_map<std::string, const Record*> first;
  for (const Record& record : data.records) {
    const auto [found, is_new] = first.emplace(record.name, &record);
    if (is_new) continue;
    data.problems.push_back(
        absl::StrCat(record.place, ": is there already, at ", found->second->place));
  }
}

}  // namespace

std::string DateThatAsks(const Sheet& sheet, const SheetPlan& plan) {
  if (plan.date_order != DateOrder::kUnknown) return "";
  for (size_t i = plan.first_row; i < sheet.rows.size(); ++i) {
    for (const SheetColumn& column : plan.columns.columns) {
      if (!IsDate(column)) continue;
      const Cell* cell = CellAt(sheet.rows[i], column);
      if (cell == nullptr || !AsksForOrder(cell->text)) continue;
      return absl::StrCat("row ", sheet.rows[i].number, ", ", column.Shown(), ": ", cell->text);
    }
  }
  return "";
}

DataSet SheetRecords(const Sheet& sheet, const SheetPlan& plan) {
  DataSet data;
  for (size_t i = plan.first_row; i < sheet.rows.size(); ++i) {
    RowReader(plan, sheet.rows[i], data).Read();
  }
  FindTwice(data);
  return data;
}

}  // namespace baliprocess::balictl
