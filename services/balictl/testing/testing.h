// What the tests of the command line share.

#ifndef BALIPROCESS_SERVICES_BALICTL_TESTING_TESTING_H_
#define BALIPROCESS_SERVICES_BALICTL_TESTING_TESTING_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "services/balictl/commands/commands.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

// What a run of the program left behind.
struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

inline Ran RunProgram(const std::vector<std::string>& words,
                      const std::map<std::string, std::string>& environment = {},
                      const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Io io{in,
        out,
        err,
        [&](const std::string& name) {
          const auto found = environment.find(name);
          return found == environment.end() ? std::nullopt
                                            : std::optional<std::string>(found->second);
        },
        0,
        false,
        nullptr};
  const int code = Run(TheProgram(), words, io);
  return {code, out.str(), err.str()};
}

// A directory, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "balictl-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  void Write(const std::string& name, const std::string& contents) const {
    const auto path = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << contents;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(std::filesystem::path(path_) / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

 private:
  std::string path_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_TESTING_TESTING_H_
