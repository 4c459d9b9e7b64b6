#include "common/storage/shipped_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

constexpr std::string_view kMagic = "BaliShipped 1\n\n\n";  // 16 bytes
constexpr size_t kServiceBytes = 64;
constexpr size_t kChainBytes = 16;
constexpr size_t kShaBytes = 32;
constexpr size_t kUnusedBytes =
    kShippedFooterBytes - 16 - kServiceBytes - kChainBytes - 4 - 4 - 8 - 8 - 8 - 2 * kShaBytes;
constexpr char kTimeFormat[] = "%E4Y%m%dT%H%M%SZ";
constexpr char kPart[] = ".part";

absl::Status Failed(const std::string& path, std::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, " can't be ", std::string(what)));
}

absl::Status SyncFolder(const std::string& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return Failed(folder, "opened");
  const absl::Status status = fsync(opened) == 0 ? absl::OkStatus() : Failed(folder, "synced");
  close(opened);
  return status;
}

template <typename Number>
void Put(std::string& bytes, Number number) {
  for (size_t i = 0; i < sizeof(Number); ++i) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(number) >> (8 * i)));
  }
}

// Numbers and texts off the front of some bytes.
class Parser {
 public:
  explicit Parser(std::string_view bytes) : bytes_(bytes) {}

  std::string_view Text(size_t size) {
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(text.size());
    return text;
  }
  template <typename Number>
  Number Get() {
    uint64_t number = 0;
    const std::string_view bytes = Text(sizeof(Number));
    for (size_t i = bytes.size(); i > 0; --i) {
      number = (number << 8) | static_cast<uint8_t>(bytes[i - 1]);
    }
    return static_cast<Number>(number);
  }

 private:
  std::string_view bytes_;
};

// All but the SHA-256 at the end.
std::string FooterBytes(const ShippedFooter& footer) {
  std::string bytes(kMagic);
  bytes += footer.service;
  bytes.resize(kMagic.size() + kServiceBytes);
  bytes += footer.chain;
  bytes.resize(kMagic.size() + kServiceBytes + kChainBytes);
  Put(bytes, static_cast<uint32_t>(footer.kind));
  Put(bytes, footer.page_size);
  Put(bytes, footer.number);
  Put(bytes, absl::ToUnixMicros(footer.time));
  Put(bytes, footer.body_bytes);
  bytes.resize(bytes.size() + kUnusedBytes);
  bytes += footer.previous;
  bytes.resize(kShippedFooterBytes - kShaBytes);
  return bytes;
}

std::optional<ShippedFooter> ParseFooter(std::string_view bytes) {
  Parser parser(bytes);
  if (bytes.size() != kShippedFooterBytes || parser.Text(kMagic.size()) != kMagic) {
    return std::nullopt;
  }
  ShippedFooter footer;
  const std::string_view service = parser.Text(kServiceBytes);
  footer.service = std::string(service.substr(0, service.find('\0')));
  footer.chain = std::string(parser.Text(kChainBytes));
  footer.kind = static_cast<ShippedKind>(parser.Get<uint32_t>());
  footer.page_size = parser.Get<uint32_t>();
  footer.number = parser.Get<uint64_t>();
  footer.time = absl::FromUnixMicros(parser.Get<int64_t>());
  footer.body_bytes = parser.Get<uint64_t>();
  parser.Text(kUnusedBytes);
  footer.previous = std::string(parser.Text(kShaBytes));
  footer.sha256 = std::string(parser.Text(kShaBytes));
  return footer;
}

// `0000000017` with this ending.
std::optional<uint64_t> NumberOf(std::string_view name, std::string_view ending) {
  uint64_t number = 0;
  if (!name.ends_with(ending)) return std::nullopt;
  name.remove_suffix(ending.size());
  const bool digits =
      std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; });
  if (name.size() < 10 || !digits || !absl::SimpleAtoi(std::string(name), &number)) {
    return std::nullopt;
  }
  return number;
}

constexpr std::string_view kCopyEnding = ".copy";
constexpr std::string_view kSegmentEnding = ".segment";

// `membership-000012-20261128T021000Z`
std::optional<ShippedChain> ChainOf(const std::string& name) {
  const size_t time_at = name.rfind('-');
  if (time_at == std::string::npos || time_at == 0) return std::nullopt;
  const size_t number_at = name.rfind('-', time_at - 1);
  if (number_at == std::string::npos) return std::nullopt;
  ShippedChain chain;
  chain.service = name.substr(0, number_at);
  if (!IsResourceId(chain.service) ||
      !absl::SimpleAtoi(name.substr(number_at + 1, time_at - number_at - 1), &chain.number) ||
      !absl::ParseTime(kTimeFormat, name.substr(time_at + 1), &chain.begin, nullptr)) {
    return std::nullopt;
  }
  return chain;
}

absl::Status ListFiles(ShippedChain& chain) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(chain.path, error)) {
    const std::string name = entry.path().filename().string();
    if (const auto copy = NumberOf(name, kCopyEnding)) chain.copies[*copy] = entry.path().string();
    if (const auto segment = NumberOf(name, kSegmentEnding)) {
      chain.segments[*segment] = entry.path().string();
    }
  }
  if (error) return absl::UnavailableError(absl::StrCat(chain.path, ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace

std::string ToBytes(const ShippedRecord& record) {
  std::string bytes;
  Put(bytes, record.page);
  Put(bytes, record.size_after);
  Put(bytes, absl::ToUnixMicros(record.time));
  return bytes;
}

ShippedRecord RecordOf(std::string_view bytes) {
  Parser parser(bytes);
  ShippedRecord record;
  record.page = parser.Get<uint32_t>();
  record.size_after = parser.Get<uint32_t>();
  record.time = absl::FromUnixMicros(parser.Get<int64_t>());
  return record;
}

std::string ShippedPath(const std::string& chain, ShippedKind kind, uint64_t number) {
  return absl::StrFormat("%s/%010d%s", chain, number,
                         std::string(kind == ShippedKind::kCopy ? kCopyEnding : kSegmentEnding));
}

ShippedFileWriter::ShippedFileWriter(std::string path, FILE* file)
    : path_(std::move(path)), part_(path_ + kPart), file_(file, &fclose) {}

absl::StatusOr<std::unique_ptr<ShippedFileWriter>> ShippedFileWriter::Make(
    const std::string& path) {
  const std::string part = path + kPart;
  const int made = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  FILE* const file = made < 0 ? nullptr : fdopen(made, "wb");
  if (file == nullptr) return Failed(part, "made");
  return std::unique_ptr<ShippedFileWriter>(new ShippedFileWriter(path, file));
}

ShippedFileWriter::~ShippedFileWriter() {
  if (file_ != nullptr) unlink(part_.c_str());
}

absl::Status ShippedFileWriter::Add(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
    return Failed(part_, "written");
  }
  hasher_.Add(bytes);
  bytes_ += bytes.size();
  return absl::OkStatus();
}

absl::Status ShippedFileWriter::Finish(ShippedFooter& footer) {
  footer.body_bytes = bytes_;
  const std::string bytes = FooterBytes(footer);
  RETURN_IF_ERROR(Add(bytes));
  footer.sha256 = hasher_.Finish();
  if (std::fwrite(footer.sha256.data(), 1, footer.sha256.size(), file_.get()) !=
          footer.sha256.size() ||
      std::fflush(file_.get()) != 0 || fsync(fileno(file_.get())) != 0) {
    return Failed(part_, "written");
  }
  return absl::OkStatus();
}

absl::Status ShippedFileWriter::Publish() {
  if (rename(part_.c_str(), path_.c_str()) != 0) return Failed(path_, "made");
  file_.reset();
  return SyncFolder(std::filesystem::path(path_).parent_path().string());
}

absl::StatusOr<std::unique_ptr<ShippedFileReader>> ShippedFileReader::Open(
    const std::string& path) {
  FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return Failed(path, "opened");
  std::unique_ptr<ShippedFileReader> reader(new ShippedFileReader(path, file));
  struct stat status {};
  if (fstat(fileno(file), &status) != 0) return Failed(path, "read");
  const auto size = static_cast<uint64_t>(status.st_size);
  std::string bytes(kShippedFooterBytes, '\0');
  std::optional<ShippedFooter> footer;
  if (size >= bytes.size()) {
    const auto at = static_cast<off_t>(size - bytes.size());
    if (pread(fileno(file), bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size())) {
      return Failed(path, "read");
    }
    footer = ParseFooter(bytes);
  }
  if (!footer || footer->body_bytes != size - bytes.size()) {
    return absl::DataLossError(path + " is cut, or was changed: its end isn't there");
  }
  reader->footer_ = *std::move(footer);
  reader->footer_bytes_ = bytes.substr(0, bytes.size() - kShaBytes);
  return reader;
}

absl::Status ShippedFileReader::ReadBody(size_t piece_bytes, const Take& take) {
  std::rewind(file_.get());
  Sha256Hasher hasher;
  std::string piece;
  for (uint64_t left = footer_.body_bytes; left > 0; left -= piece.size()) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(left, piece_bytes)));
    if (std::fread(piece.data(), 1, piece.size(), file_.get()) != piece.size()) {
      return std::ferror(file_.get()) != 0 ? Failed(path_, "read")
                                           : absl::DataLossError(path_ + " is cut");
    }
    hasher.Add(piece);
    RETURN_IF_ERROR(take(piece));
  }
  hasher.Add(footer_bytes_);
  return hasher.Finish() == footer_.sha256
             ? absl::OkStatus()
             : absl::DataLossError(path_ + " was changed: its SHA-256 differs");
}

absl::StatusOr<std::vector<ShippedChain>> ListShippedChains(const std::string& folder) {
  std::vector<ShippedChain> chains;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    auto chain = ChainOf(entry.path().filename().string());
    if (!chain) continue;
    chain->path = entry.path().string();
    RETURN_IF_ERROR(ListFiles(*chain));
    chains.push_back(*std::move(chain));
  }
  if (error) return absl::UnavailableError(absl::StrCat(folder, ": ", error.message()));
  std::sort(chains.begin(), chains.end(), [](const ShippedChain& a, const ShippedChain& b) {
    return std::tie(a.service, a.number, a.path) < std::tie(b.service, b.number, b.path);
  });
  return chains;
}

absl::StatusOr<ShippedChain> MakeShippedChain(const std::string& folder, const std::string& service,
                                              absl::Time now) {
  ASSIGN_OR_RETURN(const auto chains, ListShippedChains(folder));
  ShippedChain chain{.service = service, .number = 1, .begin = now};
  for (const ShippedChain& other : chains) {
    if (other.service == service) chain.number = std::max(chain.number, other.number + 1);
  }
  chain.path = absl::StrFormat("%s/%s-%06d-%s", folder, service, chain.number,
                               absl::FormatTime(kTimeFormat, now, absl::UTCTimeZone()));
  if (mkdir(chain.path.c_str(), 0700) != 0) return Failed(chain.path, "made");
  RETURN_IF_ERROR(SyncFolder(folder));
  return chain;
}

}  // namespace baliprocess::storage
