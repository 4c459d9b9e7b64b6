// Names of services.

#ifndef BALIPROCESS_COMMON_BASE_SERVICE_NAME_H_
#define BALIPROCESS_COMMON_BASE_SERVICE_NAME_H_

#include <string>
#include <string_view>

namespace baliprocess {

// What people call a service of the suite, by its full name: `membership` for
// `baliprocess.membership.v1.MembershipService`. Empty for a name without a package.
inline std::string ShortServiceName(std::string_view full_name) {
  const size_t dot = full_name.find('.');
  if (dot == std::string_view::npos) return "";
  const std::string_view rest = full_name.substr(dot + 1);
  return std::string(rest.substr(0, rest.find('.')));
}

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_SERVICE_NAME_H_
