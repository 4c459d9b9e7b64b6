#include "services/balictl/contract/csv.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace baliprocess::balictl {
namespace {

std::string Harmless(const std::string& cell) {
  double number = 0;
  const bool formula = !cell.empty() && absl::StrContains("=+-@\t", cell.substr(0, 1));
  return formula && !absl::SimpleAtod(cell, &number) ? "'" + cell : cell;
}

std::string Quoted(const std::string& text) {
  const std::string cell = Harmless(text);
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string ToCsv(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : ",", Quoted(row[i]));
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace baliprocess::balictl
