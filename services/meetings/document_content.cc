#include "services/meetings/document_content.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/pieces.h"
#include "services/meetings/content_store.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using google::protobuf::util::TimeUtil;
using resource::Engine;
using resource::Scope;
using v1::Document;
using v1::DownloadDocumentRequest;
using v1::DownloadDocumentResponse;
using v1::UploadDocumentRequest;

constexpr size_t kMostData = 1 << 20;  // bytes a message of an upload
// Bytes a message of a download: small, as pieces of any reply are.
constexpr size_t kMessageData = resource::kPieceBytes;
constexpr absl::Duration kUploadRetention = absl::Hours(24);

bool IsSha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

absl::Status CheckSha256(const std::string& field, const std::string& sha256) {
  if (IsSha256(sha256)) return absl::OkStatus();
  return InvalidField(field, "must be 64 lower-case hexadecimal digits");
}

// An upload in progress: a transaction for each message.
class UploadSink final : public rpc::StreamSink {
 public:
  UploadSink(Engine& engine, std::shared_ptr<rpc::Call> call)
      : engine_(engine), call_(std::move(call)) {}

  absl::Status Take(const google::protobuf::Message& message) override {
    const auto& request = static_cast<const UploadDocumentRequest&>(message);
    if (request.has_header() == begun_) {
      return InvalidField("header", begun_ ? "must come once" : "must come first");
    }
    const bool too_much =
        begun_ && received_ + static_cast<int64_t>(request.data().size()) > header_.size_bytes();
    Document ignored;
    const auto work = [&](Scope& scope) {
      if (!begun_) return Begin(scope, request.header());
      return too_much ? Discard(scope) : Append(scope, request.data());
    };
    RETURN_IF_ERROR(engine_.Mutate(*call_, request, ignored, work));
    if (too_much) return InvalidField("data", "must not be more than size_bytes");
    if (!begun_) {
      begun_ = true;
      header_ = request.header();
      received_ = header_.offset();
    } else {
      received_ += static_cast<int64_t>(request.data().size());
    }
    return absl::OkStatus();
  }

  absl::Status Complete(google::protobuf::Message& reply) override {
    if (!begun_) return InvalidField("header", "must come first");
    if (received_ < header_.size_bytes()) {
      return WrongState(header_.name(), "INCOMPLETE",
                        absl::StrCat("the upload has ", received_, " of ", header_.size_bytes(),
                                     " bytes, go on from there"));
    }
    ASSIGN_OR_RETURN(const std::string sha256, Hash());
    UploadDocumentRequest request;
    *request.mutable_header() = header_;
    const auto work = [&](Scope& scope) {
      return Finish(scope, sha256, static_cast<Document&>(reply));
    };
    RETURN_IF_ERROR(engine_.Mutate(*call_, request, reply, work));
    return sha256 == header_.sha256() ? absl::OkStatus()
                                      : InvalidField("header.sha256", "isn't that of the content");
  }

 private:
  absl::Status Begin(Scope& scope, const UploadDocumentRequest::Header& header) {
    RETURN_IF_ERROR(CheckSha256("header.sha256", header.sha256()));
    ASSIGN_OR_RETURN(const Document document, scope.Get<Document>(header.name()));
    if (document.content().sha256() == header.sha256()) {
      return WrongState(document.name(), "COMPLETE", "this content of it is kept");
    }
    key_ = {document.uid(), header.sha256()};
    if (header.offset() == 0) {
      return BeginUpload(scope.tx(), key_, header.size_bytes(), scope.now(),
                         scope.now() - kUploadRetention);
    }
    ASSIGN_OR_RETURN(const auto upload, FindUpload(scope.tx(), key_));
    const int64_t received = upload ? upload->received_bytes : 0;
    if (header.offset() != received) {
      return InvalidField("header.offset",
                          absl::StrCat("must be ", received, ", where the upload goes on"));
    }
    if (upload && header.size_bytes() != upload->size_bytes) {
      return InvalidField("header.size_bytes", "must be as it was when the upload began");
    }
    return absl::OkStatus();
  }

  absl::Status Append(Scope& scope, const std::string& data) {
    if (data.empty() || data.size() > kMostData) {
      return InvalidField("data", "must be 1 byte to 1 MiB");
    }
    RETURN_IF_ERROR(CheckOurs(scope));
    return AppendChunk(scope.tx(), key_, received_, data, scope.now());
  }

  // Content with another size than announced isn't kept.
  absl::Status Discard(Scope& scope) {
    RETURN_IF_ERROR(CheckOurs(scope));
    return DropUpload(scope.tx(), key_);
  }

  // The document may have been deleted since, or the upload begun anew by another.
  absl::Status CheckOurs(Scope& scope) {
    RETURN_IF_ERROR(scope.Get<Document>(header_.name()).status());
    ASSIGN_OR_RETURN(const auto upload, FindUpload(scope.tx(), key_));
    if (upload && upload->received_bytes == received_) return absl::OkStatus();
    return Error(api::v1::Error::CONFLICT, "the same content is being uploaded by another call");
  }

  // What was received is hashed outside of the writing transaction: chunks don't change.
  absl::StatusOr<std::string> Hash() {
    Sha256Hasher hasher;
    int64_t position = 0;
    while (position < header_.size_bytes()) {
      std::string chunk;
      RETURN_IF_ERROR(engine_.database().Read([&](storage::Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(chunk, ReadChunk(tx, key_, position, kMostData));
        return absl::OkStatus();
      }));
      if (chunk.empty()) break;
      hasher.Add(chunk);
      position += static_cast<int64_t>(chunk.size());
    }
    return absl::BytesToHexString(hasher.Finish());
  }

  // Content whose hash is wrong is gone when this commits.
  absl::Status Finish(Scope& scope, const std::string& sha256, Document& document) {
    if (sha256 != header_.sha256()) return DropUpload(scope.tx(), key_);
    RETURN_IF_ERROR(CheckOurs(scope));
    ASSIGN_OR_RETURN(document, scope.Get<Document>(header_.name()));
    RETURN_IF_ERROR(KeepContent(scope.tx(), key_));
    Document::Content& content = *document.mutable_content();
    content.set_size_bytes(header_.size_bytes());
    content.set_sha256(sha256);
    content.set_media_type(header_.media_type());
    *content.mutable_upload_time() =
        TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(scope.now()));
    return scope.Update(document);
  }

  Engine& engine_;
  const std::shared_ptr<rpc::Call> call_;
  bool begun_ = false;
  UploadDocumentRequest::Header header_;
  ContentKey key_;
  int64_t received_ = 0;
};

class DownloadSource final : public rpc::StreamSource {
 public:
  DownloadSource(Engine& engine, std::shared_ptr<rpc::Call> call, DownloadDocumentRequest request)
      : engine_(engine), call_(std::move(call)), request_(std::move(request)) {}

  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
    auto& response = static_cast<DownloadDocumentResponse&>(reply);
    bool more = true;
    const auto work = [&](Scope& scope) -> absl::Status {
      // Each time: it may have been deleted, replaced or hidden since.
      ASSIGN_OR_RETURN(const Document document, scope.Get<Document>(request_.name()));
      RETURN_IF_ERROR(CheckContent(document));
      if (!announced_) {
        *response.mutable_content() = document.content();
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(*response.mutable_data(),
                       ReadChunk(scope.tx(), {document.uid(), sha256_}, position_, kMessageData));
      more = !response.data().empty();
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(engine_.Read(*call_, request_, reply, work));
    if (!announced_) {
      announced_ = true;
      sha256_ = response.content().sha256();
      position_ = request_.offset();
    } else {
      position_ += static_cast<int64_t>(response.data().size());
    }
    return more ? Next::kMessage : Next::kEnd;
  }

 private:
  absl::Status CheckContent(const Document& document) const {
    if (!document.has_content()) {
      return WrongState(document.name(), "EMPTY", "no content of it is kept");
    }
    if (request_.offset() > document.content().size_bytes()) {
      return InvalidField("offset", "must not be beyond the end of the content");
    }
    if (announced_ && document.content().sha256() != sha256_) {
      return Error(api::v1::Error::CONFLICT, "the content was replaced: begin anew");
    }
    return absl::OkStatus();
  }

  Engine& engine_;
  const std::shared_ptr<rpc::Call> call_;
  const DownloadDocumentRequest request_;
  bool announced_ = false;
  std::string sha256_;
  int64_t position_ = 0;
};

}  // namespace

std::vector<resource::SideTable> ContentTables() {
  return {{"document_uploads",
           {"document TEXT NOT NULL", "sha256 TEXT NOT NULL", "size_bytes BIGINT NOT NULL",
            "received_bytes BIGINT NOT NULL", "update_time BIGINT NOT NULL"},
           "PRIMARY KEY (document, sha256)",
           {{"time", "update_time"}}},
          {"document_chunks",
           {"document TEXT NOT NULL", "sha256 TEXT NOT NULL", "position BIGINT NOT NULL",
            "size BIGINT NOT NULL", "data BYTEA NOT NULL"},
           "PRIMARY KEY (document, sha256, position)",
           {}}};
}

absl::Status GetUpload(Scope& scope, const v1::GetUploadRequest& request, v1::Upload& reply) {
  RETURN_IF_ERROR(CheckSha256("sha256", request.sha256()));
  ASSIGN_OR_RETURN(const Document document, scope.Get<Document>(request.name()));
  reply.set_document(document.name());
  if (document.content().sha256() == request.sha256()) {
    reply.set_received_bytes(document.content().size_bytes());
    reply.set_complete(true);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto upload, FindUpload(scope.tx(), {document.uid(), request.sha256()}));
  if (upload) reply.set_received_bytes(upload->received_bytes);
  return absl::OkStatus();
}

std::unique_ptr<rpc::StreamSink> StartUpload(Engine& engine,
                                             const std::shared_ptr<rpc::Call>& call) {
  return std::make_unique<UploadSink>(engine, call);
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> StartDownload(
    Engine& engine, const std::shared_ptr<rpc::Call>& call,
    const DownloadDocumentRequest& request) {
  return std::make_unique<DownloadSource>(engine, call, request);
}

}  // namespace baliprocess::meetings
