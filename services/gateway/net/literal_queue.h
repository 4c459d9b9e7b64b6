// Header fields that are sent as literals, behind those that nghttp2 codes.
//
// nghttp2 codes what is never indexed, such as a token, anew for each call: a bit at a time, by
// Huffman. That took a tenth of a call. These fields are kept from nghttp2 and put, as they are,
// behind its part of the HEADERS frame: literals change nothing in HPACK's table, wherever they
// are.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_LITERAL_QUEUE_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_LITERAL_QUEUE_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/net/bytes.h"
#include "services/gateway/net/hpack.h"

namespace baliprocess::gateway {

// Of the requests on one connection that wait to be sent. They are sent in the order of their
// streams' ids, which only grow (RFC 9113 5.1.1), but for those that are given up before.
class LiteralQueue {
 public:
  // The stream's id is greater than those before. The fields are copied.
  void Add(int32_t stream_id, const std::vector<nghttp2_nv>& fields) {
    if (fields.empty()) return;
    block_.clear();
    for (const nghttp2_nv& field : fields) {
      hpack::AppendNeverIndexed({reinterpret_cast<const char*>(field.name), field.namelen},
                                {reinterpret_cast<const char*>(field.value), field.valuelen},
                                block_);
    }
    const Entry entry = {stream_id, static_cast<uint32_t>(block_.size())};
    queue_.Append({reinterpret_cast<const char*>(&entry), sizeof(entry)});
    queue_.Append(block_);
  }

  // Appends the stream's fields to a block of headers; nothing when there are none. Those of
  // streams before are dropped, as these will never be sent.
  void MoveTo(int32_t stream_id, std::string& block) {
    while (!queue_.empty()) {
      Entry entry;
      memcpy(&entry, queue_.front().data(), sizeof(entry));
      if (entry.stream_id > stream_id) return;
      if (entry.stream_id == stream_id) block.append(queue_.front(), sizeof(entry), entry.size);
      queue_.Pop(sizeof(entry) + entry.size);
    }
  }

  bool empty() const { return queue_.empty(); }

 private:
  struct Entry {
    int32_t stream_id;
    uint32_t size;  // of what follows
  };

  ByteQueue queue_;  // an entry and its block, and so on
  std::string block_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_LITERAL_QUEUE_H_
