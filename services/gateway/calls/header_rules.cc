#include "services/gateway/calls/header_rules.h"

#include <algorithm>
#include <array>
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

size_t AddPart(HeaderBlock& block, nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags,
               std::string_view part) {
  block.Add(name, value, flags, part);
  return FieldSize(View(name).size(), part.size());
}

size_t AddBinary(HeaderBlock& block, nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags) {
  size_t added = 0;
  std::string_view rest = View(value);
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view part = Trimmed(rest.substr(0, comma));
    if (IsCanonicalBase64(part)) added += AddPart(block, name, value, flags, WithoutPadding(part));
    if (comma == std::string_view::npos) return added;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

bool IsLegalName(std::string_view name) {
  static constexpr std::array<bool, 256> kLegal = NameCharacters();
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return kLegal[static_cast<unsigned char>(c)]; });
}

bool IsLegalValue(std::string_view value) {
  // Without a way out early, for the compiler to take many characters at once.
  unsigned illegal = 0;
  for (const char c : value) illegal |= static_cast<unsigned char>(c - 0x20) > 0x7e - 0x20;
  return illegal == 0;
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

size_t AddIfFit(HeaderBlock& block, nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t flags) {
  const std::string_view key = View(name);
  if (!IsLegalName(key)) return 0;
  if (key.ends_with("-bin")) return AddBinary(block, name, value, flags);
  const std::string_view text = Trimmed(View(value));
  if (!IsLegalValue(text)) return 0;
  return AddPart(block, name, value, flags, text);
}

}  // namespace baliprocess::gateway
