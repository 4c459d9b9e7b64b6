// Words that people meant when they wrote others.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_NEAREST_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_NEAREST_H_

#include <string>
#include <string_view>
#include <vector>

namespace baliprocess::balictl {

// A word without what people write in different ways: in lower case, without hyphens, underscores
// and blanks. `AgendaItems`, `agenda-items` and `agenda_items` are all `agendaitems`.
std::string Folded(std::string_view word);

// The candidates that `word` was perhaps meant to be, best first, at most three: those with few
// letters changed, left out, added or swapped (a third of them at most), those that `word` is the
// beginning of, and last those that it is another part of, if it has four letters. Compares them
// folded.
std::vector<std::string> Nearest(std::string_view word, const std::vector<std::string>& candidates);

// ` Did you mean a or b?`, or "" when nothing is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_NEAREST_H_
