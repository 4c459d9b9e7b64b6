#include "tests/bench/bench_store.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/store/changes.h"
#include "common/resource/store/table.h"

namespace baliprocess::bench {
namespace {

constexpr int kRowsPerTransaction = 20'000;

double ThreadMicroseconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

}  // namespace

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

BenchStore::BenchStore(int schema_version, absl::StatusOr<resource::Registry> (*resources)(),
                       rpc::MethodTable (*methods)(resource::Engine& engine))
    : schema_version_(schema_version),
      directory_(std::filesystem::temp_directory_path() / "bench-XXXXXX") {
  if (mkdtemp(directory_.data()) == nullptr) Require(absl::InternalError("mkdtemp failed"));
  auto database = storage::Database::Open(directory_ + "/store.db");
  Require(database.status());
  database_ = *std::move(database);
  const auto nobody = [](const rpc::Call&, const google::protobuf::MethodDescriptor&,
                         const google::protobuf::Message&, google::protobuf::Message&) {
    return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "there are no other services");
  };
  auto registry = resources();
  Require(registry.status());
  auto engine = resource::Engine::Create(*std::move(registry), *database_,
                                         {.schema_version = schema_version, .ask_peer = nobody});
  Require(engine.status());
  engine_ = *std::move(engine);
  table_ = std::make_unique<rpc::MethodTable>(methods(*engine_));
}

BenchStore::~BenchStore() {
  engine_.reset();
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void BenchStore::Fill(int from, int to, const MakeRow& row) {
  for (int first = from; first < to; first += kRowsPerTransaction) {
    Require(database_->Write([&](storage::Transaction& tx) -> absl::Status {
      for (int i = first; i < std::min(to, first + kRowsPerTransaction); ++i) {
        const auto message = row(i);
        RETURN_IF_ERROR(resource::Insert(tx, *engine_->registry().Find(message->GetDescriptor()),
                                         {schema_version_}, *message));
      }
      return absl::OkStatus();
    }));
  }
}

double BenchStore::Call(const std::string& method, const google::protobuf::Message& request,
                        google::protobuf::Message& reply, api::v1::Access::Role role) {
  const auto& entry = table_->entries().at(table_->service()->FindMethodByName(method));
  rpc::Call call;
  call.method = entry.method;
  call.caller.subject = "reader";
  call.caller.roles |= 1u << role;
  const double start = ThreadMicroseconds();
  Require(entry.unary(call, request, reply));
  return ThreadMicroseconds() - start;
}

void BenchStore::LogChange(const google::protobuf::Message& resource) {
  Require(database_->Write([&](storage::Transaction& tx) {
    return resource::AppendChange(tx, database_->dialect(), {absl::Now(), "bench", "bench", ""},
                                  *engine_->registry().Find(resource.GetDescriptor()),
                                  common::v1::Change::UPDATED, &resource, &resource);
  }));
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace baliprocess::bench
