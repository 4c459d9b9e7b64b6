// balictl import of a sheet: CSV or XLSX.

#ifndef BALIPROCESS_SERVICES_BALICTL_COMMANDS_IMPORT_SHEET_H_
#define BALIPROCESS_SERVICES_BALICTL_COMMANDS_IMPORT_SHEET_H_

#include <vector>

#include "absl/status/status.h"

#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

// The flags of balictl import that are of sheets alone.
std::vector<Flag> SheetFlags();

// Reads the sheet, checks all of it with the server, and writes it when nothing is wrong.
absl::Status ImportSheet(const Arguments& arguments, Io& io);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_COMMANDS_IMPORT_SHEET_H_
