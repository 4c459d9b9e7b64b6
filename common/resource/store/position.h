// Places in the change log, and the tokens that name them.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_POSITION_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_POSITION_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

#include "common/resource/query/seal.h"

namespace baliprocess::resource {

// A place in the change log. Changes are committed and read in the order of their positions. The
// epoch is the number of the history in which the change was made (history.h), the seq counts on
// through all histories. {0, 0} is the place before all changes.
struct ChangePosition {
  int64_t epoch = 0;
  int64_t seq = 0;
  friend auto operator<=>(const ChangePosition&, const ChangePosition&) = default;
};

// A position as text, and back.
std::string FormatPosition(ChangePosition position);
absl::StatusOr<ChangePosition> ParsePosition(const std::string& text);

// A position as a token that only this store can make and read.
std::string SealPosition(const Sealer& sealer, ChangePosition position);
absl::StatusOr<ChangePosition> OpenPosition(const Sealer& sealer, const std::string& token);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_POSITION_H_
