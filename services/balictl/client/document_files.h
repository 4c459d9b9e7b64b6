// The content of documents in a data directory, as files beside the records:
// DIR/meetings/documents/<meeting>/<document>.<extension>. The record of the document says in its
// `content` what the file is: its media type, and its SHA-256 unless a person left that out.
// Content that an earlier version has alone is in <document>.v<number>.<extension>, as `versions`
// says.

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

// Writes the content of a document, and of its earlier versions, to their files, unless these have
// it.
absl::Status SaveContent(Connection& connection, const std::string& directory,
                         const ResourceKind& kind, google::protobuf::Message& document);

// A usage error unless the files of the document are there and are what the record says.
absl::Status CheckContent(const std::string& directory, const ResourceKind& kind,
                          const google::protobuf::Message& document);

// Brings up the files of the document in a data directory, as far as the server doesn't keep their
// content. `kept` is the document as the server had it before, empty when there was none: of one
// that was there, earlier versions that it doesn't know of aren't brought. Whether anything
// differs. On trial nothing is sent.
absl::StatusOr<bool> LoadContent(Connection& connection, const std::string& directory,
                                 const ResourceKind& kind,
                                 const google::protobuf::Message& document,
                                 const google::protobuf::Message& kept, bool dry_run);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENT_FILES_H_
