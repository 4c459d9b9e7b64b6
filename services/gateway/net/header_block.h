// Header fields as they came: shared with nghttp2 instead of copied, where it is nghttp2 that they
// came from.

#ifndef BALIPROCESS_SERVICES_GATEWAY_NET_HEADER_BLOCK_H_
#define BALIPROCESS_SERVICES_GATEWAY_NET_HEADER_BLOCK_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <utility>
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

// One that nghttp2 copies at once: for replies that are rare.
inline nghttp2_nv CopiedField(std::string_view name, std::string_view value) {
  nghttp2_nv field = SharedField(name, value);
  field.flags = NGHTTP2_NV_FLAG_NONE;
  return field;
}

// The size of a field as RFC 9113 6.5.2 counts it.
inline size_t FieldSize(size_t name, size_t value) { return name + value + 32; }

// The fields of a request to send.
struct RequestFields {
  std::vector<nghttp2_nv> coded;  // by nghttp2
  // Never indexed, and sent behind the others: for what is secret, and for values that differ from
  // call to call and would only push other fields out of HPACK's table.
  std::vector<nghttp2_nv> literals;

  void AddLiteral(std::string_view name, std::string_view value) {
    literals.push_back(SharedField(name, value, NGHTTP2_NV_FLAG_NO_INDEX));
  }
  void Clear() {
    coded.clear();
    literals.clear();
  }
  // As RFC 9113 6.5.2 counts.
  size_t size() const {
    size_t sum = 0;
    for (const auto* fields : {&coded, &literals}) {
      for (const nghttp2_nv& field : *fields) sum += FieldSize(field.namelen, field.valuelen);
    }
    return sum;
  }
};

// A field as it has come.
struct ReceivedField {
  // As nghttp2 hands it over.
  ReceivedField(nghttp2_rcbuf* name_buffer, nghttp2_rcbuf* value_buffer, uint8_t its_flags)
      : name(View(name_buffer)),
        value(View(value_buffer)),
        buffers{name_buffer, value_buffer},
        flags(its_flags) {}
  // From elsewhere: who keeps the field copies it.
  ReceivedField(std::string_view its_name, std::string_view its_value)
      : name(its_name), value(its_value) {}

  std::string_view name;
  std::string_view value;
  nghttp2_rcbuf* buffers[2] = {nullptr, nullptr};
  uint8_t flags = NGHTTP2_NV_FLAG_NONE;
};

class HeaderBlock {
 public:
  HeaderBlock() = default;
  ~HeaderBlock() { Clear(); }
  // Views of the fields stay good.
  HeaderBlock(HeaderBlock&& other) noexcept
      : fields_(std::move(other.fields_)), copies_(std::move(other.copies_)) {
    other.fields_.clear();
  }
  HeaderBlock& operator=(HeaderBlock&& other) noexcept {
    Clear();
    fields_ = std::move(other.fields_);
    copies_ = std::move(other.copies_);
    other.fields_.clear();
    return *this;
  }

  // The flags are kept: what must never be indexed stays so (RFC 7541 7.1.3).
  void Add(const ReceivedField& field) { Add(field, field.value); }
  // With `part` of the value instead of all of it.
  void Add(const ReceivedField& field, std::string_view part) {
    if (field.buffers[0] == nullptr) return AddCopy(field.name, part);
    for (nghttp2_rcbuf* buffer : field.buffers) nghttp2_rcbuf_incref(buffer);
    fields_.push_back({field.name, part, {field.buffers[0], field.buffers[1]}, field.flags});
  }
  void AddCopy(std::string_view name, std::string_view value) {
    fields_.push_back({Copy(name), Copy(value), {nullptr, nullptr}, NGHTTP2_NV_FLAG_NONE});
  }

  // Takes out the fields for which `unwanted(name)` is true.
  template <typename Unwanted>
  void Remove(Unwanted unwanted) {
    auto kept = fields_.begin();
    for (Field& field : fields_) {
      if (unwanted(field.name)) {
        field.Release();
      } else {
        *kept++ = field;
      }
    }
    fields_.erase(kept, fields_.end());
  }

  void Clear() {
    for (const Field& field : fields_) field.Release();
    fields_.clear();
    copies_.clear();
  }

  bool empty() const { return fields_.empty(); }

  // As it is kept here, of the field that was added last.
  std::string_view last_value() const { return fields_.back().value; }

  // Puts the fields of `other` behind these.
  void Append(HeaderBlock&& other) {
    fields_.insert(fields_.end(), other.fields_.begin(), other.fields_.end());
    copies_.splice_after(copies_.before_begin(), other.copies_);
    other.fields_.clear();
  }

  // The value of the first field of this name; empty when there is none.
  std::string_view Find(std::string_view name) const {
    for (const Field& field : fields_) {
      if (field.name == name) return field.value;
    }
    return {};
  }

  // The values of all fields of this name, in their order: one list (RFC 9110 5.3).
  std::string FindList(std::string_view name) const {
    std::string list;
    for (const Field& field : fields_) {
      if (field.name != name) continue;
      if (!list.empty()) list += ", ";
      list += field.value;
    }
    return list;
  }

  // Appends the fields, for nghttp2 to send while this block lives.
  void AppendTo(std::vector<nghttp2_nv>& out) const {
    for (const Field& field : fields_) {
      out.push_back(SharedField(field.name, field.value, field.flags));
    }
  }
  // Those for which `is_literal(name)` is true become literals.
  template <typename IsLiteral>
  void AppendTo(RequestFields& out, IsLiteral is_literal) const {
    for (const Field& field : fields_) {
      if (is_literal(field.name)) {
        out.AddLiteral(field.name, field.value);
      } else {
        out.coded.push_back(SharedField(field.name, field.value, field.flags));
      }
    }
  }

 private:
  struct Field {
    std::string_view name;
    std::string_view value;
    nghttp2_rcbuf* buffers[2];  // that the views are of; null: of a copy
    uint8_t flags;

    void Release() const {
      for (nghttp2_rcbuf* buffer : buffers) {
        if (buffer != nullptr) nghttp2_rcbuf_decref(buffer);
      }
    }
  };

  std::string_view Copy(std::string_view text) { return copies_.emplace_front(text); }

  // As many as calls usually have are held without memory of their own.
  absl::InlinedVector<Field, 12> fields_;
  std::forward_list<std::string> copies_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_NET_HEADER_BLOCK_H_
