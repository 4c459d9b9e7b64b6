// The other services that a service asks, by the flags --peers and its kin.

#ifndef BALIPROCESS_COMMON_RPC_PEERS_H_
#define BALIPROCESS_COMMON_RPC_PEERS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/rpc/client.h"
#include "common/rpc/health_monitor.h"
#include "common/rpc/slots.h"
#include "common/telemetry/file_follower.h"
#include "common/telemetry/operators.h"

namespace baliprocess::rpc {

// The file of --peer_ca; empty: none.
std::string PeerAuthorities();

class Peers final : public telemetry::Inspected {
 public:
  // Connects as the flags say. An error when one of `names`, such as `membership`, has no address,
  // or another one has.
  // `on_reload` is told when files of TLS were read anew, and `ends` says whether the process ends,
  // so that calls wait for no peer any more; both may be null.
  static absl::StatusOr<std::unique_ptr<Peers>> FromFlags(
      const std::vector<std::string>& names, telemetry::FileFollower::OnReload on_reload = nullptr,
      const std::function<bool()>& ends = nullptr);

  // Has files of TLS read anew soon, whether they have changed or not.
  void Reload() { follower_.TakeNow(); }

  // What health depends on: that each of them is serving. They hold no longer than the peers.
  std::vector<HealthProbe> Probes();

  // Calls a method of one of them on behalf of `parent`, as Peer::Call does: one that only reads.
  // OVERLOADED when half of --worker_threads wait for other services already: calls that ask none
  // need the rest.
  absl::Status Call(const rpc::Call& parent, const google::protobuf::MethodDescriptor& method,
                    const google::protobuf::Message& request, google::protobuf::Message& reply);

  void AddMetrics(telemetry::Families& families) const override;

  // Logs what was asked of each, at the end of the process.
  void SayCounts() const;

 private:
  Peers(int most_waiting, telemetry::FileFollower::OnReload on_reload)
      : waiting_(most_waiting), follower_(std::move(on_reload)) {}

  // Reads the files of TLS anew, for each of them.
  absl::Status Renew();

  Slots waiting_;
  std::map<std::string, std::unique_ptr<Peer>> by_name_;
  telemetry::FileFollower follower_;
};

}  // namespace baliprocess::rpc

#endif  // BALIPROCESS_COMMON_RPC_PEERS_H_
