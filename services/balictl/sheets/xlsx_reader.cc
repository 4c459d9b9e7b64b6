#include "services/balictl/sheets/xlsx_reader.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/nearest.h"
#include "services/balictl/sheets/workbook.h"
#include "services/balictl/sheets/xml.h"
#include "services/balictl/sheets/zip_file.h"

namespace baliprocess::balictl {
namespace {

// The most that spreadsheets have (18.3.1.4, 18.3.1.73).
constexpr size_t kMostRow = 1'048'576;
constexpr size_t kMostColumn = 16'384;

size_t NumberOf(std::string_view text) {
  size_t number = 0;
  return absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number) ? number : 0;
}

// The column of `BC12`, from 1; 0: it is none.
size_t ColumnOf(std::string_view reference) {
  size_t column = 0;
  for (const char c : reference) {
    if (!absl::ascii_isupper(static_cast<unsigned char>(c)) || column > kMostColumn) break;
    column = 26 * column + static_cast<size_t>(c - 'A' + 1);
  }
  return column;
}

// The cells of a worksheet.
class Worksheet : public XmlHandler {
 public:
  Worksheet(const Workbook& workbook, SheetBuilder& builder)
      : workbook_(workbook), builder_(builder) {}

  absl::Status Start(std::string_view element, const XmlAttributes& attributes) override {
    if (element == "row") return StartRow(attributes);
    if (element == "c") return StartCell(attributes);
    if (element == "f") formula_ = true;
    if (element == "rPh") phonetic_ = true;
    takes_text_ = element == "v" || (element == "t" && !phonetic_);
    return absl::OkStatus();
  }

  void Text(std::string_view text) override {
    if (takes_text_) text_.append(text);
  }

  absl::Status End(std::string_view element) override {
    takes_text_ = false;
    if (element == "rPh") phonetic_ = false;
    return element == "c" ? builder_.Add(row_, column_ - 1, Value()) : absl::OkStatus();
  }

 private:
  // Rows and cells without a place are the next ones.
  absl::Status StartRow(const XmlAttributes& attributes) {
    const std::string_view number = attributes.Of("r");
    row_ = number.empty() ? row_ + 1 : NumberOf(number);
    column_ = 0;
    return row_ > 0 && row_ <= kMostRow ? absl::OkStatus() : NoPlace(number);
  }

  absl::Status StartCell(const XmlAttributes& attributes) {
    const std::string_view reference = attributes.Of("r");
    column_ = reference.empty() ? column_ + 1 : ColumnOf(reference);
    type_ = attributes.Of("t");
    style_ = NumberOf(attributes.Of("s"));
    formula_ = false;
    text_.clear();
    return row_ > 0 && column_ > 0 && column_ <= kMostColumn ? absl::OkStatus()
                                                             : NoPlace(reference);
  }

  static absl::Status NoPlace(std::string_view reference) {
    return UsageError(absl::StrCat("has a cell that is at no place of a sheet: \"",
                                   std::string(reference), "\""));
  }

  Cell Value() const {
    if (text_.empty()) return {"", formula_ && type_ != "str" ? kNoResult : ""};
    if (type_ == "s") {
      const size_t number = NumberOf(text_);
      const bool known = number < workbook_.strings.size();
      return known ? Cell{workbook_.strings[number]} : Cell{"", "has a text that isn't there"};
    }
    if (type_ == "str" || type_ == "inlineStr") return {text_};
    if (type_ == "b") return {text_ == "1" ? "yes" : "no"};
    if (type_ == "e") return {"", absl::StrCat("is the error ", text_)};
    if (type_ == "d") return {text_.substr(0, text_.find("T00:00:00"))};
    double number = 0;
    if (!absl::SimpleAtod(text_, &number)) return {"", "has a number that is none"};
    return {NumberText(number, workbook_.FormatOf(style_), workbook_.from_1904)};
  }

  static constexpr char kNoResult[] =
      "is a formula without its result: open the file in a spreadsheet program and save it";

  const Workbook& workbook_;
  SheetBuilder& builder_;
  size_t row_ = 0;     // from 1
  size_t column_ = 0;  // from 1
  std::string type_;
  size_t style_ = 0;
  bool formula_ = false;
  bool phonetic_ = false;
  bool takes_text_ = false;
  std::string text_;
};

absl::StatusOr<Workbook::SheetPart> Choose(const Workbook& workbook, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& sheet : workbook.sheets) names.push_back(sheet.name);
  if (names.empty()) return UsageError("has no sheet with cells");
  const auto chosen = std::find_if(
      workbook.sheets.begin(), workbook.sheets.end(), [&name](const Workbook::SheetPart& sheet) {
        return name.empty() ? !sheet.hidden : Folded(sheet.name) == Folded(name);
      });
  if (chosen != workbook.sheets.end()) return *chosen;
  if (name.empty()) return workbook.sheets[0];
  return UsageError(absl::StrCat("has no sheet \"", name, "\"; there are ",
                                 absl::StrJoin(names, ", "), ".", DidYouMean(name, names)));
}

std::string OthersOf(const Workbook& workbook, const std::string& name) {
  std::vector<std::string> others;
  for (const auto& sheet : workbook.sheets) {
    if (sheet.name != name && !sheet.hidden) others.push_back(sheet.name);
  }
  return others.empty() ? "" : absl::StrCat("not read: the sheets ", absl::StrJoin(others, ", "));
}

}  // namespace

absl::StatusOr<Sheet> ReadXlsx(std::string_view contents, const std::string& name,
                               const SheetLimits& limits) {
  ASSIGN_OR_RETURN(ZipFile file, ZipFile::Open(contents, limits.unpacked_bytes));
  if (file.Has("mimetype")) {
    return UsageError("is an OpenDocument spreadsheet (.ods): save it as .xlsx");
  }
  ASSIGN_OR_RETURN(const Workbook workbook, ReadWorkbook(file, limits));
  ASSIGN_OR_RETURN(const Workbook::SheetPart part, Choose(workbook, name));
  ASSIGN_OR_RETURN(const std::string document, file.Read(part.part));
  Sheet sheet{absl::StrCat("the sheet \"", part.name, "\""),
              name.empty() ? OthersOf(workbook, part.name) : "",
              {}};
  SheetBuilder builder(limits, sheet);
  Worksheet worksheet(workbook, builder);
  RETURN_IF_ERROR(ReadXml(document, worksheet));
  return sheet;
}

}  // namespace baliprocess::balictl
