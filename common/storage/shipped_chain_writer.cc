#include "common/storage/shipped_chain_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"

namespace baliprocess::storage {
namespace {

constexpr size_t kChainIdBytes = 16;
constexpr size_t kPieceBytes = 1 << 20;

absl::Status CheckHowOften(const std::string& folder, const std::string& service, absl::Time now,
                           int most_an_hour) {
  ASSIGN_OR_RETURN(const auto chains, ListShippedChains(folder));
  const auto recent = std::count_if(chains.begin(), chains.end(), [&](const ShippedChain& chain) {
    return chain.service == service && !chain.copies.empty() &&
           chain.begin > now - absl::Hours(1) && chain.begin <= now;
  });
  if (recent < most_an_hour) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      folder, " has ", recent, " chains of the hour before: another one begins when that is over"));
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? absl::UnavailableError(absl::StrCat(path, ": ", error.message()))
               : absl::OkStatus();
}

// When the store was as the copy has it; nothing for a copy that can't be read.
std::optional<absl::Time> TimeOfCopy(const std::string& path) {
  const auto reader = ShippedFileReader::Open(path);
  if (!reader.ok()) return std::nullopt;
  return (*reader)->footer().time;
}

// The newest copy that isn't of later than `since`.
std::optional<uint64_t> CopyBefore(const ShippedChain& chain, absl::Time since) {
  std::optional<uint64_t> found;
  for (const auto& [number, path] : chain.copies) {
    const auto time = TimeOfCopy(path);
    if (time && *time <= since) found = number;
  }
  return found;
}

// Removes what is before a copy, the copies first: without these nobody asks for the segments.
absl::Status RemoveBefore(const ShippedChain& chain, uint64_t copy) {
  for (const auto& [number, path] : chain.copies) {
    if (number < copy) RETURN_IF_ERROR(RemoveAll(path));
  }
  for (const auto& [number, path] : chain.segments) {
    if (number <= copy) RETURN_IF_ERROR(RemoveAll(path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ShippedChainWriter>> ShippedChainWriter::Begin(
    const std::string& folder, const std::string& service, uint32_t page_size, absl::Time now,
    int most_an_hour) {
  RETURN_IF_ERROR(CheckHowOften(folder, service, now, most_an_hour));
  ASSIGN_OR_RETURN(ShippedChain chain, MakeShippedChain(folder, service, now));
  return std::unique_ptr<ShippedChainWriter>(new ShippedChainWriter(std::move(chain), page_size));
}

ShippedChainWriter::ShippedChainWriter(ShippedChain chain, uint32_t page_size)
    : chain_(std::move(chain)),
      id_(RandomBytes(kChainIdBytes)),
      page_size_(page_size),
      previous_(32, '\0') {}

ShippedChainWriter::~ShippedChainWriter() {
  // What can't be removed now is when it is old.
  if (!has_copy()) (void)RemoveAll(chain_.path);
}

ShippedFooter ShippedChainWriter::Footer(ShippedKind kind, uint64_t number, absl::Time time) const {
  return {.kind = kind,
          .service = chain_.service,
          .chain = id_,
          .number = number,
          .page_size = page_size_,
          .time = time,
          .previous = previous_};
}

absl::Status ShippedChainWriter::AddSegment(absl::Time until, const Fill& fill,
                                            const std::function<bool()>& may_publish) {
  const uint64_t number = last_segment_ + 1;
  ASSIGN_OR_RETURN(const auto file, ShippedFileWriter::Make(
                                        ShippedPath(chain_.path, ShippedKind::kSegment, number)));
  RETURN_IF_ERROR(fill(*file));
  ShippedFooter footer = Footer(ShippedKind::kSegment, number, until);
  RETURN_IF_ERROR(file->Finish(footer));
  if (!may_publish()) return absl::AbortedError("the segment isn't wanted any more");
  RETURN_IF_ERROR(file->Publish());
  last_segment_ = number;
  previous_ = footer.sha256;
  segment_bytes_ += footer.body_bytes;
  return absl::OkStatus();
}

absl::Status ShippedChainWriter::AddCopy(const std::string& path, absl::Time time,
                                         const Place& place,
                                         const std::function<absl::Status()>& between) {
  segment_bytes_ = 0;
  ShippedFooter footer = Footer(ShippedKind::kCopy, place.segment, time);
  footer.previous = place.sha256;
  const std::unique_ptr<FILE, int (*)(FILE*)> source(std::fopen(path.c_str(), "rbe"), &fclose);
  if (source == nullptr) return absl::ErrnoToStatus(errno, path + " can't be opened");
  unlink(path.c_str());  // whatever becomes of the process, nothing is left behind
  ASSIGN_OR_RETURN(const auto file, ShippedFileWriter::Make(ShippedPath(
                                        chain_.path, ShippedKind::kCopy, place.segment)));
  std::string piece(kPieceBytes, '\0');
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), source.get())) {
    RETURN_IF_ERROR(file->Add({piece.data(), got}));
    RETURN_IF_ERROR(between());
  }
  if (std::ferror(source.get()) != 0) return absl::ErrnoToStatus(errno, path + " can't be read");
  RETURN_IF_ERROR(file->Finish(footer));
  RETURN_IF_ERROR(file->Publish());
  copy_bytes_ = footer.body_bytes;
  return absl::OkStatus();
}

absl::Status RemoveShippedBefore(const std::string& folder, const std::string& service,
                                 absl::Time since) {
  ASSIGN_OR_RETURN(auto chains, ListShippedChains(folder));
  std::erase_if(chains, [&](const ShippedChain& chain) { return chain.service != service; });
  bool covered = false;  // by a chain behind this one
  for (auto chain = chains.rbegin(); chain != chains.rend(); ++chain) {
    const auto copy = CopyBefore(*chain, since);
    if (covered || (chain->copies.empty() && chain->begin < since)) {
      RETURN_IF_ERROR(RemoveAll(chain->path));
    } else if (copy) {
      RETURN_IF_ERROR(RemoveBefore(*chain, *copy));
      covered = true;
    }
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::storage
