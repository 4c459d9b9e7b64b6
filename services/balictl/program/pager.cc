#include "services/balictl/program/pager.h"

#include <stdlib.h>

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"

#include "services/balictl/program/child.h"
#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

// The commands whose output is there to be read, whatever its length.
bool IsForReading(const std::string& word) {
  static const auto& commands = *new std::set<std::string>{
      "help",   "get",  "list",    "history",  "composition", "meeting", "due",
      "report", "call", "figures", "progress", "describe",    "methods", "profiles"};
  return commands.contains(word);
}

// The lines of the terminal that a text takes.
size_t RowsOf(const std::string& text, size_t columns) {
  size_t rows = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t width = Columns({line.data(), line.size()});
    rows += columns == 0 || width == 0 ? 1 : (width + columns - 1) / columns;
  }
  return rows;
}

}  // namespace

bool IsNoPager(const std::string& word) { return word == "--no_pager" || word == "--no-pager"; }

bool MayBePaged(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  const bool refused = std::find_if(words.begin(), end, IsNoPager) != end;
  const bool help =
      std::find(words.begin(), end, "--help") != end || std::find(words.begin(), end, "-h") != end;
  return !words.empty() && !refused && (help || IsForReading(words[0]));
}

void ShowText(const std::string& text, const Terminal& terminal, const Environment& environment,
              std::ostream& out) {
  const auto own = environment("BALI_PAGER");
  const std::string command = own ? *own : environment("PAGER").value_or("less");
  const std::vector<std::string> words = WordsOfCommand(command);
  if (words.empty() || words[0] == "cat" || RowsOf(text, terminal.columns) <= terminal.rows) {
    out << text << std::flush;
    return;
  }
  // As people are used to from other programs: less ends with a text that fits, and leaves the text
  // on the screen.
  setenv("LESS", "FRX", /*overwrite=*/0);
  Child pager{.words = words};
  pager.input = &text;
  if (absl::IsNotFound(RunChild(pager))) out << text << std::flush;
}

}  // namespace baliprocess::balictl
