// The content of documents: kept in the store in chunks, so that a backup of it is one thing.
//
// An upload is known by its document and the SHA-256 of the whole. Each message that comes is
// durable before the next is taken, so that an upload that broke off goes on where it was. Content
// becomes a version of the document in one transaction, when it is complete and its hash is right;
// until then nobody sees it. Versions stay: bytes are kept once for each document and SHA-256, so a
// version with the content of an earlier one takes no room.

#ifndef BALIPROCESS_SERVICES_MEETINGS_DOCUMENT_CONTENT_H_
#define BALIPROCESS_SERVICES_MEETINGS_DOCUMENT_CONTENT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/meetings/v1/document.pb.h"
#include "common/resource/engine/engine.h"
#include "common/resource/engine/scope.h"
#include "common/resource/store/resource_type.h"
#include "common/rpc/service.h"

namespace baliprocess::meetings {

// The tables, beside those of resources.
std::vector<resource::SideTable> ContentTables();

absl::Status GetUpload(resource::Scope& scope, const v1::GetUploadRequest& request,
                       v1::Upload& reply);

// The streams.
std::unique_ptr<rpc::StreamSink> StartUpload(resource::Engine& engine, int64_t max_document_bytes,
                                             const std::shared_ptr<rpc::Call>& call);
absl::StatusOr<std::unique_ptr<rpc::StreamSource>> StartDownload(
    resource::Engine& engine, const std::shared_ptr<rpc::Call>& call,
    const v1::DownloadDocumentRequest& request);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_DOCUMENT_CONTENT_H_
