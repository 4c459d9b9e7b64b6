// Other programs that a command runs, such as an editor.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_CHILD_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_CHILD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baliprocess::balictl {

struct Child {
  // The program, which is looked for on the PATH, and its arguments. There is no shell between.
  std::vector<std::string> words;
  // What it reads from its standard input; without, it reads that of this program.
  const std::string* input = nullptr;
  // What it writes to the terminal isn't wanted.
  bool quiet = false;
  // It has no network, where the system allows a user to take that from a program.
  bool offline = false;
  // It is ended when it takes longer.
  absl::Duration limit = absl::InfiniteDuration();
};

// Runs the program to its end. NOT_FOUND: there is no such program. DEADLINE_EXCEEDED: it took
// longer than the limit. FAILED_PRECONDITION: it ended with something else than 0.
absl::Status RunChild(const Child& child);

// The words of a command in a variable of the environment, such as `code --wait`.
std::vector<std::string> WordsOfCommand(const std::string& command);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_CHILD_H_
