// A server for tests that keeps resources of every type in memory: Get, List (all of a parent, no
// filter), Update, BatchCreate and WatchChanges of all linked services, and the content of
// documents, in plaintext on loopback. Other methods answer what they are told to.

#ifndef BALIPROCESS_SERVICES_BALICTL_TESTING_FAKE_SERVER_H_
#define BALIPROCESS_SERVICES_BALICTL_TESTING_FAKE_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/testing/fake_documents.h"

namespace grpc {
class Server;
}

namespace baliprocess::balictl {

// A call as it arrived.
struct SeenCall {
  std::string method;  // `UpdateBody`
  std::string request_id;
  std::string authorization;
};

class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  std::string address() const { return address_; }

  // The messages of one connection of a watch, and how it ends.
  struct WatchScript {
    std::vector<common::v1::WatchChangesResponse> responses;
    absl::Status end;
  };

  // Set these before calling; the fake has one caller at a time.
  // Judges a call before it is served; an error is the reply.
  std::function<absl::Status(const SeenCall&)> before;
  std::vector<WatchScript> watches;
  size_t largest_page = 3;

  // What happened and what there is now.
  std::vector<SeenCall> calls;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> requests;  // latest by method
  std::vector<common::v1::WatchChangesRequest> watch_requests;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> resources;
  FakeDocuments documents{resources};

  // What a method answers that is none of the above: by its name.
  void Reply(const std::string& method, const google::protobuf::Message& message) {
    replies_[method] = message.SerializeAsString();
  }

  // The answer to a unary call, for the transport.
  absl::StatusOr<std::string> Answer(const std::string& path, const std::string& authorization,
                                     const std::string& request);
  WatchScript NextWatch(const std::string& request);

 private:
  class Service;
  absl::StatusOr<std::string> Get(const google::protobuf::Message& request);
  absl::StatusOr<std::string> List(const ResourceKind& kind,
                                   const google::protobuf::Message& request);
  absl::StatusOr<std::string> Update(const ResourceKind& kind,
                                     const google::protobuf::Message& request);

  absl::StatusOr<std::string> BatchCreate(const ResourceKind& kind,
                                          const google::protobuf::Message& request);

  std::map<std::string, std::string> replies_;
  int versions_ = 0;
  std::string address_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_TESTING_FAKE_SERVER_H_
