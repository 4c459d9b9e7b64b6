// Lists of erasures (common/resource/store/erasure_list.h), collected beside backups.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_ERASURES_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_ERASURES_H_

#include <cstddef>
#include <iosfwd>
#include <set>
#include <string>

#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"

namespace baliprocess::balictl {

// The list of a service.
struct Erasures {
  std::set<std::string> lines;
  size_t undone = 0;  // lines of erasures that the store hasn't done
};
absl::StatusOr<Erasures> ReadErasures(Connection& connection);

// The same for what does without: none, and a warning in `err`, when the program of `server` is of
// before there were lists.
absl::StatusOr<Erasures> ReadErasuresIfKnown(Connection& connection, const std::string& server,
                                             std::ostream& err);

// Adds lines to those of a file that hasn't got them yet, which is replaced as a whole; makes no
// file when there are none. How many were added.
absl::StatusOr<size_t> AddErasures(const std::set<std::string>& lines, const std::string& path);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_ERASURES_H_
