#include "services/balictl/sheets/csv.h"

#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

// Whether a spreadsheet would run the text, but for apostrophes in front: one that is there already
// gets another one, so that the text comes back as it was.
bool IsFormula(std::string_view cell) {
  while (cell.starts_with('\'')) cell.remove_prefix(1);
  constexpr std::string_view kBegins = "=+-@\t";
  double number = 0;
  return !cell.empty() && kBegins.find(cell[0]) != std::string_view::npos &&
         !absl::SimpleAtod(absl::string_view(cell.data(), cell.size()), &number);
}

std::string Quoted(const std::string& text) {
  const std::string cell = IsFormula(text) ? "'" + text : text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string Plain(std::string cell) {
  if (cell.starts_with('\'') && IsFormula(cell)) cell.erase(0, 1);
  return cell;
}

constexpr std::string_view kSeparators = ",;\t|";

// What the first line that isn't empty has most of, outside quotes.
char SeparatorOf(std::string_view text) {
  std::map<char, size_t> counts;
  bool quoted = false;
  bool begun = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    const bool line_end = c == '\n' || c == '\r';
    if (line_end && begun) break;
    begun = begun || !line_end;
    if (kSeparators.find(c) != std::string_view::npos) ++counts[c];
  }
  const auto most = [&counts](char a, char b) { return counts[a] < counts[b]; };
  return *std::max_element(kSeparators.begin(), kSeparators.end(), most);
}

std::string NameOf(char separator) {
  switch (separator) {
    case ';':
      return "semicolons";
    case '\t':
      return "tabs";
    case '|':
      return "bars";
    default:
      return "commas";
  }
}

// Reads one cell after another.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  size_t row() const { return row_; }
  size_t column() const { return column_; }
  bool AtEnd() const { return at_ == text_.size(); }

  // The next cell. Afterwards Advance.
  absl::StatusOr<std::string> Next() {
    if (at_ < text_.size() && text_[at_] == '"') return NextQuoted();
    const size_t begin = at_;
    while (at_ < text_.size() && !EndsCell(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // To the next cell, of this row or of the next one.
  void Advance() {
    if (AtEnd()) return;
    const char c = text_[at_++];
    if (c == separator_) {
      ++column_;
      return;
    }
    if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++row_;
    column_ = 0;
  }

 private:
  bool EndsCell(char c) const { return c == separator_ || c == '\r' || c == '\n'; }

  absl::StatusOr<std::string> NextQuoted() {
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        cell += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell += text_[at_++];
      } else {
        ++at_;
        if (AtEnd() || EndsCell(text_[at_])) return cell;
        return Broken("has text behind its closing quote; a quote within a cell is written twice");
      }
    }
    return Broken("has a quote that is never closed");
  }

  absl::Status Broken(std::string_view why) const {
    return UsageError(absl::StrCat("row ", row_, ", column ", ColumnLetters(column_), ": the cell ",
                                   std::string(why)));
  }

  const std::string_view text_;
  const char separator_;
  size_t at_ = 0;
  size_t row_ = 1;
  size_t column_ = 0;
};

}  // namespace

std::string ToCsv(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : ",", Quoted(row[i]));
    }
    text += "\r\n";
  }
  return text;
}

absl::StatusOr<Sheet> ReadCsv(std::string_view text, const SheetLimits& limits) {
  if (text.find('\0') != std::string_view::npos) {
    return UsageError("has a NUL character: it is no text, and no .xlsx file");
  }
  constexpr std::string_view kSays = "sep=";
  const bool says = text.size() > kSays.size() && text.starts_with(kSays);
  if (says && kSeparators.find(text[kSays.size()]) == std::string_view::npos) {
    return UsageError(
        "says in its first line (sep=) that neither commas, semicolons, tabs nor bars "
        "part its cells: save it with one of these");
  }
  const char separator = says ? text[kSays.size()] : SeparatorOf(text);
  Sheet sheet{absl::StrCat("CSV with ", NameOf(separator)), "", {}};
  SheetBuilder builder(limits, sheet);
  CsvReader reader(text, separator);
  for (; !reader.AtEnd(); reader.Advance()) {
    ASSIGN_OR_RETURN(std::string cell, reader.Next());
    if (says && reader.row() == 1) continue;
    RETURN_IF_ERROR(builder.Add(reader.row(), reader.column(), {Plain(std::move(cell))}));
  }
  return sheet;
}

}  // namespace baliprocess::balictl
