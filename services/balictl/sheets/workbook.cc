#include "services/balictl/sheets/workbook.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/sheets/xml.h"

namespace baliprocess::balictl {
namespace {

int NumberOf(std::string_view text) {
  int number = 0;
  return absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number) ? number : -1;
}

bool IsYes(std::string_view text) { return text == "1" || text == "true"; }

// The relationships of a part: the parts that it refers to.
class Relationships : public XmlHandler {
 public:
  struct Target {
    std::string type;
    std::string part;
  };
  // `folder` is of the part that has them, `xl/`.
  explicit Relationships(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Start(std::string_view element, const XmlAttributes& attributes) override {
    if (element != "Relationship" || attributes.Of("TargetMode") == "External") {
      return absl::OkStatus();
    }
    const std::string target(attributes.Of("Target"));
    const bool whole = target.starts_with('/');
    targets[std::string(attributes.Of("Id"))] = {std::string(attributes.Of("Type")),
                                                 whole ? target.substr(1) : folder_ + target};
    return absl::OkStatus();
  }
  void Text(std::string_view) override {}
  absl::Status End(std::string_view) override { return absl::OkStatus(); }

  // The first of a type, which ends so whatever edition of the standard it is of.
  std::string PartOf(std::string_view type) const {
    for (const auto& [id, target] : targets) {
      if (target.type.ends_with(type)) return target.part;
    }
    return "";
  }

  std::map<std::string, Target> targets;

 private:
  const std::string folder_;
};

class WorkbookPart : public XmlHandler {
 public:
  WorkbookPart(const Relationships& relationships, Workbook& workbook)
      : relationships_(relationships), workbook_(workbook) {}

  absl::Status Start(std::string_view element, const XmlAttributes& attributes) override {
    if (element == "workbookPr") workbook_.from_1904 = IsYes(attributes.Of("date1904"));
    if (element != "sheet") return absl::OkStatus();
    const auto found = relationships_.targets.find(std::string(attributes.Of("id")));
    // Sheets of diagrams alone have no cells.
    if (found == relationships_.targets.end() || !found->second.type.ends_with("/worksheet")) {
      return absl::OkStatus();
    }
    const std::string_view state = attributes.Of("state");
    workbook_.sheets.push_back({std::string(attributes.Of("name")),
                                !state.empty() && state != "visible", found->second.part});
    return absl::OkStatus();
  }
  void Text(std::string_view) override {}
  absl::Status End(std::string_view) override { return absl::OkStatus(); }

 private:
  const Relationships& relationships_;
  Workbook& workbook_;
};

class Styles : public XmlHandler {
 public:
  explicit Styles(Workbook& workbook) : workbook_(workbook) {}

  absl::Status Start(std::string_view element, const XmlAttributes& attributes) override {
    if (element == "numFmt") {
      formats_[NumberOf(attributes.Of("numFmtId"))] = ReadNumberFormat(attributes.Of("formatCode"));
    } else if (element == "cellXfs") {
      of_cells_ = true;
    } else if (element == "xf" && of_cells_) {
      const int number = NumberOf(attributes.Of("numFmtId"));
      const auto own = formats_.find(number);
      workbook_.cell_styles.push_back(own == formats_.end() ? BuiltInFormat(number) : own->second);
    }
    return absl::OkStatus();
  }
  void Text(std::string_view) override {}
  absl::Status End(std::string_view element) override {
    if (element == "cellXfs") of_cells_ = false;
    return absl::OkStatus();
  }

 private:
  Workbook& workbook_;
  std::map<int, NumberFormat> formats_;  // the workbook's own
  bool of_cells_ = false;
};

class SharedStrings : public XmlHandler {
 public:
  SharedStrings(size_t most, std::vector<std::string>& strings) : most_(most), strings_(strings) {}

  absl::Status Start(std::string_view element, const XmlAttributes&) override {
    if (element == "si" && strings_.size() == most_) {
      return UsageError(absl::StrCat("has more than ", most_, " texts"));
    }
    if (element == "si") strings_.emplace_back();
    if (element == "rPh") phonetic_ = true;
    if (element == "t") text_ = !phonetic_;
    return absl::OkStatus();
  }
  void Text(std::string_view text) override {
    if (text_ && !strings_.empty()) strings_.back().append(text);
  }
  absl::Status End(std::string_view element) override {
    if (element == "rPh") phonetic_ = false;
    if (element == "t") text_ = false;
    return absl::OkStatus();
  }

 private:
  const size_t most_;
  std::vector<std::string>& strings_;
  bool phonetic_ = false;  // how characters are read: no part of the text
  bool text_ = false;
};

absl::Status ReadPart(ZipFile& file, const std::string& part, size_t most, XmlHandler& handler) {
  ASSIGN_OR_RETURN(const std::string document, file.Read(part, most));
  return ReadXml(document, handler);
}

// The folder of a part, and the part with its relationships.
std::string FolderOf(const std::string& part) { return part.substr(0, part.rfind('/') + 1); }
std::string RelationshipsOf(const std::string& part) {
  const std::string folder = FolderOf(part);
  return absl::StrCat(folder, "_rels/", part.substr(folder.size()), ".rels");
}

}  // namespace

absl::StatusOr<Workbook> ReadWorkbook(ZipFile& file, const SheetLimits& limits) {
  const size_t most = limits.part_bytes;
  Relationships of_package("");
  RETURN_IF_ERROR(ReadPart(file, "_rels/.rels", most, of_package));
  const std::string part = of_package.PartOf("/officeDocument");
  Relationships of_workbook(FolderOf(part));
  RETURN_IF_ERROR(ReadPart(file, RelationshipsOf(part), most, of_workbook));
  Workbook workbook;
  WorkbookPart handler(of_workbook, workbook);
  RETURN_IF_ERROR(ReadPart(file, part, most, handler));
  if (const std::string styles = of_workbook.PartOf("/styles"); !styles.empty()) {
    Styles of_cells(workbook);
    RETURN_IF_ERROR(ReadPart(file, styles, most, of_cells));
  }
  if (const std::string shared = of_workbook.PartOf("/sharedStrings"); !shared.empty()) {
    SharedStrings strings(limits.cells, workbook.strings);
    RETURN_IF_ERROR(ReadPart(file, shared, limits.unpacked_bytes, strings));
  }
  return workbook;
}

}  // namespace baliprocess::balictl
