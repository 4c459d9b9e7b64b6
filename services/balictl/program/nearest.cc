#include "services/balictl/program/nearest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kMostSuggestions = 3;
constexpr size_t kLeastPart = 4;     // what is shorter is part of too much
constexpr size_t kLongestWord = 64;  // the comparison takes time with the square of it

// How many letters must be changed, left out, added, or swapped with their neighbours (the
// distance of optimal string alignment).
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string Folded(std::string_view word) {
  std::string folded;
  for (const char c : word) {
    if (c == '-' || c == '_' || c == ' ') continue;
    folded += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return folded;
}

std::vector<std::string> Nearest(std::string_view word,
                                 const std::vector<std::string>& candidates) {
  const std::string wanted = Folded(word);
  if (wanted.empty() || wanted.size() > kLongestWord) return {};
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string& candidate : candidates) {
    const std::string folded = Folded(candidate);
    if (folded.size() > kLongestWord) continue;
    const size_t distance = folded.starts_with(wanted) ? 1 : Distance(wanted, folded);
    if (3 * distance <= std::max(wanted.size(), size_t{3})) {
      found.emplace_back(distance, candidate);
    } else if (wanted.size() >= kLeastPart && folded.find(wanted) != std::string::npos) {
      found.emplace_back(kLongestWord, candidate);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> nearest;
  for (size_t i = 0; i < std::min(found.size(), kMostSuggestions); ++i) {
    nearest.push_back(std::move(found[i].second));
  }
  return nearest;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::vector<std::string> nearest = Nearest(word, candidates);
  if (nearest.empty()) return "";
  return absl::StrCat(" Did you mean ", absl::StrJoin(nearest, " or "), "?");
}

}  // namespace baliprocess::balictl
