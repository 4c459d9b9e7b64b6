// Tables as comma-separated values.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_CSV_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_CSV_H_

#include <string>
#include <vector>

#include "services/balictl/contract/table.h"

namespace baliprocess::balictl {

// The rows by RFC 4180, in UTF-8, each ending with CR LF; cells with commas, quotes or line breaks
// are quoted. A text that a spreadsheet would run as a formula (it begins with = + - @ or a tab,
// and is no number) gets an apostrophe in front: people write into the record whom its reader
// needn't trust.
std::string ToCsv(const std::vector<Row>& rows);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_CSV_H_
