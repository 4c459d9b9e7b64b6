// Which check is taken out. Included by the copies that rewrite.py makes; the product has none of
// this.

#ifndef BALIPROCESS_TESTS_MUTATION_MUTANT_H_
#define BALIPROCESS_TESTS_MUTATION_MUTANT_H_

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

// What a process was told: BALI_MUTANT is the number of the check that is taken out, if one is.
// With BALI_REACHED, a folder, the numbers of the checks that the process came by are written to a
// file there.
class BaliprocessMutants {
 public:
  static constexpr int kMost = 20'000;

  BaliprocessMutants() {
    if (const char* number = std::getenv("BALI_MUTANT")) taken_out_ = std::atoi(number);
    if (const char* folder = std::getenv("BALI_REACHED")) {
      file_ = std::string(folder) + "/" + std::to_string(getpid());
      reached_ = std::make_unique<std::atomic<bool>[]>(kMost);
    }
  }
  ~BaliprocessMutants() {
    if (!reached_) return;
    std::ofstream file(file_);
    for (int i = 0; i < kMost; ++i) {
      if (reached_[i]) file << i << "\n";
    }
  }

  bool IsTakenOut(int number) {
    if (reached_ && number < kMost) reached_[number].store(true, std::memory_order_relaxed);
    return number == taken_out_;
  }

 private:
  int taken_out_ = -1;
  std::string file_;
  std::unique_ptr<std::atomic<bool>[]> reached_;
};

inline bool baliprocess_mutant(int number) {
  static BaliprocessMutants mutants;
  return mutants.IsTakenOut(number);
}

#endif  // BALIPROCESS_TESTS_MUTATION_MUTANT_H_
