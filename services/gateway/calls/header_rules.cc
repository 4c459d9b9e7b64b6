#include "services/gateway/calls/header_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/escaping.h"

namespace baliprocess::gateway {
namespace {

constexpr std::array<bool, 256> NameCharacters() {
  std::array<bool, 256> legal = {};
  for (const char c : {'_', '.', '-'}) legal[static_cast<unsigned char>(c)] = true;
  for (unsigned char c = '0'; c <= '9'; ++c) legal[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) legal[c] = true;
  return legal;
}

std::string_view WithoutPadding(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return text;
}

size_t AddPart(HeaderBlock& block, const ReceivedField& field, std::string_view part) {
  block.Add(field, part);
  return FieldSize(field.name.size(), part.size());
}

size_t AddBinary(HeaderBlock& block, const ReceivedField& field) {
  size_t added = 0;
  std::string_view rest = field.value;
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view part = Trimmed(rest.substr(0, comma));
    if (IsCanonicalBase64(part)) added += AddPart(block, field, WithoutPadding(part));
    if (comma == std::string_view::npos) return added;
    rest.remove_prefix(comma + 1);
  }
}

// Whether one of eight characters at once is below 0x20 or above 0x7e. The carries between bytes
// only come from bytes that are illegal themselves.
bool HasIllegal(uint64_t eight) {
  constexpr uint64_t kEach = 0x0101010101010101;
  return ((eight | (eight - 0x20 * kEach) | (eight + kEach)) & 0x80 * kEach) != 0;
}

}  // namespace

bool IsLegalName(std::string_view name) {
  static constexpr std::array<bool, 256> kLegal = NameCharacters();
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return kLegal[static_cast<unsigned char>(c)]; });
}

bool IsLegalValue(std::string_view value) {
  for (; value.size() >= sizeof(uint64_t); value.remove_prefix(sizeof(uint64_t))) {
    uint64_t eight = 0;
    memcpy(&eight, value.data(), sizeof(eight));
    if (HasIllegal(eight)) return false;
  }
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

std::string_view Trimmed(std::string_view value) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && blank(value.back())) value.remove_suffix(1);
  return value;
}

// Abseil's decoder is lenient, its encoder isn't: what is canonical comes back as it was.
bool IsCanonicalBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(absl::string_view(text.data(), text.size()), &bytes)) return false;
  const std::string canonical = absl::Base64Escape(bytes);
  return text == canonical || text == WithoutPadding(canonical);
}

size_t AddIfFit(HeaderBlock& block, const ReceivedField& field) {
  if (!IsLegalName(field.name)) return 0;
  if (field.name.ends_with("-bin")) return AddBinary(block, field);
  const std::string_view text = Trimmed(field.value);
  return IsLegalValue(text) ? AddPart(block, field, text) : 0;
}

}  // namespace baliprocess::gateway
