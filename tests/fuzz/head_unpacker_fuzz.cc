// Heads in HPACK with the strings that repeat unpacked: nghttp2 makes of them what it makes of them
// as they came, be that an error. The input is the blocks of a connection, with kBetween between.

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/gateway/net/head_unpacker.h"
#include "services/gateway/testing/hpack_peer.h"

namespace {

using baliprocess::gateway::FrameHeader;
using baliprocess::gateway::HeadUnpacker;
using baliprocess::gateway::HpackDecoder;

constexpr std::string_view kBetween = "\n=\n";

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// The block as nghttp2 gets it.
std::string HandOn(HeadUnpacker& unpacker, std::string_view block) {
  std::string frame(FrameHeader::kSize, '\0');
  FrameHeader::WriteLength(block.size(), frame.data());
  frame[3] = NGHTTP2_HEADERS;
  frame[4] = NGHTTP2_FLAG_END_HEADERS;
  frame += block;
  const std::string_view unpacked = unpacker.Unpack(frame, FrameHeader::Read(frame));
  if (unpacked.empty()) return std::string(block);
  Require(FrameHeader::Read(unpacked).length == unpacked.size() - FrameHeader::kSize, "length");
  return std::string(unpacked.substr(FrameHeader::kSize));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  HeadUnpacker unpacker;
  HpackDecoder plain;
  HpackDecoder behind;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view block = rest.substr(0, rest.find(kBetween));
    rest.remove_prefix(std::min(rest.size(), block.size() + kBetween.size()));
    for (int i = 0; i < 3; ++i) {
      const auto said = plain.Decode(block);
      Require(behind.Decode(HandOn(unpacker, block)) == said, "it says something else");
      Require(behind.table_size() == plain.table_size(), "the tables differ");
      if (!said) return 0;
    }
  }
  return 0;
}
