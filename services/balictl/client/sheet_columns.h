// Which fields the columns of a sheet are of.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_COLUMNS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_COLUMNS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "common/base/descriptors.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/sheets/sheet.h"

namespace baliprocess::balictl {

// What the rows of a sheet become.
struct SheetTarget {
  // A record of this collection each.
  Collection into;
  // And one that the record refers to by `reference`, as a participation refers to a practitioner.
  // nullptr: none.
  const google::protobuf::FieldDescriptor* reference = nullptr;
  const ResourceKind* companion = nullptr;
};

// `into` is a collection, `activities/a/participations`, with `-` for parents that a column `name`
// gives; `with` the field that refers to the companion, `practitioner`, or "". A usage error.
absl::StatusOr<SheetTarget> FindSheetTarget(const std::string& into, const std::string& with);

struct SheetColumn {
  enum class Use {
    kLeftAside,  // what the server sets, or what the caller ignores
    kName,       // the name of the record, or its id
    kEtag,       // the version that may be changed
    kField,
  };
  size_t index = 0;
  std::string heading = "";
  Use use = Use::kLeftAside;
  bool of_companion = false;
  FieldPath path = {};  // kField

  // `Birth date (column D)`.
  std::string Shown() const;
};

struct SheetColumns {
  std::vector<SheetColumn> columns;
  // Headings of fields that the server sets: they are no error, and say nothing.
  std::vector<std::string> set_by_server;
};

// By the headings: a field's name or its path (`term.start_date`), in any case, with blanks or
// without; the last part of a path where only one has it (`Start date`). A heading that fits the
// record and its companion is the companion's. `maps` are `HEADING=FIELD`, `ignored` headings that
// are left aside, `*` all that fit no field. A usage error tells all headings that fit none, with
// the nearest fields.
absl::StatusOr<SheetColumns> MatchColumns(const SheetRow& headings, const SheetTarget& target,
                                          const std::vector<std::string>& maps,
                                          const std::vector<std::string>& ignored);

// A heading without what people write in different ways: letters and digits alone, in lower case.
std::string HeadingKey(std::string_view heading);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_SHEET_COLUMNS_H_
