// The two ends of HPACK on a connection, by nghttp2: for tests of what stands between them.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TESTING_HPACK_PEER_H_
#define BALIPROCESS_SERVICES_GATEWAY_TESTING_HPACK_PEER_H_

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baliprocess::gateway {

struct HpackField {
  std::string name;
  std::string value;
  bool never_indexed = false;

  bool operator==(const HpackField& other) const = default;
};

class HpackEncoder {
 public:
  HpackEncoder() { nghttp2_hd_deflate_new(&deflater_, 4096); }
  ~HpackEncoder() { nghttp2_hd_deflate_del(deflater_); }
  HpackEncoder(const HpackEncoder&) = delete;
  HpackEncoder& operator=(const HpackEncoder&) = delete;

  // As a peer has it that allows a table of so many bytes, at most 4096.
  void Resize(size_t bytes) { nghttp2_hd_deflate_change_table_size(deflater_, bytes); }

  std::string Encode(const std::vector<HpackField>& fields) {
    std::vector<nghttp2_nv> nv;
    for (const HpackField& field : fields) {
      nv.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data())),
                    reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data())),
                    field.name.size(), field.value.size(),
                    static_cast<uint8_t>(field.never_indexed ? NGHTTP2_NV_FLAG_NO_INDEX : 0)});
    }
    std::string block(nghttp2_hd_deflate_bound(deflater_, nv.data(), nv.size()), '\0');
    const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<uint8_t*>(block.data()),
                                               block.size(), nv.data(), nv.size());
    block.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return block;
  }

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

class HpackDecoder {
 public:
  HpackDecoder() { nghttp2_hd_inflate_new(&inflater_); }
  ~HpackDecoder() { nghttp2_hd_inflate_del(inflater_); }
  HpackDecoder(const HpackDecoder&) = delete;
  HpackDecoder& operator=(const HpackDecoder&) = delete;

  // Nothing when the block is wrong: it ends a connection.
  std::optional<std::vector<HpackField>> Decode(std::string_view block) {
    std::vector<HpackField> fields;
    const auto* in = reinterpret_cast<const uint8_t*>(block.data());
    size_t left = block.size();
    int flags = 0;
    while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
      nghttp2_nv nv = {};
      flags = 0;
      const ssize_t size = nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, in, left, 1);
      if (size < 0) return std::nullopt;
      in += size;
      left -= static_cast<size_t>(size);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
      fields.push_back({{reinterpret_cast<const char*>(nv.name), nv.namelen},
                        {reinterpret_cast<const char*>(nv.value), nv.valuelen},
                        (nv.flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0});
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return fields;
  }

  // How many bytes the table has.
  size_t table_size() const { return nghttp2_hd_inflate_get_dynamic_table_size(inflater_); }

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TESTING_HPACK_PEER_H_
