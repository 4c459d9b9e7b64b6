// How large resources and pages may be, in bytes as stored.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_SIZES_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_SIZES_H_

#include <cstddef>
#include <cstdint>

namespace baliprocess::resource {

// A resource: what would be larger is refused. A change holds two versions of a resource. What
// methods add, such as the breaks of silence, isn't counted: the contract bounds its texts.
inline constexpr int64_t kMaxResourceBytes = 1 << 20;

// The elements of one reply: clients of gRPC take 4 MiB unless they are told otherwise.
inline constexpr int64_t kMaxPageBytes = 2 << 20;

// The whole reply of a unary method.
inline constexpr int64_t kMaxReplyBytes = (4 << 20) - (64 << 10);

// All replies that are sent in pieces, together.
inline constexpr int64_t kMaxHeldBytes = 64 << 20;

// All resources that a rule or a method reads at once by a condition: a last resort, far above what
// a well-kept record ever needs.
inline constexpr int64_t kMaxReadBytes = 64 << 20;

// Counts what a page holds.
class PageBudget {
 public:
  // Whether the page has room for another element of so many bytes, which then is taken. The first
  // element always has room, or nobody would come past it.
  bool Take(size_t bytes) {
    const int64_t with = bytes_ + static_cast<int64_t>(bytes) + kElementFrame;
    if (with > kMaxPageBytes && bytes_ > kPageFrame) return false;
    bytes_ = with;
    return true;
  }

  // Whether the only element is larger than a page.
  bool exceeded() const { return bytes_ > kMaxPageBytes; }

 private:
  static constexpr int64_t kPageFrame = 4096;  // the page token and what else a reply has
  static constexpr int64_t kElementFrame = 8;  // tag and length

  int64_t bytes_ = kPageFrame;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_SIZES_H_
