// Long texts on a terminal: page by page.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_PAGER_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_PAGER_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/config.h"

namespace baliprocess::balictl {

// The size of a terminal; 0: there is none.
struct Terminal {
  size_t rows = 0;
  size_t columns = 0;
};

// Whether the word says that no pager is wanted.
bool IsNoPager(const std::string& word);

// Whether the words, those of a command line, ask for something to read, and don't have --no_pager
// among them.
bool MayBePaged(const std::vector<std::string>& words);

// Shows a text on the terminal: by the program that $BALI_PAGER, or else $PAGER, names (without
// these, less) where it is longer than the terminal; by itself to `out` where it isn't, or where
// the variable is empty or `cat`, or where there is no such program.
void ShowText(const std::string& text, const Terminal& terminal, const Environment& environment,
              std::ostream& out);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_PAGER_H_
