#include "services/balictl/sheets/xlsx_writer.h"

#include <stdlib.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/files.h"

namespace baliprocess::balictl {
namespace {

namespace fs = std::filesystem;

// The library writes files alone: into a directory that nobody else reads, removed at the end.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::error_code none;
    std::string pattern = (fs::temp_directory_path(none) / "balictl-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PrivateDirectory() {
    std::error_code none;
    if (!path_.empty()) fs::remove_all(path_, none);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  // "": it couldn't be made.
  std::string& path() { return path_; }

 private:
  std::string path_;
};

absl::Status Failed(lxw_error error) {
  return absl::InternalError(
      absl::StrCat("the .xlsx file can't be written: ", lxw_strerror(error)));
}

// Of the library's limits, the lengths of texts and the number of rows can be met.
absl::Status WriteRows(lxw_worksheet* sheet, const std::vector<std::vector<std::string>>& rows) {
  for (size_t row = 0; row < rows.size(); ++row) {
    for (size_t column = 0; column < rows[row].size(); ++column) {
      const std::string& text = rows[row][column];
      if (text.empty()) continue;
      const lxw_error error =
          worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
                                 text.c_str(), nullptr);
      if (error != LXW_NO_ERROR) {
        return absl::InvalidArgumentError(
            absl::StrCat("row ", row + 1, ", column ", column + 1,
                         ": doesn't fit into an .xlsx file: ", lxw_strerror(error)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ToXlsx(const std::string& name,
                                   const std::vector<std::vector<std::string>>& rows) {
  constexpr size_t kLongestName = 31;
  PrivateDirectory directory;
  if (directory.path().empty()) return absl::InternalError("there is no place for temporary files");
  const std::string path = directory.path() + "/sheet.xlsx";
  lxw_workbook_options options = {};
  options.tmpdir = directory.path().data();
  lxw_workbook* workbook = workbook_new_opt(path.c_str(), &options);
  if (workbook == nullptr) return absl::ResourceExhaustedError("there is no memory for a workbook");
  lxw_worksheet* sheet = workbook_add_worksheet(workbook, name.substr(0, kLongestName).c_str());
  absl::Status written;
  if (sheet == nullptr) {
    written = absl::InternalError(absl::StrCat("a sheet can't be called ", name));
  } else {
    worksheet_freeze_panes(sheet, 1, 0);
    written = WriteRows(sheet, rows);
  }
  // Closes the file and frees the workbook, whatever was before.
  const lxw_error closed = workbook_close(workbook);
  RETURN_IF_ERROR(written);
  if (closed != LXW_NO_ERROR) return Failed(closed);
  return ReadFile(path);
}

}  // namespace baliprocess::balictl
