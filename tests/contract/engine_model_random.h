// Random resources and what else random requests are made of.

#ifndef BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_RANDOM_H_
#define BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_RANDOM_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/contract/engine_model.h"

namespace baliprocess::membership {

// What the names in requests are of: few, so that they meet each other.
inline constexpr int kBodies = 6;
inline constexpr int kMembers = 4;
inline constexpr int kSeats = 4;  // of each body

class Random {
 public:
  explicit Random(uint32_t seed) : random_(seed) {}

  int Any(size_t count) { return static_cast<int>(random_() % count); }
  bool Chance(int percent) { return Any(100) < percent; }

  // Names.
  std::string Body();
  std::string Member();
  std::string Seat();
  std::string Name();  // of any of them

  // A resource of a name, with what it must have, and some of what it may have; seldom too much or
  // too little.
  std::shared_ptr<Message> Resource(const std::string& name);
  // No etag, that of now, or another.
  std::string Etag(const Model& model, const std::string& name);
  // What to update: nothing named, everything, or some fields.
  std::vector<std::string> Mask(const Message& patch);

 private:
  std::string SeatFields();
  std::string OtherFields(const std::string& name);
  // The field, in so many of a hundred cases.
  std::string Maybe(int percent, const std::string& field);

  std::mt19937 random_;
};

}  // namespace baliprocess::membership

#endif  // BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_RANDOM_H_
