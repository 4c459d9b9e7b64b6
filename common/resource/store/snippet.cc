#include "common/resource/store/snippet.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/ascii.h"

#include "common/resource/contract/search_words.h"
#include "common/resource/store/search_index.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;

// So much of a snippet stands before the word, and so far a blank is looked for at either end.
constexpr int kBefore = 50;
constexpr int kToBlank = 20;

// So many bytes of a text are looked through.
constexpr size_t kLookedThrough = 4000;

bool IsInside(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// `at` moved by so many characters, at most to an end of the text.
size_t Back(std::string_view text, size_t at, int characters) {
  for (; at > 0 && characters > 0; --characters) {
    do --at;
    while (at > 0 && IsInside(text, at));
  }
  return at;
}
size_t Forth(std::string_view text, size_t at, int characters) {
  for (; at < text.size() && characters > 0; --characters) {
    do ++at;
    while (IsInside(text, at));
  }
  return at;
}

std::string InOneLine(std::string_view text) {
  std::string line(absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return line;
}

// From the last blank before the word that isn't farther than it has to be, to one behind it.
std::string Around(std::string_view text, size_t word) {
  size_t from = Back(text, word, kBefore);
  const size_t blank = text.substr(0, Forth(text, from, kToBlank)).find(' ', from);
  if (from > 0 && blank < word) from = blank + 1;
  size_t to = Forth(text, from, kMostOfSnippet);
  const size_t last = text.substr(0, to).rfind(' ');
  if (to < text.size() && last != std::string_view::npos && last > word &&
      last >= Back(text, to, kToBlank)) {
    to = last;
  }
  std::string snippet = from > 0 ? "… " : "";
  snippet += InOneLine(text.substr(from, to - from));
  if (to < text.size()) snippet += " …";
  return snippet;
}

}  // namespace

std::string SnippetOf(const ResourceType& type, const Message& resource,
                      const std::vector<std::string>& words) {
  std::string snippet;
  ForEachSearchedText(type, resource, [&](const SearchedText& text) {
    if (text.is_name || !snippet.empty()) return;
    size_t looked = std::min(text.text.size(), kLookedThrough);
    while (IsInside(text.text, looked)) --looked;
    const std::optional<size_t> word = FindBeginning(text.text.substr(0, looked), words);
    if (word) snippet = Around(text.text, *word);
  });
  return snippet;
}

}  // namespace baliprocess::resource
