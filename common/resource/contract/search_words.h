// The words of a text as a search compares them: in one spelling, and apart from each other in
// scripts that have no blanks between words, too.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_SEARCH_WORDS_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_SEARCH_WORDS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baliprocess::resource {

// Longer words are cut to so many code points, of texts and of queries alike.
inline constexpr int kMostOfWord = 32;

// The words of `text`, in their order; each ends where a character comes that is neither letter,
// digit nor mark, and where ICU's dictionaries know a boundary (Thai, Lao, Khmer, Burmese,
// Chinese, Japanese). A word is in Unicode's compatibility form, in small letters, and without
// accents, as far as its script has letters without them: marks of Thai and the like are vowels and
// tones, and stay. At most `limit` words.
std::vector<std::string> SearchWords(std::string_view text, size_t limit);

// Where in `text`, in bytes, the first word is that begins with one of `words`; nullopt if there is
// none.
std::optional<size_t> FindBeginning(std::string_view text, const std::vector<std::string>& words);

// The least text, by bytes, that is greater than every word that begins with `word`.
std::string AfterBeginning(std::string_view word);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_SEARCH_WORDS_H_
