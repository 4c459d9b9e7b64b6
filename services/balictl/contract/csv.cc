#include "services/balictl/contract/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace baliprocess::balictl {
namespace {

std::string Quoted(const std::string& cell) {
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
