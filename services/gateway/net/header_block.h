// Header fields as they came, shared with nghttp2 instead of copied.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HEADER_BLOCK_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HEADER_BLOCK_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"

namespace baliprocess::gateway {

inline std::string_view View(nghttp2_rcbuf* buffer) {
  const nghttp2_vec vec = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(vec.base), vec.len};
}

// A field for nghttp2 to send. Name and value aren't copied: they must live until it was sent.
inline nghttp2_nv SharedField(std::string_view name, std::string_view value,
                              uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  return {
      reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
      static_cast<uint8_t>(flags | NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE)};
}

// For values that differ from call to call: they would only push others out of HPACK's table.
inline nghttp2_nv UniqueField(std::string_view name, std::string_view value) {
  return SharedField(name, value, NGHTTP2_NV_FLAG_NO_INDEX);
}

// A field as nghttp2 hands it over.
struct ReceivedField {
  ReceivedField(nghttp2_rcbuf* name_buffer, nghttp2_rcbuf* value_buffer, uint8_t its_flags)
      : name(View(name_buffer)),
        value(View(value_buffer)),
        buffers{name_buffer, value_buffer},
        flags(its_flags) {}

  std::string_view name;
  std::string_view value;
  nghttp2_rcbuf* buffers[2];
  uint8_t flags;
};

class HeaderBlock {
 public:
  HeaderBlock() = default;
  ~HeaderBlock() { Clear(); }
  HeaderBlock(const HeaderBlock&) = delete;
  HeaderBlock& operator=(const HeaderBlock&) = delete;

  // The flags are kept: what must never be indexed stays so (RFC 7541 7.1.3).
  void Add(const ReceivedField& field) { Add(field, field.value); }
  // With `part` of the value instead of all of it.
  void Add(const ReceivedField& field, std::string_view part) {
    for (nghttp2_rcbuf* buffer : field.buffers) nghttp2_rcbuf_incref(buffer);
    fields_.push_back({field.buffers[0], field.buffers[1],
                       static_cast<uint32_t>(part.data() - field.value.data()),
                       static_cast<uint32_t>(part.size()), field.flags});
  }

  void Clear() {
    for (const Field& field : fields_) {
      nghttp2_rcbuf_decref(field.name);
      nghttp2_rcbuf_decref(field.value);
    }
    fields_.clear();
  }

  bool empty() const { return fields_.empty(); }

  // The value of the first field of this name; empty when there is none.
  std::string_view Find(std::string_view name) const {
    for (const Field& field : fields_) {
      if (View(field.name) == name) return field.text();
    }
    return {};
  }

  // Appends the fields, for nghttp2 to send while this block lives.
  void AppendTo(std::vector<nghttp2_nv>& out) const {
    for (const Field& field : fields_) {
      out.push_back(SharedField(View(field.name), field.text(), field.flags));
    }
  }

 private:
  struct Field {
    nghttp2_rcbuf* name;
    nghttp2_rcbuf* value;
    uint32_t offset;  // of the part of the value that counts
    uint32_t size;
    uint8_t flags;

    std::string_view text() const { return View(value).substr(offset, size); }
  };
  // As many as calls usually have are held without memory of their own.
  absl::InlinedVector<Field, 12> fields_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HEADER_BLOCK_H_
