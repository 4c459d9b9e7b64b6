#include "services/gateway/web/text_fields.h"

#include "services/gateway/net/header_block.h"

namespace baliprocess::gateway {

std::string_view FindField(const TextFields& fields, std::string_view name) {
  for (const auto& [its_name, value] : fields) {
    if (its_name == name) return value;
  }
  return {};
}

TextFields CopyOf(const std::vector<nghttp2_nv>& fields) {
  TextFields copy;
  copy.reserve(fields.size());
  for (const nghttp2_nv& field : fields) {
    copy.emplace_back(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                      std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
  }
  return copy;
}

void AppendTo(const TextFields& fields, std::vector<nghttp2_nv>& out) {
  for (const auto& [name, value] : fields) out.push_back(CopiedField(name, value));
}

}  // namespace baliprocess::gateway
