#include "services/balictl/sheets/zip_file.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

// Of the ZIP format (PKWARE's APPNOTE.TXT, 4.3).
constexpr std::string_view kLocalHeader = "PK\x03\x04";
constexpr std::string_view kDirectoryHeader = "PK\x01\x02";
constexpr std::string_view kDirectoryEnd = "PK\x05\x06";
constexpr size_t kLocalHeaderSize = 30;
constexpr size_t kDirectoryHeaderSize = 46;
constexpr size_t kDirectoryEndSize = 22;
constexpr uint32_t kZip64 = 0xFFFFFFFF;
constexpr uint16_t kStored = 0;
constexpr uint16_t kDeflated = 8;

uint32_t Number(std::string_view bytes, size_t at, size_t size) {
  uint32_t number = 0;
  for (size_t i = size; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

absl::Status Damaged() { return UsageError("is damaged: it is no whole ZIP archive"); }

struct Inflating {
  z_stream stream = {};
  ~Inflating() { inflateEnd(&stream); }
};

}  // namespace

absl::StatusOr<ZipFile> ZipFile::Open(std::string_view bytes, size_t most_unpacked) {
  ZipFile file(bytes, most_unpacked);
  RETURN_IF_ERROR(file.ReadDirectory());
  return file;
}

absl::Status ZipFile::ReadDirectory() {
  const size_t end = bytes_.rfind(kDirectoryEnd);
  if (end == std::string_view::npos || bytes_.size() - end < kDirectoryEndSize) return Damaged();
  const size_t count = Number(bytes_, end + 10, 2);
  size_t at = Number(bytes_, end + 16, 4);
  for (size_t i = 0; i < count; ++i) {
    const bool fits = at <= end && end - at >= kDirectoryHeaderSize;
    if (!fits || bytes_.substr(at, 4) != kDirectoryHeader) return Damaged();
    const size_t name_size = Number(bytes_, at + 28, 2);
    const size_t rest = Number(bytes_, at + 30, 2) + Number(bytes_, at + 32, 2);
    if (end - at - kDirectoryHeaderSize < name_size + rest) return Damaged();
    const std::string name(bytes_.substr(at + kDirectoryHeaderSize, name_size));
    entries_[name] = {(Number(bytes_, at + 8, 2) & 1) != 0,
                      static_cast<uint16_t>(Number(bytes_, at + 10, 2)), Number(bytes_, at + 16, 4),
                      Number(bytes_, at + 20, 4), Number(bytes_, at + 42, 4)};
    at += kDirectoryHeaderSize + name_size + rest;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> ZipFile::DataOf(const Entry& entry) const {
  if (entry.encrypted) return UsageError("has a password: save it without one");
  if (entry.size == kZip64 || entry.offset == kZip64) {
    return UsageError("is a ZIP64 archive, which isn't read");
  }
  const std::string_view header = bytes_.substr(std::min(entry.offset, bytes_.size()));
  if (header.size() < kLocalHeaderSize || !header.starts_with(kLocalHeader)) return Damaged();
  const size_t begin = kLocalHeaderSize + Number(header, 26, 2) + Number(header, 28, 2);
  if (header.size() < begin || header.size() - begin < entry.size) return Damaged();
  return header.substr(begin, entry.size);
}

absl::StatusOr<std::string> ZipFile::Inflate(std::string_view data, size_t most) {
  Inflating inflating;
  z_stream& stream = inflating.stream;
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return absl::ResourceExhaustedError("there is no memory to unpack the file");
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::string contents;
  char piece[65536];
  int result = Z_OK;
  while (result == Z_OK && contents.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof(piece);
    result = inflate(&stream, Z_NO_FLUSH);
    contents.append(piece, sizeof(piece) - stream.avail_out);
  }
  if (result != Z_OK && result != Z_STREAM_END) return Damaged();
  return contents;
}

absl::StatusOr<std::string> ZipFile::Read(const std::string& name, size_t most) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return UsageError(absl::StrCat("isn't a spreadsheet (.xlsx): it has no ", name));
  }
  const Entry& entry = found->second;
  ASSIGN_OR_RETURN(const std::string_view data, DataOf(entry));
  const size_t left = most_unpacked_ - unpacked_;
  std::string contents;
  if (entry.method == kDeflated) {
    ASSIGN_OR_RETURN(contents, Inflate(data, std::min(most, left)));
  } else if (entry.method == kStored) {
    contents = data.substr(0, std::min(most, left) + 1);
  } else {
    return UsageError("is packed in a way that isn't read: save it anew as .xlsx");
  }
  if (contents.size() > most) {
    return UsageError(
        absl::StrCat("has a part, ", name, ", that unpacks to more than ", most, " bytes"));
  }
  if (contents.size() > left) {
    return UsageError(absl::StrCat("unpacks to more than ", most_unpacked_, " bytes"));
  }
  unpacked_ += contents.size();
  const auto checksum =
      crc32(0, reinterpret_cast<const Bytef*>(contents.data()), static_cast<uInt>(contents.size()));
  if (checksum != entry.checksum) return Damaged();
  return contents;
}

}  // namespace baliprocess::balictl
