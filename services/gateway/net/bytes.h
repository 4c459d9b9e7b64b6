// Bytes on their way through: a queue of them, and the meter of the messages they make up.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_BYTES_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace baliprocess::gateway {

// First in, first out. Its size is bounded by the flow-control window granted to the sender.
class ByteQueue {
 public:
  void Append(std::string_view bytes) {
    if (start_ > bytes_.size() / 2) Compact();
    bytes_.append(bytes);
  }
  std::string_view front() const { return std::string_view(bytes_).substr(start_); }
  size_t size() const { return bytes_.size() - start_; }
  bool empty() const { return size() == 0; }

  void Pop(size_t n) {
    start_ += n;
    if (start_ == bytes_.size()) Clear();
  }

  // Gives large memory back, so that streams that are open and idle cost little.
  void Clear() {
    start_ = 0;
    if (bytes_.capacity() > kKept) {
      std::string().swap(bytes_);
    } else {
      bytes_.clear();
    }
  }

 private:
  static constexpr size_t kKept = 32 << 10;

  void Compact() {
    bytes_.erase(0, start_);
    start_ = 0;
  }

  std::string bytes_;
  size_t start_ = 0;
};

// Follows the messages of a gRPC stream by their 5-byte prefixes (a flag, a big-endian length).
class MessageMeter {
 public:
  enum class Fault { kNone, kTooLarge, kCompressed, kUnknownFlag };

  // What is wrong with the messages that begin in these bytes: larger than `limit` bytes,
  // compressed (flag 1), or with a flag that gRPC doesn't know. Nothing is followed behind a fault.
  Fault Pass(std::string_view bytes, uint32_t limit) {
    while (!bytes.empty()) {
      if (left_ > 0) {
        const size_t n = std::min<size_t>(left_, bytes.size());
        left_ -= static_cast<uint32_t>(n);
        bytes.remove_prefix(n);
        continue;
      }
      const auto byte = static_cast<uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      if (const Fault fault = TakePrefixByte(byte, limit); fault != Fault::kNone) return fault;
    }
    return Fault::kNone;
  }

  // How many messages have begun.
  uint64_t begun() const { return begun_; }

  // The last message that has begun has come to its end.
  bool whole() const { return left_ == 0 && prefix_bytes_ == 0; }

  // Bytes that are still to come of the message whose prefix came last.
  uint32_t left() const { return left_; }

  // The size of the message whose prefix came last.
  uint32_t announced() const { return announced_; }

 private:
  static constexpr int kPrefix = 5;

  Fault TakePrefixByte(uint8_t byte, uint32_t limit) {
    if (prefix_bytes_ == 0) {
      ++begun_;
      announced_ = 0;
      if (byte > 1) return Fault::kUnknownFlag;
      if (byte == 1) return Fault::kCompressed;
    } else {
      announced_ = announced_ << 8 | byte;
    }
    if (++prefix_bytes_ < kPrefix) return Fault::kNone;
    prefix_bytes_ = 0;
    if (announced_ > limit) return Fault::kTooLarge;
    left_ = announced_;
    return Fault::kNone;
  }

  uint64_t begun_ = 0;
  uint32_t left_ = 0;  // bytes of the message that haven't passed yet
  uint32_t announced_ = 0;
  int prefix_bytes_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_BYTES_H_
