#include "services/gateway/web/media.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace baliprocess::gateway {
namespace {

absl::string_view Stripped(std::string_view text) {
  return absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
}

bool IsToken(std::string_view text) {
  const auto legal = [](unsigned char c) {
    return absl::ascii_isalnum(c) || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != nullptr);
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), legal);
}

// An element of a list such as `text/html;q=0.8, */*`.
struct Choice {
  std::string name;  // in lower case
  double weight = 1;
};

Choice ParseChoice(absl::string_view element) {
  Choice choice;
  bool first = true;
  for (absl::string_view part : absl::StrSplit(element, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (std::exchange(first, false)) {
      choice.name = absl::AsciiStrToLower(part);
    } else if (absl::StartsWithIgnoreCase(part, "q=")) {
      if (!absl::SimpleAtod(part.substr(2), &choice.weight)) choice.weight = 0;
    }
  }
  return choice;
}

// The weight of the most specific of the names in a list, which are given from the most specific to
// the least; nothing when none of them is in it.
template <typename... Names>
std::optional<double> WeightOf(std::string_view list, const Names&... names) {
  std::optional<double> weights[sizeof...(Names)];
  for (absl::string_view element :
       absl::StrSplit(absl::string_view(list.data(), list.size()), ',')) {
    const Choice choice = ParseChoice(element);
    size_t i = 0;
    ((choice.name == names ? void(weights[i] = choice.weight) : void(), ++i), ...);
  }
  for (const auto& weight : weights) {
    if (weight) return weight;
  }
  return std::nullopt;
}

}  // namespace

std::string MediaTypeOf(std::string_view content_type) {
  return absl::AsciiStrToLower(Stripped(content_type.substr(0, content_type.find(';'))));
}

bool IsMediaType(std::string_view content_type) {
  const std::string type = MediaTypeOf(content_type);
  const size_t slash = type.find('/');
  return slash != std::string::npos && IsToken(std::string_view(type).substr(0, slash)) &&
         IsToken(std::string_view(type).substr(slash + 1));
}

bool IsJson(std::string_view content_type) {
  if (MediaTypeOf(content_type) != "application/json") return false;
  const size_t parameters = content_type.find(';');
  if (parameters == std::string_view::npos) return true;
  const std::string rest = absl::AsciiStrToLower(Stripped(content_type.substr(parameters + 1)));
  return rest.empty() || rest == "charset=utf-8" || rest == "charset=\"utf-8\"";
}

bool Accepts(std::string_view accept, std::string_view type) {
  if (Stripped(accept).empty()) return true;
  const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
  return WeightOf(accept, std::string(type), family, std::string("*/*")).value_or(0) > 0;
}

bool Names(std::string_view accept, std::string_view type) {
  return WeightOf(accept, std::string(type)).value_or(0) > 0;
}

bool IsIdentity(std::string_view content_encoding) {
  return content_encoding.empty() || absl::EqualsIgnoreCase(Stripped(content_encoding), "identity");
}

bool IsGzip(std::string_view content_encoding) {
  return absl::EqualsIgnoreCase(Stripped(content_encoding), "gzip");
}

std::string_view PreferredCoding(std::string_view accept_encoding,
                                 std::initializer_list<std::string_view> codings) {
  const double as_it_is = WeightOf(accept_encoding, std::string("identity")).value_or(0);
  std::string_view preferred;
  double most = 0;
  for (const std::string_view coding : codings) {
    const double weight =
        WeightOf(accept_encoding, std::string(coding), std::string("*")).value_or(0);
    if (weight <= most || weight < as_it_is) continue;
    preferred = coding;
    most = weight;
  }
  return preferred;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  return !PreferredCoding(accept_encoding, {"gzip"}).empty();
}

}  // namespace baliprocess::gateway
