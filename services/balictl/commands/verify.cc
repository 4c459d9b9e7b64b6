// balictl verify: records compared with the change log, and stores with each other.

#include <map>
#include <ostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/erasures.h"
#include "services/balictl/client/store_servers.h"
#include "services/balictl/commands/commands.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using operate::v1::VerifyRequest;
using operate::v1::VerifyResponse;

using Types = std::map<std::string, VerifyResponse>;

absl::StatusOr<Types> Verify(const Arguments& arguments, const std::string& server) {
  ASSIGN_OR_RETURN(const auto connection, OpenAt(arguments, server));
  Types types;
  const absl::Status status = connection->Persistently([&] {
    types.clear();
    return connection->Stream(StoreMethod("Verify"), VerifyRequest(), [&](const Message& message) {
      const auto& type = static_cast<const VerifyResponse&>(message);
      types[type.type()] = type;
      return absl::OkStatus();
    });
  });
  if (!status.ok()) return At(server, status);
  return types;
}

// How many erasures the store hasn't done.
absl::StatusOr<size_t> CheckErasures(const Arguments& arguments, const std::string& server,
                                     Io& io) {
  ASSIGN_OR_RETURN(const auto connection, OpenAt(arguments, server));
  const auto erasures = ReadErasuresIfKnown(*connection, server, io.err);
  if (!erasures.ok()) return At(server, erasures.status());
  if (!erasures->lines.empty()) {
    io.out << "erasures: " << erasures->lines.size() << " in the list, " << erasures->undone
           << " not done\n";
  }
  return erasures->undone;
}

bool IsOfOneMoment(const VerifyResponse& type) {
  return type.begin().SerializeAsString() == type.end().SerializeAsString();
}

void Show(const VerifyResponse& type, Io& io) {
  io.out << type.type() << ": " << type.records() << " records, " << type.different() << " differ, "
         << type.unjudged() << " unjudged, " << type.sha256();
  if (!IsOfOneMoment(type)) io.out << " (changed meanwhile)";
  io.out << "\n";
  for (const auto& one : type.differences()) {
    io.out << "  " << one.resource() << ": " << VerifyResponse::Kind_Name(one.kind());
    if (one.columns_size() > 0) io.out << " " << absl::StrJoin(one.columns(), ", ");
    io.out << "\n";
  }
  if (type.differences_size() < type.different()) io.out << "  and more\n";
}

// Says which types have other records in the other store; how many.
int Compare(const Types& types, const Types& others, const std::string& other, Io& io) {
  int different = 0;
  for (const auto& [name, type] : types) {
    const auto found = others.find(name);
    if (found != others.end() && found->second.sha256() == type.sha256()) continue;
    ++different;
    io.out << name << ": the records of " << other << " are others";
    if (found != others.end() && !(IsOfOneMoment(type) && IsOfOneMoment(found->second))) {
      io.out << ", or were changed meanwhile: compare once more";
    }
    io.out << "\n";
  }
  return different;
}

absl::Status RunVerify(const Arguments& arguments, Io& io) {
  const std::string against = arguments.Text("against");
  const std::vector<std::string>& servers = arguments.All("server");
  if (!against.empty() && servers.size() > 1) {
    return UsageError("--against compares two stores: give one --server");
  }
  int64_t records = 0;
  size_t unerased = 0;
  int types_apart = 0;
  for (const std::string& server : servers) {
    ASSIGN_OR_RETURN(const Types types, Verify(arguments, server));
    for (const auto& [name, type] : types) {
      Show(type, io);
      records += type.different();
    }
    ASSIGN_OR_RETURN(const size_t undone, CheckErasures(arguments, server, io));
    unerased += undone;
    if (against.empty()) continue;
    ASSIGN_OR_RETURN(const Types others, Verify(arguments, against));
    types_apart = Compare(types, others, against, io);
  }
  if (records > 0) {
    return absl::DataLossError(
        absl::StrCat(records, " records aren't what the change log made of them"));
  }
  if (unerased > 0) {
    return absl::DataLossError(absl::StrCat(
        unerased,
        " erasures of the list aren't done in the store: the log of the service says why"));
  }
  if (types_apart > 0) return absl::DataLossError("the stores have different records");
  return absl::OkStatus();
}

}  // namespace

Command VerifyCommand() {
  return {
      .name = "verify",
      .arguments = "",
      .min_arguments = 0,
      .max_arguments = 0,
      .summary = "Compare the records of a store with its change log",
      .description =
          "Compares each record with what its newest change made of it, and the columns by\n"
          "which records are found with the record itself. Says for each type how many there\n"
          "are, which differ, and a SHA-256 over names and contents, which is equal for equal\n"
          "records in whichever store. Records whose changes aren't kept any more are\n"
          "unjudged. What the list of erasures (--erasure_list) has and the store doesn't is\n"
          "counted, too. Exit code 1 when something differs. Services are called directly, as for\n"
          "balictl backup.\n"
          "\n"
          "Example:\n"
          "  balictl verify --server 10.0.0.5:7401",
      .flags = WithServers(
          {{"against", "HOST:PORT", "",
            "Compare the records with those of another store of the same service, too."}}),
      .run = RunVerify};
}

}  // namespace baliprocess::balictl
