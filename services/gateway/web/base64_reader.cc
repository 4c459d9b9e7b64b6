#include "services/gateway/web/base64_reader.h"

#include <algorithm>

#include "absl/strings/escaping.h"

namespace baliprocess::gateway {

bool Base64Reader::Read(std::string_view text, std::string& bytes) {
  rest_.append(text);
  std::string_view left = rest_;
  left = left.substr(0, left.size() / 4 * 4);
  const size_t whole = left.size();
  std::string part;
  while (!left.empty()) {
    // To the end of the four characters that have the next padding.
    const size_t padding = left.find('=');
    const size_t size = std::min(left.size(), padding / 4 * 4 + 4);
    const absl::string_view one(left.data(),
                                padding == std::string_view::npos ? left.size() : size);
    if (!absl::Base64Unescape(one, &part) || absl::Base64Escape(part) != one) return false;
    bytes.append(part);
    left.remove_prefix(one.size());
  }
  rest_.erase(0, whole);
  return true;
}

}  // namespace baliprocess::gateway
