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
  // False when a message is announced that is larger than `limit` bytes.
  bool Pass(std::string_view bytes, uint32_t limit) {
    while (!bytes.empty()) {
      if (left_ > 0) {
        const size_t n = std::min<size_t>(left_, bytes.size());
        left_ -= static_cast<uint32_t>(n);
        bytes.remove_prefix(n);
        continue;
      }
      const uint8_t byte = static_cast<uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      if (prefix_bytes_ > 0) length_ = length_ << 8 | byte;
      if (++prefix_bytes_ < 5) continue;
      if (length_ > limit) return false;
      left_ = length_;
      length_ = 0;
      prefix_bytes_ = 0;
    }
    return true;
  }

 private:
  uint32_t left_ = 0;    // bytes of the message that haven't passed yet
  uint32_t length_ = 0;  // of the next message, as far as its prefix has passed
  int prefix_bytes_ = 0;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_BYTES_H_
