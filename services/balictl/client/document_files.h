// The content of documents in a data directory, as files beside the records:
// DIR/meetings/documents/<meeting>/<document>.<extension>. The record of the document says in its
// `content` what the file is: its media type, and its SHA-256 unless a person left that out.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENT_FILES_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENT_FILES_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {

// Whether the resource is a document with content.
bool HasContent(const google::protobuf::Message& resource);

// Clears what isn't the client's to say, as KeepContent, but for what an import has to know of the
// document's content.
void KeepRecordAndContent(google::protobuf::Message& resource);

// Writes the content of a document to its file, unless the file has it.
absl::Status SaveContent(Connection& connection, const std::string& directory,
                         const ResourceKind& kind, google::protobuf::Message& document);

// A usage error unless the file of the document is there and is what the record says.
absl::Status CheckContent(const std::string& directory, const ResourceKind& kind,
                          const google::protobuf::Message& document);

// Brings up the file of the document in a data directory, unless `kept`, the document as the server
// has it, has the same content. Whether it differs. On trial nothing is sent.
absl::StatusOr<bool> LoadContent(Connection& connection, const std::string& directory,
                                 const ResourceKind& kind,
                                 const google::protobuf::Message& document,
                                 const google::protobuf::Message& kept, bool dry_run);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENT_FILES_H_
