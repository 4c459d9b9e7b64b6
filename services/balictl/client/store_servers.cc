#include "services/balictl/client/store_servers.h"

#include "absl/strings/str_cat.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/errors.h"

namespace baliprocess::balictl {

std::vector<Flag> WithServers(std::vector<Flag> flags) {
  for (Flag& flag : ConnectionFlags()) {
    if (flag.name == "server") {
      flag.help = "A service itself, not the gateway. May be given for several.";
      flag.repeated = true;
    }
    flags.push_back(std::move(flag));
  }
  return flags;
}

absl::StatusOr<std::unique_ptr<Connection>> OpenAt(const Arguments& arguments,
                                                   const std::string& server) {
  Arguments one = arguments;
  one.flags["server"] = {server};
  return Connection::Open(one);
}

const google::protobuf::MethodDescriptor& StoreMethod(const std::string& name) {
  return *operate::v1::BackUpManifest::descriptor()
              ->file()
              ->FindServiceByName("StoreService")
              ->FindMethodByName(name);
}

absl::Status At(const std::string& server, absl::Status status) {
  if (status.ok() || IsUsageError(status)) return status;
  absl::Status placed(status.code(), absl::StrCat(server, ": ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view type, const absl::Cord& payload) { placed.SetPayload(type, payload); });
  return placed;
}

}  // namespace baliprocess::balictl
