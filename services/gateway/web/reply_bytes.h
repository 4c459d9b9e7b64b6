// The body of a reply whose length is known when it begins, read from its beginning to its end.

#ifndef BALIPROCESS_SERVICES_GATEWAY_WEB_REPLY_BYTES_H_
#define BALIPROCESS_SERVICES_GATEWAY_WEB_REPLY_BYTES_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace baliprocess::gateway {

class ReplyBytes {
 public:
  virtual ~ReplyBytes() = default;

  // Of the whole.
  virtual size_t size() const = 0;

  // Appends the next bytes to `out`, at most `most`, and some unless all have been read. False when
  // that fails for want of memory: the rest can't be had.
  virtual bool Read(size_t most, std::string& out) = 0;
};

// Bytes of its own.
class HeldBytes final : public ReplyBytes {
 public:
  explicit HeldBytes(std::string bytes) : bytes_(std::move(bytes)) {}

  size_t size() const override { return bytes_.size(); }
  bool Read(size_t most, std::string& out) override {
    out.append(bytes_, read_, most);
    read_ += std::min(most, bytes_.size() - read_);
    return true;
  }

 private:
  const std::string bytes_;
  size_t read_ = 0;
};

// Bytes that live as long as the program.
class LastingBytes final : public ReplyBytes {
 public:
  explicit LastingBytes(std::string_view bytes) : size_(bytes.size()), rest_(bytes) {}

  size_t size() const override { return size_; }
  bool Read(size_t most, std::string& out) override {
    const std::string_view next = rest_.substr(0, most);
    out.append(next);
    rest_.remove_prefix(next.size());
    return true;
  }

 private:
  const size_t size_;
  std::string_view rest_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_WEB_REPLY_BYTES_H_
