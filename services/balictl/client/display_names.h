// What resources are called.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_DISPLAY_NAMES_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_DISPLAY_NAMES_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"

namespace baliprocess::balictl {

class DisplayNames {
 public:
  // Asks for the names of these resources, of any type that has a `display_name`, with as few calls
  // as it takes. Names that aren't of a resource, and resources that the caller doesn't see, are
  // left out.
  static absl::StatusOr<DisplayNames> Of(Connection& connection,
                                         const std::set<std::string>& resources);

  // "" when it isn't known.
  std::string Get(const std::string& resource) const;

  // What to call it in running text: by its name in any case.
  std::string Call(const std::string& resource) const;

 private:
  std::map<std::string, std::string> names_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_DISPLAY_NAMES_H_
