// The ids of records that are read from a sheet.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_IDS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_IDS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/client/sheet_columns.h"

namespace baliprocess::balictl {

// Makes ids by a template such as `bkk24-{Registration}`, where a heading or a field in braces
// stands for the cell of the row. The same row gets the same id again, so that an import which is
// repeated finds what the first one made.
class IdTemplate {
 public:
  // A usage error when a column isn't there, or is of what identifies a person: everybody who may
  // see a record sees its id.
  static absl::StatusOr<IdTemplate> Parse(const std::string& text, const SheetColumns& columns);

  // In the form of ids: letters in lower case and without accents, of a name of a resource the last
  // part, a hyphen for anything else. A usage error that completes "the id ...".
  absl::StatusOr<std::string> IdOf(const SheetRow& row) const;

 private:
  std::vector<std::variant<std::string, SheetColumn>> parts_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_IDS_H_
