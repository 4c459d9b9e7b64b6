// How records that are imported compare with what is there, and the requests that bring them.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_REQUESTS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_REQUESTS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "services/balictl/client/data_directory.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {

// Whether bringing `given` to the server changes nothing of what is `stored` there.
bool SameContent(const google::protobuf::Message& stored, const google::protobuf::Message& given);

// The fields that the record gives, and that are stored otherwise. What is never kept, such as an
// identity, is always among them: only the server knows whether it is another one.
std::vector<std::string> ChangedFields(const Record& record,
                                       const google::protobuf::Message& stored);

// Whether the fields that differ are of the kind that is never kept, all of them: then it is likely
// that an update changes nothing.
bool AsksAlone(const Record& record, const google::protobuf::Message& stored);

// Creates the record, or makes what is there equal to it: of a record that gives some fields, the
// fields `changed`; else all, or with `merge` those that are set. Takes effect on the version
// `before` alone, or on the one that a record which gives some fields was made of (its etag);
// without `before` only if nothing is there.
std::unique_ptr<google::protobuf::Message> UpdateRequest(const Record& record,
                                                         const google::protobuf::Message* before,
                                                         const std::vector<std::string>& changed,
                                                         bool merge, bool dry_run);

// Whether the same error awaits all further records.
bool IsHopeless(const absl::Status& status);

// The method that creates many records of a type at once; nullptr: there is none.
const google::protobuf::MethodDescriptor* BatchCreateOf(const ResourceKind& kind);

// Adds the creation of a record to the request of such a method.
void AddTo(google::protobuf::Message& batch, const Record& record);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORT_REQUESTS_H_
