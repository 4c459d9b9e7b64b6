#include "common/storage/shipped_restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/status_macros.h"
#include "common/storage/shipped_files.h"

namespace baliprocess::storage {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

std::string Moment(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

// The database that is being made.
class Target {
 public:
  explicit Target(std::string path)
      : path_(std::move(path)), file_(open(path_.c_str(), O_WRONLY | O_CLOEXEC)) {}
  ~Target() {
    if (file_ >= 0) close(file_);
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  absl::Status Write(uint64_t offset, std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return Failed();
      bytes.remove_prefix(static_cast<size_t>(written));
      offset += static_cast<uint64_t>(written);
    }
    return absl::OkStatus();
  }
  absl::Status Truncate(uint64_t bytes) const {
    return ftruncate(file_, static_cast<off_t>(bytes)) == 0 ? absl::OkStatus() : Failed();
  }

 private:
  absl::Status Failed() const { return absl::ErrnoToStatus(errno, path_ + " can't be written"); }

  const std::string path_;
  const int file_;
};

absl::StatusOr<std::vector<ShippedChain>> ChainsOf(const std::string& folder,
                                                   const std::string& service) {
  ASSIGN_OR_RETURN(auto chains, ListShippedChains(folder));
  std::set<std::string> services;
  for (const ShippedChain& chain : chains) services.insert(chain.service);
  if (service.empty() && services.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        folder, " has changes of several services, say which: ", absl::StrJoin(services, ", ")));
  }
  // Without a copy there is nothing to add changes to.
  std::erase_if(chains, [&](const ShippedChain& chain) {
    return chain.copies.empty() || (!service.empty() && chain.service != service);
  });
  if (chains.empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, " has no copy of a store", service.empty() ? "" : " of " + service));
  }
  return chains;
}

absl::StatusOr<ShippedFooter> FooterOf(const std::string& path) {
  ASSIGN_OR_RETURN(const auto reader, ShippedFileReader::Open(path));
  return reader->footer();
}

// The copy to begin with: the newest of the newest chain that isn't of later than `until`.
struct Start {
  size_t chain = 0;
  ShippedFooter copy;
};
absl::StatusOr<Start> FindStart(const std::vector<ShippedChain>& chains, absl::Time until) {
  absl::Time oldest = absl::InfiniteFuture();
  for (size_t i = chains.size(); i > 0; --i) {
    const auto& copies = chains[i - 1].copies;
    for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
      ASSIGN_OR_RETURN(const ShippedFooter footer, FooterOf(copy->second));
      if (footer.time <= until) return Start{i - 1, footer};
      oldest = footer.time;
    }
  }
  return absl::NotFoundError(absl::StrCat("nothing as old as ", Moment(until),
                                          " is there: the oldest moment is ", Moment(oldest)));
}

// Makes the database of one chain.
class Restoring {
 public:
  Restoring(const ShippedChain& chain, ShippedFooter copy, absl::Time until, const Target& target)
      : chain_(chain),
        copy_(std::move(copy)),
        until_(until),
        target_(target),
        previous_(copy_.previous),
        state_{.service = chain.service,
               .chain = chain.path,
               .time = copy_.time,
               .through = copy_.time} {}

  absl::StatusOr<RestoredState> Run() {
    RETURN_IF_ERROR(WriteCopy());
    for (uint64_t number = copy_.number + 1; state_.through < until_; ++number) {
      const auto segment = chain_.segments.find(number);
      if (segment != chain_.segments.end()) {
        const absl::Status added = Add(number, segment->second);
        if (!added.ok()) return Damaged(added.message());
      } else if (!chain_.segments.empty() && number < chain_.segments.rbegin()->first) {
        return Damaged(ShippedPath(chain_.path, ShippedKind::kSegment, number) + " is missing");
      } else {
        break;
      }
    }
    if (size_after_) RETURN_IF_ERROR(target_.Truncate(*size_after_ * copy_.page_size));
    return state_;
  }

 private:
  absl::Status Damaged(absl::string_view what) const {
    return absl::DataLossError(
        absl::StrCat(what, "; the newest moment before it is ", Moment(state_.through)));
  }

  absl::Status WriteCopy() const {
    ASSIGN_OR_RETURN(const auto reader, ShippedFileReader::Open(chain_.copies.at(copy_.number)));
    if (reader->footer().kind != ShippedKind::kCopy || reader->footer().service != chain_.service) {
      return absl::DataLossError(chain_.copies.at(copy_.number) + " isn't what its name says");
    }
    uint64_t offset = 0;
    return reader->ReadBody(kPieceBytes, [&](std::string_view piece) {
      const absl::Status written = target_.Write(offset, piece);
      offset += piece.size();
      return written;
    });
  }

  // Adds what a segment has until then. First all of it is checked.
  absl::Status Add(uint64_t number, const std::string& path) {
    ASSIGN_OR_RETURN(const auto reader, ShippedFileReader::Open(path));
    const ShippedFooter& footer = reader->footer();
    RETURN_IF_ERROR(
        reader->ReadBody(kPieceBytes, [](std::string_view) { return absl::OkStatus(); }));
    const size_t record_bytes = kShippedRecordBytes + copy_.page_size;
    if (footer.kind != ShippedKind::kSegment || footer.number != number ||
        footer.chain != copy_.chain || footer.previous != previous_ ||
        footer.page_size != copy_.page_size || footer.body_bytes % record_bytes != 0) {
      return absl::DataLossError(path + " doesn't belong behind the segment before it");
    }
    RETURN_IF_ERROR(
        reader->ReadBody(record_bytes, [this](std::string_view bytes) { return Apply(bytes); }));
    previous_ = footer.sha256;
    state_.through = footer.time;
    ++state_.segments;
    return absl::OkStatus();
  }

  absl::Status Apply(std::string_view bytes) {
    const ShippedRecord record = RecordOf(bytes);
    if (record.time > until_ || record.page == 0) return absl::OkStatus();
    if (record.size_after != 0) {
      size_after_ = record.size_after;
      state_.time = record.time;
    }
    bytes.remove_prefix(kShippedRecordBytes);
    return target_.Write(uint64_t{record.page - 1} * copy_.page_size, bytes);
  }

  const ShippedChain& chain_;
  const ShippedFooter copy_;
  const absl::Time until_;
  const Target& target_;
  std::string previous_;
  std::optional<uint64_t> size_after_;  // in pages
  RestoredState state_;
};

}  // namespace

absl::StatusOr<RestoredState> RestoreShipped(const std::string& folder, const std::string& service,
                                             absl::Time until, const std::string& path) {
  ASSIGN_OR_RETURN(const auto chains, ChainsOf(folder, service));
  ASSIGN_OR_RETURN(const Start start, FindStart(chains, until));
  const Target target(path);
  ASSIGN_OR_RETURN(const RestoredState state,
                   Restoring(chains[start.chain], start.copy, until, target).Run());
  if (state.through >= until || start.chain + 1 == chains.size()) return state;
  // Another chain has begun since: what was committed in between nobody knows.
  const ShippedChain& next = chains[start.chain + 1];
  ASSIGN_OR_RETURN(const ShippedFooter copy, FooterOf(next.copies.begin()->second));
  return absl::FailedPreconditionError(
      absl::StrCat("nothing was shipped between ", Moment(state.through), " and ",
                   Moment(copy.time), ": restore until the one, or from the other on"));
}

}  // namespace baliprocess::storage
