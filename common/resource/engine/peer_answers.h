// What rules need to know of other services, which a transaction must not wait for.
//
// 1. A rule asks its scope (scope.h) for a resource or a reply of another service.
// 2. If the answer isn't known yet, the question is noted here, and the rule returns IsUnanswered.
// 3. The engine rolls the transaction back.
// 4. The engine asks the other services everything that was noted.
// 5. The engine runs the work again, with the answers at hand.
//
// So a rule is written as if everything were in one store, and asks only for what it comes to need.

#ifndef BALIPROCESS_COMMON_RESOURCE_ENGINE_PEER_ANSWERS_H_
#define BALIPROCESS_COMMON_RESOURCE_ENGINE_PEER_ANSWERS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/rpc/service.h"

namespace baliprocess::resource {

// Calls a method of another service on behalf of `parent`. May wait.
using AskPeer = std::function<absl::Status(
    const rpc::Call& parent, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request, google::protobuf::Message& reply)>;

// The answers that one call has got so far. Used by one thread.
class PeerAnswers {
 public:
  // The resource of another service, which lives as long as the answers; nullptr when there is none
  // that is live and that the caller may see. IsUnanswered when it must be asked for first.
  absl::StatusOr<const google::protobuf::Message*> Find(const google::protobuf::Descriptor& type,
                                                        std::string_view name);

  // The same for what the work can do without: nullptr, too, when its service can't be reached, or
  // doesn't answer within a second.
  absl::StatusOr<const google::protobuf::Message*> FindIfReachable(
      const google::protobuf::Descriptor& type, std::string_view name);

  // The reply of a method of another service. IsUnanswered when it must be asked for first.
  absl::StatusOr<const google::protobuf::Message*> Ask(
      const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request);

  // Stands for all answers so far: equal for equal answers, within a process.
  std::string Fingerprint() const;

  // Asks for everything noted since the last time, so that each round brings answers. An error when
  // a service can't be reached or refuses to answer; TOO_LARGE after ten thousand questions.
  absl::Status Fetch(const AskPeer& ask, const rpc::Call& call);

 private:
  using Resources = std::map<std::string, std::unique_ptr<google::protobuf::Message>>;
  using Wanted = std::map<const google::protobuf::Descriptor*, std::set<std::string>>;
  struct Question {
    const google::protobuf::MethodDescriptor* method = nullptr;
    std::unique_ptr<google::protobuf::Message> request;
  };

  absl::StatusOr<const google::protobuf::Message*> FindOrWant(
      const google::protobuf::Descriptor& type, std::string_view name, Wanted& wanted);
  absl::Status FetchResources(const google::protobuf::Descriptor& type,
                              const std::set<std::string>& names, const AskPeer& ask,
                              const rpc::Call& call);

  std::map<const google::protobuf::Descriptor*, Resources> resources_;  // nullptr: there is none
  Wanted wanted_resources_;
  Wanted wished_resources_;  // which the work can do without
  // By method and request, in bytes.
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> replies_;
  std::map<std::string, Question> wanted_replies_;
  size_t questions_ = 0;  // asked so far
};

// Whether a status says that something must be asked for before the work can be done.
bool IsUnanswered(const absl::Status& status);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_ENGINE_PEER_ANSWERS_H_
