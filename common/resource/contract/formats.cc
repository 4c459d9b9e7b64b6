#include "common/resource/contract/formats.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/time/time.h"

#include "common/base/ids.h"
#include "common/base/regions.h"
#include "common/base/text.h"

namespace baliprocess::resource {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsAlpha(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z'); }
bool IsAlphaNumeric(char c) { return IsAlpha(c) || IsDigit(c); }

bool AllDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }
bool AllAlpha(std::string_view text) { return std::all_of(text.begin(), text.end(), IsAlpha); }
bool AllAlphaNumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsAlphaNumeric);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool IsDomainLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return IsAlphaNumeric(c) || c == '-'; });
}

// At least two labels, the last not a number.
bool IsDomainName(std::string_view text) {
  const std::vector<std::string_view> labels = Split(text, '.');
  return text.size() <= 253 && labels.size() >= 2 &&
         std::all_of(labels.begin(), labels.end(), IsDomainLabel) && !AllDigits(labels.back());
}

// Only characters of a URI, with whole percent escapes.
bool IsUriText(std::string_view text) {
  constexpr std::string_view kPunctuation = "-._~:/?#[]@!$&'()*+,;=%";
  const auto is_hex = [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsAlphaNumeric(text[i]) && kPunctuation.find(text[i]) == std::string_view::npos)
      return false;
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
  }
  return true;
}

// The host of an authority: `example.org`, `192.0.2.1` or `[2001:db8::1]`, with a port or without.
// User information isn't allowed: it hides where a link leads.
bool IsHostAndPort(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    port = authority.substr(colon);
    const std::vector<std::string_view> labels = Split(host, '.');
    if (!std::all_of(labels.begin(), labels.end(), IsDomainLabel)) return false;
  }
  if (port.empty()) return true;
  return port[0] == ':' && port.size() >= 2 && port.size() <= 6 && AllDigits(port.substr(1));
}

bool HasPrefixIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return a == (IsUpper(b) ? b - 'A' + 'a' : b); });
}

// The parts of a language tag in the order of RFC 5646, each taken off the front if it is there.
class LanguageTagParser {
 public:
  explicit LanguageTagParser(std::string_view text) : parts_(Split(text, '-')) {}

  bool Parse() {
    if (!std::all_of(parts_.begin(), parts_.end(), [](std::string_view part) {
          return !part.empty() && part.size() <= 8 && AllAlphaNumeric(part);
        })) {
      return false;
    }
    if (IsPrivateUse()) return TakePrivateUse();
    if (!TakeLanguage()) return false;
    if (at_ < parts_.size() && parts_[at_].size() == 4 && AllAlpha(parts_[at_])) ++at_;  // script
    TakeRegion();
    return TakeVariants() && TakeExtensions() && (!IsPrivateUse() || TakePrivateUse()) &&
           at_ == parts_.size();
  }

 private:
  bool IsPrivateUse() const {
    return at_ < parts_.size() && (parts_[at_] == "x" || parts_[at_] == "X");
  }
  bool TakePrivateUse() {
    const bool has_more = at_ + 1 < parts_.size();
    at_ = parts_.size();
    return has_more;
  }
  bool TakeLanguage() {
    const std::string_view language = parts_[at_];
    if (language.size() < 2 || !AllAlpha(language)) return false;
    ++at_;
    for (int i = 0; language.size() <= 3 && i < 3; ++i) {  // extended language
      if (at_ < parts_.size() && parts_[at_].size() == 3 && AllAlpha(parts_[at_])) ++at_;
    }
    return true;
  }
  void TakeRegion() {
    if (at_ == parts_.size()) return;
    const std::string_view part = parts_[at_];
    if ((part.size() == 2 && AllAlpha(part)) || (part.size() == 3 && AllDigits(part))) ++at_;
  }
  bool TakeVariants() {
    std::set<std::string_view> seen;
    for (; at_ < parts_.size(); ++at_) {
      const std::string_view part = parts_[at_];
      if (part.size() < 5 && !(part.size() == 4 && IsDigit(part[0]))) break;
      if (!seen.insert(part).second) return false;
    }
    return true;
  }
  bool TakeExtensions() {
    std::set<char> seen;
    while (at_ < parts_.size() && parts_[at_].size() == 1 && !IsPrivateUse()) {
      if (!seen.insert(parts_[at_][0]).second) return false;
      const size_t first = ++at_;
      while (at_ < parts_.size() && parts_[at_].size() >= 2) ++at_;
      if (at_ == first) return false;
    }
    return true;
  }

  std::vector<std::string_view> parts_;
  size_t at_ = 0;
};

}  // namespace

TextFacts Examine(std::string_view text) {
  TextFacts facts;
  int marks = 0;  // in a row
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    ++facts.length;
    if (byte < 0x80) {
      marks = 0;
      if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) facts.has_control = true;
      ++i;
      continue;
    }
    const Utf8Character decoded = DecodeUtf8(text.substr(i));
    if (decoded.size == 0) {
      facts.valid_utf8 = false;
      return facts;
    }
    if (decoded.code < 0xA0) facts.has_control = true;  // C1
    marks = u_getCombiningClass(static_cast<UChar32>(decoded.code)) == 0 ? 0 : marks + 1;
    if (marks > kMostMarks) facts.has_many_marks = true;
    i += decoded.size;
  }
  return facts;
}

bool IsLanguageTag(std::string_view text) { return LanguageTagParser(text).Parse(); }

bool IsHttpUri(std::string_view text) {
  if (!IsUriText(text)) return false;
  std::string_view rest = text;
  if (HasPrefixIgnoringCase(text, "https://")) {
    rest.remove_prefix(8);
  } else if (HasPrefixIgnoringCase(text, "http://")) {
    rest.remove_prefix(7);
  } else {
    return false;
  }
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  // Square brackets stand only around a host, `#` only once.
  const std::string_view tail = rest.substr(end);
  if (tail.find_first_of("[]") != std::string_view::npos) return false;
  if (std::count(tail.begin(), tail.end(), '#') > 1) return false;
  return IsHostAndPort(rest.substr(0, end));
}

bool IsEmail(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  const bool plain = local.find_first_of(" \t\n<>()[],;:\\\"") == std::string_view::npos;
  return plain && local.front() != '.' && local.back() != '.' && IsDomainName(text.substr(at + 1));
}

bool IsTimeZone(std::string_view text) {
  constexpr std::string_view kAllowed = "_+-/";
  // Zones start with a capital; other files of the database don't, and no path leads out of it.
  if (text.empty() || text.size() > 64 || !IsUpper(text[0])) return false;
  if (!std::all_of(text.begin(), text.end(), [&](char c) {
        return IsAlphaNumeric(c) || kAllowed.find(c) != std::string_view::npos;
      })) {
    return false;
  }
  // Looked up before it is loaded, because Abseil remembers every name it was ever asked for.
  std::error_code error;
  if (!std::filesystem::is_regular_file("/usr/share/zoneinfo/" + std::string(text), error))
    return false;
  absl::TimeZone zone;
  return absl::LoadTimeZone(absl::string_view(text.data(), text.size()), &zone);
}

bool IsPhoneNumber(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         AllDigits(text.substr(1));
}

bool IsUuid4(std::string_view text) {
  constexpr std::string_view kVariants = "89abAB";
  return IsUuid(text) && text[14] == '4' && kVariants.find(text[19]) != std::string_view::npos;
}

const char* WhyNotOfFormat(std::string_view text, api::v1::FieldRules::Format format) {
  switch (format) {
    case api::v1::FieldRules::LANGUAGE_TAG:
      return IsLanguageTag(text) ? nullptr : "a language tag (BCP 47), such as en or zh-Hant";
    case api::v1::FieldRules::URI:
      return IsHttpUri(text) ? nullptr : "an absolute http or https URI";
    case api::v1::FieldRules::EMAIL:
      return IsEmail(text) ? nullptr : "an email address, such as office@example.org";
    case api::v1::FieldRules::TIME_ZONE:
      return IsTimeZone(text) ? nullptr
                              : "a time zone of the IANA database, such as Asia/Kuala_Lumpur";
    case api::v1::FieldRules::REGION_CODE:
      return WhyNotRegion(text);
    case api::v1::FieldRules::PHONE_NUMBER:
      return IsPhoneNumber(text) ? nullptr : "a telephone number (E.164), such as +61261234567";
    default:
      return nullptr;
  }
}

}  // namespace baliprocess::resource
