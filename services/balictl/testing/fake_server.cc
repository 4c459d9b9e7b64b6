#include "services/balictl/testing/fake_server.h"

#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/balictl/contract/order.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;

std::string ToString(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok()
             ? std::string(reinterpret_cast<const char*>(slice.begin()), slice.size())
             : "";
}

grpc::ByteBuffer ToBytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      ToRpcStatus(status).SerializeAsString());
}

// Whether a parent is one that a list asks for: `meetings/m/delegations/-` is any delegation of m.
bool IsParentLike(const std::string& parent, const std::string& asked) {
  const std::vector<std::string> parts = absl::StrSplit(parent, '/');
  const std::vector<std::string> wanted = absl::StrSplit(asked, '/');
  return std::equal(parts.begin(), parts.end(), wanted.begin(), wanted.end(),
                    [](const auto& part, const auto& want) { return want == "-" || part == want; });
}

bool GetFlag(const Message& message, const std::string& field) {
  return message.GetReflection()->GetBool(message, message.GetDescriptor()->FindFieldByName(field));
}

// What a document has of content isn't changed by an update.
void KeepBytes(const Message& before, Message& after) {
  if (after.GetDescriptor() != meetings::v1::Document::descriptor()) return;
  const auto& kept = static_cast<const meetings::v1::Document&>(before);
  if (kept.content().size_bytes() == 0) return;
  *static_cast<meetings::v1::Document&>(after).mutable_content() = kept.content();
  *static_cast<meetings::v1::Document&>(after).mutable_versions() = kept.versions();
}

// Reads one request, or of an upload all, and writes the replies one after another.
class Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(FakeServer& fake, grpc::GenericCallbackServerContext* context)
      : fake_(fake), path_(context->method()) {
    const auto found = context->client_metadata().find("authorization");
    if (found != context->client_metadata().end()) {
      authorization_.assign(found->second.data(), found->second.size());
    }
    StartRead(&request_);
  }

 private:
  void OnReadDone(bool ok) override {
    if (path_.ends_with("/UploadDocument")) return OnUpload(ok);
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (path_.ends_with("/WatchChanges")) {
      TakeStream(fake_.NextWatch(ToString(request_)));
    } else if (path_.ends_with("/DownloadDocument")) {
      meetings::v1::DownloadDocumentRequest request;
      request.ParseFromString(ToString(request_));
      TakeStream(fake_.documents.Download(request));
    } else {
      const auto reply = fake_.Answer(path_, authorization_, ToString(request_));
      if (reply.ok()) replies_.push_back(*reply);
      end_ = reply.status();
    }
    OnWriteDone(true);
  }

  template <typename Stream>
  void TakeStream(const Stream& stream) {
    for (const auto& response : stream.responses) replies_.push_back(response.SerializeAsString());
    end_ = stream.end;
  }

  void OnUpload(bool more) {
    if (more) {
      meetings::v1::UploadDocumentRequest request;
      request.ParseFromString(ToString(request_));
      const absl::Status taken = fake_.documents.Take(request);
      if (!taken.ok()) return Finish(ToGrpc(taken));
      return StartRead(&request_);
    }
    const auto document = fake_.documents.Complete();
    if (!document.ok()) return Finish(ToGrpc(document.status()));
    replies_.push_back(document->SerializeAsString());
    OnWriteDone(true);
  }

  void OnWriteDone(bool ok) override {
    if (!ok || next_ == replies_.size()) return Finish(ToGrpc(end_));
    reply_ = ToBytes(replies_[next_++]);
    StartWrite(&reply_);
  }

  void OnDone() override { delete this; }

  FakeServer& fake_;
  const std::string path_;
  std::string authorization_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
  std::vector<std::string> replies_;
  size_t next_ = 0;
  absl::Status end_;
};

}  // namespace

class FakeServer::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(FakeServer& fake) : fake_(fake) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Reactor(fake_, context);
  }

 private:
  FakeServer& fake_;
};

FakeServer::FakeServer() : service_(std::make_unique<Service>(*this)) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeServer::~FakeServer() { server_->Shutdown(); }

absl::StatusOr<std::string> FakeServer::Answer(const std::string& path,
                                               const std::string& authorization,
                                               const std::string& bytes) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const auto method = FindMethod(path);
  if (!method.ok()) return absl::UnimplementedError("no such method");
  auto& request = requests[(*method)->name()];
  request = NewMessage(*(*method)->input_type());
  if (!request->ParseFromString(bytes)) return absl::InvalidArgumentError("malformed");
  const bool mutates = (*method)->input_type()->FindFieldByName("request_id") != nullptr;
  SeenCall call{(*method)->name(), mutates ? GetText(*request, "request_id") : "", authorization};
  calls.push_back(call);
  if (before) RETURN_IF_ERROR(before(call));
  for (const ResourceKind& kind : Resources()) {
    if (kind.get == *method) return Get(*request);
    if (kind.list == *method) return List(kind, *request);
    if (kind.update == *method) return Update(kind, *request);
    const auto* batched = (*method)->input_type()->FindFieldByName("requests");
    if (batched != nullptr && call.method.starts_with("BatchCreate") &&
        batched->message_type()->name() ==
            absl::StrCat("Create", kind.message->name(), "Request")) {
      return BatchCreate(kind, *request);
    }
  }
  if (call.method == "GetUpload") {
    ASSIGN_OR_RETURN(const auto upload,
                     documents.GetUpload(static_cast<meetings::v1::GetUploadRequest&>(*request)));
    return upload.SerializeAsString();
  }
  if (const auto told = replies_.find(call.method); told != replies_.end()) return told->second;
  return absl::UnimplementedError("the fake doesn't know this method");
}

FakeServer::WatchScript FakeServer::NextWatch(const std::string& request) {
  watch_requests.emplace_back().ParseFromString(request);
  const size_t number = watch_requests.size() - 1;
  return number < watches.size() ? watches[number]
                                 : WatchScript{{}, absl::OutOfRangeError("no more scripts")};
}

absl::StatusOr<std::string> FakeServer::Get(const Message& request) {
  const auto found = resources.find(GetText(request, "name"));
  if (found == resources.end()) return NotFound(GetText(request, "name"));
  return found->second->SerializeAsString();
}

absl::StatusOr<std::string> FakeServer::List(const ResourceKind& kind, const Message& request) {
  const std::string parent = kind.pattern.IsTopLevel() ? "" : GetText(request, "parent");
  const auto page = NewMessage(*kind.list->output_type());
  const auto* reflection = page->GetReflection();
  for (auto at = resources.upper_bound(GetText(request, "page_token")); at != resources.end();
       ++at) {
    if (!kind.pattern.Matches(at->first)) continue;
    if (!IsParentLike(std::string(kind.pattern.Parent(at->first)), parent)) continue;
    reflection->AddMessage(page.get(), kind.items)->CopyFrom(*at->second);
    if (static_cast<size_t>(reflection->FieldSize(*page, kind.items)) == largest_page) {
      SetText(*page, "next_page_token", at->first);
      break;
    }
  }
  return page->SerializeAsString();
}

absl::StatusOr<std::string> FakeServer::Update(const ResourceKind& kind, const Message& request) {
  auto resource = NewMessage(*kind.message);
  resource->CopyFrom(request.GetReflection()->GetMessage(request, kind.patch));
  KeepContent(*resource);
  const std::string name = GetText(*resource, "name");
  for (const std::string& need : NeedsOf(kind, *resource)) {
    if (!resources.contains(need)) return ReferenceNotFound("field", need);
  }
  const auto found = resources.find(name);
  if (found == resources.end() && !GetFlag(request, "allow_missing")) return NotFound(name);
  const std::string etag =
      GetText(request.GetReflection()->GetMessage(request, kind.patch), "etag");
  if (found != resources.end() && !etag.empty() && GetText(*found->second, "etag") != etag) {
    return Error(api::v1::Error::ETAG_MISMATCH, "has changed", {{"resource", name}});
  }
  if (found != resources.end()) {
    const auto content = NewMessage(*kind.message);
    content->CopyFrom(*found->second);
    KeepContent(*content);
    if (google::protobuf::util::MessageDifferencer::Equals(*content, *resource)) {
      return found->second->SerializeAsString();
    }
    KeepBytes(*found->second, *resource);
  }
  SetText(*resource, "uid", absl::StrCat("uid of ", name));
  SetText(*resource, "etag", absl::StrCat("version ", ++versions_));
  std::string reply = resource->SerializeAsString();
  if (!GetFlag(request, "validate_only")) resources[name] = std::move(resource);
  return reply;
}

// All or none.
absl::StatusOr<std::string> FakeServer::BatchCreate(const ResourceKind& kind,
                                                    const Message& request) {
  const auto* reflection = request.GetReflection();
  const auto* list = request.GetDescriptor()->FindFieldByName("requests");
  std::map<std::string, std::unique_ptr<Message>> made;
  for (int i = 0; i < reflection->FieldSize(request, list); ++i) {
    const Message& one = reflection->GetRepeatedMessage(request, list, i);
    auto resource = NewMessage(*kind.message);
    std::string id;
    for (int n = 0; n < one.GetDescriptor()->field_count(); ++n) {
      const auto* field = one.GetDescriptor()->field(n);
      if (resource::GivesResourceId(*field)) id = GetText(one, field->name());
      if (field->message_type() == kind.message) {
        resource->CopyFrom(one.GetReflection()->GetMessage(one, field));
      }
    }
    const std::string parent = kind.pattern.IsTopLevel() ? "" : GetText(request, "parent");
    const std::string name = kind.pattern.Make(parent, id);
    if (resources.contains(name))
      return Error(api::v1::Error::RESOURCE_EXISTS, "is there", {{"resource", name}});
    for (const std::string& need : NeedsOf(kind, *resource)) {
      if (!resources.contains(need)) return ReferenceNotFound("field", need);
    }
    SetText(*resource, "name", name);
    SetText(*resource, "uid", absl::StrCat("uid of ", name));
    SetText(*resource, "etag", absl::StrCat("version ", ++versions_));
    made.emplace(name, std::move(resource));
  }
  if (!GetFlag(request, "validate_only")) resources.merge(made);
  return "";
}

}  // namespace baliprocess::balictl
