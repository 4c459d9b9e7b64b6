// The text of gRPC-Web: pieces of any size are read as the whole is, and what is read is written as
// base64 that reads as the bytes again.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"

#include "services/gateway/web/base64_reader.h"

namespace {

using baliprocess::gateway::Base64Reader;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

struct Outcome {
  bool good = true;
  bool whole = true;
  std::string bytes;
};

Outcome ReadInPieces(std::string_view text, size_t size) {
  Outcome outcome;
  Base64Reader reader;
  while (outcome.good && !text.empty()) {
    outcome.good = reader.Read(text.substr(0, size), outcome.bytes);
    text.remove_prefix(std::min(size, text.size()));
  }
  outcome.whole = reader.whole();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = 1 + data[0] % 7;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = ReadInPieces(text, text.size() + 1);
  const Outcome pieces = ReadInPieces(text, piece);
  Require(whole.good == pieces.good, "pieces are judged as the whole is");
  if (!whole.good) return 0;
  Require(whole.bytes == pieces.bytes, "pieces stand for the same bytes");
  Require(whole.whole == (text.size() % 4 == 0), "a text is whole after four characters");
  const Outcome again = ReadInPieces(absl::Base64Escape(whole.bytes), piece);
  Require(again.good && again.bytes == whole.bytes, "what is written reads as it was");
  return 0;
}
