#include "common/storage/wal_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameHeaderBytes = 24;
constexpr uint32_t kMagic = 0x377f0682;  // the last bit: sums are of big-endian numbers
constexpr uint32_t kVersion = 3007000;

uint32_t BigEndian(const char* at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | static_cast<uint8_t>(at[i]);
  return value;
}

uint32_t LittleEndian(const char* at) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<uint8_t>(at[i]);
  return value;
}

// Adds bytes, a multiple of eight, to the sums.
void AddTo(std::array<uint32_t, 2>& sums, bool big_endian, std::string_view bytes) {
  for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    const char* const at = bytes.data() + i;
    sums[0] += (big_endian ? BigEndian(at) : LittleEndian(at)) + sums[1];
    sums[1] += (big_endian ? BigEndian(at + 4) : LittleEndian(at + 4)) + sums[0];
  }
}

bool IsPageSize(uint32_t size) { return size >= 512 && size <= 65536 && (size & (size - 1)) == 0; }

absl::Status Damaged(uint32_t frame, std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("frame ", frame, " of the write-ahead log ", std::string(what)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<WalReader>> WalReader::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, path + " can't be opened");
  return std::unique_ptr<WalReader>(new WalReader(file));
}

WalReader::~WalReader() { close(file_); }

absl::Status WalReader::ReadAt(uint64_t offset, char* to, size_t size) const {
  while (size > 0) {
    const ssize_t got = pread(file_, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "the write-ahead log can't be read");
    if (got == 0) return absl::OutOfRangeError("the write-ahead log ends");
    to += got;
    size -= static_cast<size_t>(got);
    offset += static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

// Goes to the begin of the log unless the place is in it. False: there is no log.
absl::StatusOr<bool> WalReader::BeginOfLog(Place& place) {
  std::array<char, kHeaderBytes> header;
  const absl::Status read = ReadAt(0, header.data(), header.size());
  if (absl::IsOutOfRange(read)) return false;
  RETURN_IF_ERROR(read);
  const Pair salts = {BigEndian(&header[16]), BigEndian(&header[20])};
  if (place.page_size != 0 && place.salts == salts) return true;
  const uint32_t magic = BigEndian(header.data());
  place = {.salts = salts, .page_size = BigEndian(&header[8]), .big_endian = (magic & 1) != 0};
  AddTo(place.sums, place.big_endian, {header.data(), kHeaderBytes - 8});
  if ((magic & ~1u) != kMagic || BigEndian(&header[4]) != kVersion ||
      !IsPageSize(place.page_size) ||
      place.sums != Pair{BigEndian(&header[24]), BigEndian(&header[28])}) {
    return absl::DataLossError("the header of the write-ahead log isn't what its checksum says");
  }
  return true;
}

absl::StatusOr<WalFrame> WalReader::Next(Place& place) {
  const uint32_t number = place.frame + 1;
  const size_t size = kFrameHeaderBytes + place.page_size;
  buffer_.resize(size);
  RETURN_IF_ERROR(ReadAt(kHeaderBytes + uint64_t{place.frame} * size, buffer_.data(), size));
  const char* const header = buffer_.data();
  if (Pair{BigEndian(header + 8), BigEndian(header + 12)} != place.salts) {
    return Damaged(number, "is of another log");
  }
  const std::string_view page = std::string_view(buffer_).substr(kFrameHeaderBytes);
  Pair sums = place.sums;
  AddTo(sums, place.big_endian, {header, 8});
  AddTo(sums, place.big_endian, page);
  if (sums != Pair{BigEndian(header + 16), BigEndian(header + 20)}) {
    return Damaged(number, "isn't what its checksum says");
  }
  place.sums = sums;
  place.frame = number;
  return WalFrame{number, BigEndian(header), BigEndian(header + 4), page};
}

absl::Status WalReader::ReadTo(uint32_t last, const Take& take) {
  Place place = place_;
  ASSIGN_OR_RETURN(const bool is_there, BeginOfLog(place));
  if (!is_there && last > 0) return absl::DataLossError("the write-ahead log is empty");
  while (place.frame < last) {
    auto frame = Next(place);
    if (absl::IsOutOfRange(frame.status())) return Damaged(place.frame + 1, "isn't there");
    RETURN_IF_ERROR(frame.status());
    RETURN_IF_ERROR(take(*frame));
  }
  if (place.frame > last) return Damaged(last, "was read before, as were others behind it");
  place_ = place;
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> WalReader::LastCommit() {
  Place place;
  const auto is_there = BeginOfLog(place);
  // SQLite passes over a log without a header, too.
  if (absl::IsDataLoss(is_there.status())) return 0;
  RETURN_IF_ERROR(is_there.status());
  uint32_t last = 0;
  while (*is_there) {
    const auto frame = Next(place);
    // What isn't whole was never acknowledged.
    if (absl::IsOutOfRange(frame.status()) || absl::IsDataLoss(frame.status())) break;
    RETURN_IF_ERROR(frame.status());
    if (frame->size_after != 0) last = frame->number;
  }
  return last;
}

}  // namespace baliprocess::storage
