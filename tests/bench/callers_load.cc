// 64 callers, each of which makes one change after the other, and how many they make.
//
//   callers_load KIND ADDRESS[,ADDRESS...] TOKEN SECONDS RUN
//
//   etcd    reads a key of etcd, and puts another value if it is as it was read (a transaction)
//   update  the same in membership: GetExternalForum, then UpdateExternalForum with the etag
//   change  UpdateExternalForum without an etag: the service reads and writes in one transaction
//   create  CreateExternalForum
//   seat    CreateSeat, of members that no other seat is like
//
// Callers are spread over the addresses. They have keys and resources of their own, so that none is
// in another's way. No two runs on one store have the same RUN. TOKEN is unused with etcd.
//
// Prints one line: changes made, the changes that failed, changes a second, the 50th and the 99th
// percentile of a change in milliseconds. A change of `etcd` and `update` is both calls. The first
// second isn't counted.

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "tests/bench/etcd_kv.pb.h"
#include "tests/bench/load_calls.h"

namespace {

namespace load = baliprocess::load;
namespace v1 = baliprocess::membership::v1;

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr int kCallers = 64;
constexpr int kConnections = 8;  // to each address
constexpr int kOwned = 4;        // keys or resources of a caller
constexpr int kBodies = 200;
constexpr int kMembers = 10;
constexpr auto kPatience = seconds(20);
constexpr char kEtcd[] = "/etcdserverpb.KV/";
constexpr char kMembership[] = "/baliprocess.membership.v1.MembershipService/";

// What a run counts.
struct Counts {
  load::Durations took;
  std::atomic<int64_t> failed{0};
};

// Makes one change after the other.
class Caller {
 public:
  Caller(grpc::GenericStub& stub, std::string authorization, int run, int number)
      : stub_(stub), authorization_(std::move(authorization)), run_(run), number_(number) {}
  virtual ~Caller() = default;
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void Run(Clock::time_point counted, Clock::time_point end, Counts& counts) {
    counted_ = counted;
    end_ = end;
    counts_ = &counts;
    Next();
  }
  bool over() const { return over_; }

 protected:
  // Begins the n-th change; Done is called when it is over.
  virtual void Change(int64_t n) = 0;

  void Call(const std::string& method, const google::protobuf::MessageLite& request,
            load::Then then) {
    load::Start(stub_, method, authorization_, load::Bytes(request), kPatience, std::move(then));
  }
  // For the last call of a change.
  void CallLast(const std::string& method, const google::protobuf::MessageLite& request) {
    Call(method, request, [this](const grpc::Status& status, const grpc::ByteBuffer&) {
      Done(status.ok(), status.error_message());
    });
  }
  void Done(bool ok, const std::string& error) {
    if (began_ >= counted_) {
      if (ok) {
        counts_->took.Add((Clock::now() - began_) / std::chrono::microseconds(1));
      } else if (++counts_->failed == 1) {
        std::fprintf(stderr, "callers_load: %s\n", error.c_str());
      }
    }
    Next();
  }

  int run() const { return run_; }
  int number() const { return number_; }
  std::string OwnName(int64_t n) const { return absl::StrCat("c", number_, "-", n % kOwned); }

 private:
  void Next() {
    began_ = Clock::now();
    if (began_ < end_) {
      Change(made_++);
    } else {
      over_ = true;
    }
  }

  grpc::GenericStub& stub_;
  const std::string authorization_;
  const int run_;
  const int number_;
  int64_t made_ = 0;
  Clock::time_point began_, counted_, end_;
  Counts* counts_ = nullptr;
  std::atomic<bool> over_{false};
};

v1::ExternalForum Forum(const std::string& id, int64_t n) {
  v1::ExternalForum forum;
  forum.set_name(absl::StrCat("externalForums/", id));
  forum.set_display_name(absl::StrCat("A forum, version ", n));
  forum.set_purpose("To exchange what its members know of irregular migration in the region");
  return forum;
}

class Etcd final : public Caller {
 public:
  using Caller::Caller;

 private:
  void Change(int64_t n) override {
    etcdserverpb::RangeRequest request;
    request.set_key(OwnName(n));
    Call(absl::StrCat(kEtcd, "Range"), request,
         [this, n](const grpc::Status& status, const grpc::ByteBuffer& bytes) {
           etcdserverpb::RangeResponse reply;
           if (!status.ok() || !load::Parse(bytes, reply)) return Done(false, "Range failed");
           Put(n, reply.kvs().empty() ? 0 : reply.kvs(0).mod_revision());
         });
  }
  void Put(int64_t n, int64_t revision) {
    etcdserverpb::TxnRequest request;
    auto& compare = *request.add_compare();
    compare.set_target(etcdserverpb::Compare::MOD);
    compare.set_key(OwnName(n));
    compare.set_mod_revision(revision);
    auto& put = *request.add_success()->mutable_request_put();
    put.set_key(OwnName(n));
    put.set_value(Forum(OwnName(n), n).SerializeAsString());
    Call(absl::StrCat(kEtcd, "Txn"), request,
         [this](const grpc::Status& status, const grpc::ByteBuffer& bytes) {
           etcdserverpb::TxnResponse reply;
           Done(status.ok() && load::Parse(bytes, reply) && reply.succeeded(),
                absl::StrCat("Txn failed: ", status.error_message()));
         });
  }
};

class Update final : public Caller {
 public:
  using Caller::Caller;

 private:
  void Change(int64_t n) override {
    v1::GetExternalForumRequest request;
    request.set_name(Forum(OwnName(n), n).name());
    Call(absl::StrCat(kMembership, "GetExternalForum"), request,
         [this, n](const grpc::Status& status, const grpc::ByteBuffer& bytes) {
           v1::ExternalForum forum;
           if (!status.ok() || !load::Parse(bytes, forum)) return Done(false, "Get failed");
           v1::UpdateExternalForumRequest update;
           *update.mutable_external_forum() = Forum(OwnName(n), n);
           update.mutable_external_forum()->set_etag(forum.etag());
           CallLast(absl::StrCat(kMembership, "UpdateExternalForum"), update);
         });
  }
};

class ChangeAtOnce final : public Caller {
 public:
  using Caller::Caller;

 private:
  void Change(int64_t n) override {
    v1::UpdateExternalForumRequest request;
    *request.mutable_external_forum() = Forum(OwnName(n), n);
    CallLast(absl::StrCat(kMembership, "UpdateExternalForum"), request);
  }
};

class Create final : public Caller {
 public:
  using Caller::Caller;

 private:
  void Change(int64_t n) override {
    v1::CreateExternalForumRequest request;
    const std::string id = absl::StrCat("r", run(), "-c", number(), "-", n);
    request.set_external_forum_id(id);
    *request.mutable_external_forum() = Forum(id, n);
    CallLast(absl::StrCat(kMembership, "CreateExternalForum"), request);
  }
};

class CreateSeat final : public Caller {
 public:
  using Caller::Caller;

 private:
  // A caller's seats take turns through the bodies, the members and the years of its own.
  void Change(int64_t n) override {
    v1::CreateSeatRequest request;
    request.set_parent(absl::StrCat("bodies/b", n % kBodies));
    auto& seat = *request.mutable_seat();
    seat.set_member(absl::StrCat("members/m", n / kBodies % kMembers));
    seat.set_role(v1::Seat::PARTICIPANT);
    const auto year =
        static_cast<int>(1 + ((n / kBodies / kMembers + 2 * run()) * kCallers + number()) % 9999);
    seat.mutable_term()->mutable_start_date()->set_year(year);
    seat.mutable_term()->mutable_end_date()->set_year(year);
    seat.set_basis("Decision of the senior officials");
    CallLast(absl::StrCat(kMembership, "CreateSeat"), request);
  }
};

std::unique_ptr<Caller> Make(const std::string& kind, grpc::GenericStub& stub,
                             const std::string& token, int run, int number) {
  if (kind == "etcd") return std::make_unique<Etcd>(stub, "", run, number);
  const std::string authorization = "Bearer " + token;
  if (kind == "update") return std::make_unique<Update>(stub, authorization, run, number);
  if (kind == "change") return std::make_unique<ChangeAtOnce>(stub, authorization, run, number);
  if (kind == "create") return std::make_unique<Create>(stub, authorization, run, number);
  if (kind == "seat") return std::make_unique<CreateSeat>(stub, authorization, run, number);
  return nullptr;
}

// The forums that callers own, so that they are there to be read.
bool PrepareForums(grpc::GenericStub& stub, const std::string& token) {
  for (int i = 0; i < kCallers * kOwned; ++i) {
    v1::UpdateExternalForumRequest request;
    request.set_allow_missing(true);
    *request.mutable_external_forum() = Forum(absl::StrCat("c", i / kOwned, "-", i % kOwned), 0);
    if (!load::Do(stub, absl::StrCat(kMembership, "UpdateExternalForum"), "Bearer " + token,
                  request)) {
      return false;
    }
  }
  return true;
}

bool Prepare(const std::string& kind, grpc::GenericStub& stub, const std::string& token) {
  if (kind == "update" || kind == "change") return PrepareForums(stub, token);
  return kind != "seat" ||
         load::PrepareForSeats(stub, kMembership, "Bearer " + token, kBodies, kMembers);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: callers_load etcd|update|change|create|seat ADDRESS[,ADDRESS...] TOKEN "
                 "SECONDS RUN\n");
    return 2;
  }
  const std::string kind = argv[1];
  const std::vector<std::string> addresses = absl::StrSplit(argv[2], ',');
  std::vector<load::Stubs> stubs;
  for (const std::string& address : addresses) {
    stubs.push_back(load::Connect(address, kConnections));
  }
  if (!Prepare(kind, *stubs[0][0], argv[3])) return 1;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < kCallers; ++i) {
    const auto& of_address = stubs[static_cast<size_t>(i) % stubs.size()];
    auto& stub = *of_address[static_cast<size_t>(i) / stubs.size() % of_address.size()];
    callers.push_back(Make(kind, stub, argv[3], std::atoi(argv[5]), i));
    if (callers.back() == nullptr) return 2;
  }
  Counts counts;
  const auto counted = Clock::now() + seconds(1);
  const auto end = counted + seconds(std::atoi(argv[4]));
  for (const auto& caller : callers) caller->Run(counted, end, counts);
  for (const auto& caller : callers) {
    while (!caller->over()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::printf("%zu %lld %.1f %.2f %.2f\n", counts.took.size(),
              static_cast<long long>(counts.failed), counts.took.size() / std::atof(argv[4]),
              counts.took.Percentile(50), counts.took.Percentile(99));
}
