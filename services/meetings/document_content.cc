#include "services/meetings/document_content.h"

#include <google/protobuf/util/time_util.h>

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/api/httpbody.pb.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/pieces.h"
#include "common/resource/store/store_status.h"
#include "services/meetings/content_store.h"
#include "services/meetings/document_versions.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using google::protobuf::util::TimeUtil;
using resource::Engine;
using resource::Scope;
using v1::Document;
using v1::DownloadDocumentRequest;
using v1::UploadDocumentRequest;

constexpr int64_t kMostBytes = int64_t{64} << 20;  // of a content
constexpr size_t kMostData = 1 << 20;              // bytes a message of an upload
constexpr size_t kMostMediaType = 200;             // characters
// Bytes a message of a download: small, as pieces of any reply are.
constexpr size_t kMessageData = resource::kPieceBytes;
constexpr absl::Duration kUploadRetention = absl::Hours(24);

absl::Status CheckSha256(const std::string& sha256) {
  return IsSha256(sha256) ? absl::OkStatus() : InvalidField("sha256", kSha256Rule);
}

// The first message of an upload, as to what only the first says.
absl::Status CheckFirst(const UploadDocumentRequest& request) {
  Violations violations;
  if (request.name().empty()) violations.Add("name", "is required in the first message");
  if (request.size_bytes() < 1 || request.size_bytes() > kMostBytes) {
    violations.Add("size_bytes", absl::StrCat("must be 1 to ", kMostBytes));
  }
  if (!IsSha256(request.sha256())) violations.Add("sha256", kSha256Rule);
  const std::string& media_type = request.content().content_type();
  if (media_type.empty() || media_type.size() > kMostMediaType) {
    violations.Add("content.content_type",
                   absl::StrCat("must be a media type of 1 to ", kMostMediaType, " characters"));
  }
  return violations.ToStatus();
}

// A message of an upload that isn't the first.
absl::Status CheckNext(const UploadDocumentRequest& request) {
  Violations violations;
  constexpr char kRule[] = "must come in the first message alone";
  if (!request.name().empty()) violations.Add("name", kRule);
  if (request.size_bytes() != 0) violations.Add("size_bytes", kRule);
  if (!request.sha256().empty()) violations.Add("sha256", kRule);
  if (request.offset() != 0) violations.Add("offset", kRule);
  if (request.content().data().empty()) violations.Add("content.data", "must have 1 byte to 1 MiB");
  return violations.ToStatus();
}

absl::Status CheckContent(const google::api::HttpBody& content) {
  if (content.data().size() > kMostData) {
    return InvalidField("content.data", "must have at most 1 MiB");
  }
  if (content.extensions_size() == 0) return absl::OkStatus();
  return InvalidField("content.extensions", "must be empty");
}

// The document as it is now, with all its versions.
absl::StatusOr<Document> GetDocument(Scope& scope, const std::string& name) {
  ASSIGN_OR_RETURN(Document document, scope.Get<Document>(name));
  RenewDocument(document);
  return document;
}

// An upload in progress: a transaction for each message.
class UploadSink final : public rpc::StreamSink {
 public:
  UploadSink(Engine& engine, int64_t max_document_bytes, std::shared_ptr<rpc::Call> call)
      : engine_(engine), max_document_bytes_(max_document_bytes), call_(std::move(call)) {}

  absl::Status Take(const google::protobuf::Message& message) override {
    const auto& request = static_cast<const UploadDocumentRequest&>(message);
    RETURN_IF_ERROR(begun_ ? CheckNext(request) : CheckFirst(request));
    RETURN_IF_ERROR(CheckContent(request.content()));
    const std::string& data = request.content().data();
    if (!begun_) {
      first_ = request;
      first_.mutable_content()->clear_data();
      received_ = request.offset();
    }
    const bool too_much = received_ + static_cast<int64_t>(data.size()) > first_.size_bytes();
    Document ignored;
    const auto work = [&](Scope& scope) -> absl::Status {
      if (!begun_) RETURN_IF_ERROR(Begin(scope));
      if (too_much) return Discard(scope);
      return data.empty() ? absl::OkStatus() : Append(scope, data);
    };
    RETURN_IF_ERROR(engine_.Mutate(*call_, request, ignored, work));
    begun_ = true;
    if (too_much) return InvalidField("content.data", "must not be more than size_bytes");
    received_ += static_cast<int64_t>(data.size());
    if (kept_) hasher_.Add(data);
    return absl::OkStatus();
  }

  absl::Status Complete(google::protobuf::Message& reply) override {
    if (!begun_) return InvalidField("name", "is required in the first message");
    if (received_ < first_.size_bytes()) {
      return WrongState(first_.name(), "INCOMPLETE",
                        absl::StrCat("the upload has ", received_, " of ", first_.size_bytes(),
                                     " bytes, go on from there"));
    }
    ASSIGN_OR_RETURN(const std::string sha256, Hash());
    const auto work = [&](Scope& scope) {
      return Finish(scope, sha256, static_cast<Document&>(reply));
    };
    RETURN_IF_ERROR(engine_.Mutate(*call_, first_, reply, work));
    return sha256 == first_.sha256() ? absl::OkStatus()
                                     : InvalidField("sha256", "isn't that of the content");
  }

 private:
  absl::Status Begin(Scope& scope) {
    ASSIGN_OR_RETURN(const Document document, GetDocument(scope, first_.name()));
    key_ = {document.uid(), first_.sha256()};
    ASSIGN_OR_RETURN(kept_, IsKept(scope.tx(), key_));
    if (kept_ && document.content().sha256() == first_.sha256()) {
      return WrongState(document.name(), "COMPLETE", "this content of it is the current version");
    }
    RETURN_IF_ERROR(CheckRoom(document));
    if (kept_) return CheckOffsetOfKept();
    if (first_.offset() == 0) {
      return BeginUpload(scope.tx(), key_, first_.size_bytes(), scope.now(),
                         scope.now() - kUploadRetention);
    }
    ASSIGN_OR_RETURN(const auto upload, FindUpload(scope.tx(), key_));
    const int64_t received = upload ? upload->received_bytes : 0;
    if (first_.offset() != received) {
      return InvalidField("offset",
                          absl::StrCat("must be ", received, ", where the upload goes on"));
    }
    if (upload && first_.size_bytes() != upload->size_bytes) {
      return InvalidField("size_bytes", "must be as it was when the upload began");
    }
    return absl::OkStatus();
  }

  // Whether the content may become a version, or is one whose bytes are still to come.
  absl::Status CheckRoom(const Document& document) const {
    const Document::Content* same = VersionWith(document, first_.sha256());
    if (same != nullptr && same->size_bytes() != first_.size_bytes()) {
      return InvalidField("size_bytes", absl::StrCat("must be ", same->size_bytes(),
                                                     ", as the document's record says"));
    }
    if (IsNewVersion(document) && document.versions_size() >= kMostVersions) {
      return RuleBroken("too_many_versions",
                        absl::StrCat(document.name(), " has ", kMostVersions,
                                     " versions, the most that are kept: make another document"),
                        document.name());
    }
    const int64_t bytes = BytesOf(document) + (same == nullptr ? first_.size_bytes() : 0);
    if (bytes <= max_document_bytes_) return absl::OkStatus();
    return RuleBroken("too_many_bytes",
                      absl::StrCat("the versions of ", document.name(), " would have ", bytes,
                                   " bytes together, and at most ", max_document_bytes_,
                                   " are kept: make another document"),
                      document.name());
  }

  // Not if it is a version that was recorded without its bytes, or that another call has just made
  // current again.
  bool IsNewVersion(const Document& document) const {
    return VersionWith(document, first_.sha256()) == nullptr ||
           (kept_ && document.content().sha256() != first_.sha256());
  }

  // What is kept isn't sent in part: there is nothing to go on from.
  absl::Status CheckOffsetOfKept() const {
    if (first_.offset() == 0 || first_.offset() == first_.size_bytes()) return absl::OkStatus();
    return InvalidField("offset", absl::StrCat("must be ", first_.size_bytes(),
                                               ", since this content of it is kept, or 0"));
  }

  absl::Status Append(Scope& scope, const std::string& data) {
    RETURN_IF_ERROR(CheckOurs(scope));
    return kept_ ? absl::OkStatus() : AppendChunk(scope.tx(), key_, received_, data, scope.now());
  }

  // Content with another size than announced isn't kept.
  absl::Status Discard(Scope& scope) {
    RETURN_IF_ERROR(CheckOurs(scope));
    return DropUpload(scope.tx(), key_);
  }

  // The document may have been deleted since, or the upload begun anew by another.
  absl::Status CheckOurs(Scope& scope) {
    RETURN_IF_ERROR(scope.Get<Document>(first_.name()).status());
    if (kept_) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto upload, FindUpload(scope.tx(), key_));
    if (upload && upload->received_bytes == received_) return absl::OkStatus();
    return Error(api::v1::Error::CONFLICT, "the same content is being uploaded by another call");
  }

  // What was received is hashed outside of the writing transaction: chunks don't change.
  absl::StatusOr<std::string> Hash() {
    if (kept_) {
      return first_.offset() > 0 ? first_.sha256() : absl::BytesToHexString(hasher_.Finish());
    }
    int64_t position = 0;
    while (position < first_.size_bytes()) {
      std::string chunk;
      const auto read = [&](storage::Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(chunk, ReadChunk(tx, key_, position, kMostData));
        return absl::OkStatus();
      };
      RETURN_IF_ERROR(resource::FromStore(engine_.database().Read(read)));
      if (chunk.empty()) break;
      hasher_.Add(chunk);
      position += static_cast<int64_t>(chunk.size());
    }
    return absl::BytesToHexString(hasher_.Finish());
  }

  // Content whose hash is wrong is gone when this commits.
  absl::Status Finish(Scope& scope, const std::string& sha256, Document& document) {
    if (sha256 != first_.sha256()) return DropUpload(scope.tx(), key_);
    RETURN_IF_ERROR(CheckOurs(scope));
    ASSIGN_OR_RETURN(document, GetDocument(scope, first_.name()));
    RETURN_IF_ERROR(CheckRoom(document));
    RETURN_IF_ERROR(KeepContent(scope.tx(), key_));
    if (!IsNewVersion(document)) return absl::OkStatus();
    Document::Content& version = *document.add_versions();
    version.set_version(document.versions_size());
    version.set_size_bytes(first_.size_bytes());
    version.set_sha256(sha256);
    version.set_media_type(first_.content().content_type());
    version.set_uploader(scope.caller().subject);
    *version.mutable_upload_time() =
        TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(scope.now()));
    return scope.Update(document);
  }

  Engine& engine_;
  const int64_t max_document_bytes_;
  const std::shared_ptr<rpc::Call> call_;
  bool begun_ = false;
  UploadDocumentRequest first_;  // the first message, without data
  ContentKey key_;
  bool kept_ = false;  // the bytes are those of an earlier version: none is stored
  int64_t received_ = 0;
  Sha256Hasher hasher_;
};

// The version that a download is of, if the caller may see it: what is published is the current
// one.
absl::StatusOr<Document::Content> FindVersion(Scope& scope, const Document& document, int number) {
  const Document::Content* current = VersionOf(document, 0);
  if (current == nullptr) {
    return WrongState(document.name(), "EMPTY", "no content of it is kept");
  }
  const Document::Content* version = VersionOf(document, number);
  const bool visible =
      version == current || scope.caller().clearance() >= api::v1::Visibility::MEMBERS;
  if (version != nullptr && visible) return *version;
  return Error(api::v1::Error::RESOURCE_NOT_FOUND,
               absl::StrCat("there is no version ", number, " of ", document.name(),
                            " that the caller may see"),
               {{"resource", document.name()}});
}

class DownloadSource final : public rpc::StreamSource {
 public:
  DownloadSource(Engine& engine, std::shared_ptr<rpc::Call> call, DownloadDocumentRequest request)
      : engine_(engine), call_(std::move(call)), request_(std::move(request)) {}

  absl::StatusOr<Next> Pull(google::protobuf::Message& reply) override {
    auto& body = static_cast<google::api::HttpBody&>(reply);
    Document::Content version = version_;
    const auto work = [&](Scope& scope) -> absl::Status {
      // Each time: it may have been deleted or hidden since.
      ASSIGN_OR_RETURN(const Document document, GetDocument(scope, request_.name()));
      if (!announced_) return Announce(scope, document, version, body);
      ASSIGN_OR_RETURN(
          *body.mutable_data(),
          ReadChunk(scope.tx(), {document.uid(), version.sha256()}, position_, kMessageData));
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(engine_.ReadNewest(*call_, request_, reply, work));
    if (announced_) {
      position_ += static_cast<int64_t>(body.data().size());
      return body.data().empty() ? Next::kEnd : Next::kMessage;
    }
    announced_ = true;
    version_ = std::move(version);
    position_ = request_.offset();
    return Next::kMessage;
  }

 private:
  absl::Status Announce(Scope& scope, const Document& document, Document::Content& version,
                        google::api::HttpBody& body) const {
    ASSIGN_OR_RETURN(version, FindVersion(scope, document, request_.version()));
    ASSIGN_OR_RETURN(const bool kept, IsKept(scope.tx(), {document.uid(), version.sha256()}));
    if (!kept) {
      return WrongState(document.name(), "EMPTY",
                        absl::StrCat("the bytes of its version ", version.version(),
                                     " were not brought along with its record"));
    }
    if (request_.offset() > version.size_bytes()) {
      return InvalidField("offset", "must not be beyond the end of the content");
    }
    body.set_content_type(version.media_type());
    // The engine doesn't look into what is packed.
    Document::Content shown = version;
    resource::Redact(shown, scope.caller().clearance());
    body.add_extensions()->PackFrom(shown);
    return absl::OkStatus();
  }

  Engine& engine_;
  const std::shared_ptr<rpc::Call> call_;
  const DownloadDocumentRequest request_;
  bool announced_ = false;
  Document::Content version_;  // once announced
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
  RETURN_IF_ERROR(CheckSha256(request.sha256()));
  ASSIGN_OR_RETURN(const Document document, GetDocument(scope, request.name()));
  reply.set_document(document.name());
  const ContentKey key{document.uid(), request.sha256()};
  ASSIGN_OR_RETURN(const bool kept, IsKept(scope.tx(), key));
  if (kept) {
    const Document::Content* version = VersionWith(document, request.sha256());
    reply.set_received_bytes(version == nullptr ? 0 : version->size_bytes());
    reply.set_complete(document.content().sha256() == request.sha256());
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto upload, FindUpload(scope.tx(), key));
  if (upload) reply.set_received_bytes(upload->received_bytes);
  return absl::OkStatus();
}

std::unique_ptr<rpc::StreamSink> StartUpload(Engine& engine, int64_t max_document_bytes,
                                             const std::shared_ptr<rpc::Call>& call) {
  return std::make_unique<UploadSink>(engine, max_document_bytes, call);
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> StartDownload(
    Engine& engine, const std::shared_ptr<rpc::Call>& call,
    const DownloadDocumentRequest& request) {
  return std::make_unique<DownloadSource>(engine, call, request);
}

}  // namespace baliprocess::meetings
