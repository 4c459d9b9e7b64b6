#include "common/resource/program/store_service.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/config.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/program/store_copy.h"
#include "common/resource/store/store_status.h"
#include "common/resource/store/verification.h"
#include "common/telemetry/log.h"

namespace baliprocess::resource {
namespace {

using operate::v1::BackUpRequest;
using operate::v1::ReadErasureListRequest;
using operate::v1::ReadErasureListResponse;
using operate::v1::VerifyRequest;
using operate::v1::VerifyResponse;

// Of the disk: what a copy leaves to the store.
constexpr int64_t kRoomForStore = 64 << 20;

int64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(size);
}

// The messages of Verify: a page of one type each time that it is asked, so that whoever else
// streams gets in between.
class VerifySource final : public rpc::StreamSource {
 public:
  VerifySource(storage::Database& database, const Registry& registry, RowLayout layout,
               std::function<void()> wake)
      : database_(database), layout_(layout), wake_(std::move(wake)) {
    for (const auto& type : registry.types()) types_.push_back(type.get());
    std::sort(types_.begin(), types_.end(),
              [](const auto* a, const auto* b) { return a->type < b->type; });
  }

  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
    if (next_ == types_.size()) return Next::kEnd;
    if (!verification_) verification_.emplace(database_, *types_[next_], layout_);
    const absl::StatusOr<bool> more = verification_->Next();
    if (!more.ok()) return FromStore(more.status());
    if (*more) {
      wake_();
      return Next::kIdle;
    }
    static_cast<VerifyResponse&>(reply) = verification_->result();
    verification_.reset();
    ++next_;
    return Next::kMessage;
  }

 private:
  storage::Database& database_;
  const RowLayout layout_;
  const std::function<void()> wake_;
  std::vector<const ResourceType*> types_;
  size_t next_ = 0;
  std::optional<Verification> verification_;
};

// The messages of ReadErasureList. What comes to the list meanwhile isn't told.
class ErasureListSource final : public rpc::StreamSource {
 public:
  ErasureListSource(std::vector<ErasureList::Line> lines, std::set<std::string> undone)
      : lines_(std::move(lines)), undone_(std::move(undone)) {}

  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
    if (next_ == lines_.size()) return Next::kEnd;
    auto& told = static_cast<ReadErasureListResponse&>(reply);
    told.set_undone(undone_.count(lines_[next_].id) > 0);
    told.set_line(std::move(lines_[next_++].text));
    return Next::kMessage;
  }

 private:
  std::vector<ErasureList::Line> lines_;
  const std::set<std::string> undone_;  // ids
  size_t next_ = 0;
};

}  // namespace

StoreService::StoreService(const Registry& registry, storage::Database& database, Options options)
    : registry_(registry), database_(database), options_(std::move(options)) {
  if (database_.reads_are_local()) unlink(PathOfCopy(options_.target).c_str());
}

rpc::MethodTable StoreService::Methods() {
  rpc::MethodTable table(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "baliprocess.operate.v1.StoreService"));
  table.ServerStream<BackUpRequest>(
      "BackUp", [this](const std::shared_ptr<rpc::Call>& call, const BackUpRequest&,
                       std::function<void()> wake) { return BackUp(*call, std::move(wake)); });
  table.ServerStream<VerifyRequest>(
      "Verify",
      [this](const std::shared_ptr<rpc::Call>&, const VerifyRequest&,
             std::function<void()> wake) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource>> {
        return std::make_unique<VerifySource>(database_, registry_,
                                              RowLayout{options_.schema_version}, std::move(wake));
      });
  table.ServerStream<ReadErasureListRequest>(
      "ReadErasureList", [this](const std::shared_ptr<rpc::Call>&, const ReadErasureListRequest&,
                                std::function<void()>) { return ReadErasureList(); });
  return table;
}

int64_t StoreService::FreeBytes(const std::string& path) {
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) return -1;
  return static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
}

absl::Status StoreService::CheckRoom() const {
  const int64_t free = options_.free_bytes(options_.target);
  const int64_t needed = SizeOf(options_.target) + SizeOf(options_.target + "-wal") + kRoomForStore;
  if (free < 0 || free >= needed) return absl::OkStatus();
  return RuleBroken("room_for_copy", absl::StrCat("a copy of the store needs ", needed,
                                                  " bytes beside it, and ", free, " are free"));
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> StoreService::ReadErasureList() const {
  ErasureList::Contents list;
  std::set<std::string> ids;
  if (options_.erasure_list != nullptr) {
    auto read = options_.erasure_list->Read();
    if (!read.ok()) {
      telemetry::Log(telemetry::Level::kError, "erasure", "the list of erasures can't be read")
          .Field("error", read.status().ToString());
      return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
                   "the list of erasures can't be read: the log of the service says why");
    }
    list = *std::move(read);
    const auto undone = UndoneErasures(list, database_);
    if (!undone.ok()) return FromStore(undone.status());
    for (const auto& erasure : *undone) ids.insert(erasure.id());
  }
  return std::make_unique<ErasureListSource>(std::move(list.lines), std::move(ids));
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> StoreService::BackUp(
    const rpc::Call& call, std::function<void()> wake) {
  if (!database_.reads_are_local()) {
    return Error(api::v1::Error::UNSUPPORTED_CALL,
                 "the store is on PostgreSQL: back it up by pg_dump or by archives of its log");
  }
  std::shared_ptr<void> turn = std::make_shared<int>();
  {
    const std::lock_guard lock(mutex_);
    if (!turn_.expired()) {
      return WithRetryAfter(
          Error(api::v1::Error::OVERLOADED, "another copy of the store is under way"),
          absl::Seconds(5));
    }
    RETURN_IF_ERROR(CheckRoom());
    turn_ = turn;
  }
  operate::v1::BackUpManifest manifest;
  manifest.set_service(options_.service);
  manifest.set_schema_version(options_.schema_version);
  manifest.set_program_version(std::string(Version()));
  return std::make_unique<StoreCopy>(StoreCopy::Job{.database = database_,
                                                    .path = PathOfCopy(options_.target),
                                                    .subject = call.caller.subject,
                                                    .longest = options_.longest_copy,
                                                    .manifest = std::move(manifest),
                                                    .turn = std::move(turn),
                                                    .sent = options_.sent},
                                     std::move(wake));
}

}  // namespace baliprocess::resource
