// Runs a fuzz target without a fuzzer: over its corpus, and over mutations of it that are the same
// in every run. Usage: PROGRAM CORPUS_FOLDER [MUTATIONS]

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMaxSize = 4096;

void Run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> ReadCorpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

// One change: a byte, a removal, a repetition, or a piece of another input.
void Mutate(std::string& input, const std::vector<std::string>& corpus, std::mt19937_64& random) {
  const size_t at = input.empty() ? 0 : random() % input.size();
  const size_t length = 1 + random() % 16;
  switch (random() % 5) {
    case 0:
      if (!input.empty()) input[at] = static_cast<char>(random());
      break;
    case 1:
      input.erase(at, length);
      break;
    case 2:
      input.insert(at, input.substr(at, length));
      break;
    case 3:
      input.insert(at, 1, static_cast<char>(random()));
      break;
    default: {
      const std::string& other = corpus[random() % corpus.size()];
      input.insert(at, other.substr(other.empty() ? 0 : random() % other.size(), 4 * length));
    }
  }
  if (input.size() > kMaxSize) input.resize(kMaxSize);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER [MUTATIONS]\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus = ReadCorpus(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus in %s\n", argv[1]);
    return 1;
  }
  for (const std::string& input : corpus) Run(input);
  const long mutations = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 20'000;
  std::mt19937_64 random(20240502);
  for (long i = 0; i < mutations; ++i) {
    std::string input = corpus[random() % corpus.size()];
    for (size_t changes = 1 + random() % 4; changes > 0; --changes) Mutate(input, corpus, random);
    Run(input);
  }
  std::printf("%zu inputs and %ld mutations of them\n", corpus.size(), mutations);
  return 0;
}
