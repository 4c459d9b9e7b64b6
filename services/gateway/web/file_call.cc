#include "services/gateway/web/file_call.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/api/httpbody.pb.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/web/media.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Up to this size a file that the service says nothing of is measured before it is sent.
constexpr size_t kMeasured = 1 << 20;

// What the names of files of a type end in.
std::string_view SuffixOf(std::string_view media_type) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kSuffixes = {{
      {"application/pdf", ".pdf"},
      {"application/json", ".json"},
      {"application/xml", ".xml"},
      {"application/zip", ".zip"},
      {"application/msword", ".doc"},
      {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
      {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
      {"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
      {"application/vnd.oasis.opendocument.text", ".odt"},
      {"text/calendar", ".ics"},
      {"text/csv", ".csv"},
      {"text/plain", ".txt"},
  }};
  for (const auto& [type, suffix] : kSuffixes) {
    if (type == media_type) return suffix;
  }
  return {};
}

// The last id of the resource that the path names, or else the path's verb: neither has characters
// that would have to be quoted. A variable that isn't a name may be a secret.
std::string FileNameOf(const HttpRequest& request) {
  const auto& variables = request.binding().path_template.variables;
  for (size_t i = 0; i < variables.size(); ++i) {
    if (variables[i].field_path != "name") continue;
    const std::string& name = request.match.values[i];
    return name.substr(name.rfind('/') + 1);
  }
  return request.binding().path_template.verb;
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

std::optional<ByteRange> RangeOf(const HttpRequest& request) {
  const bool can_begin = FindOffset(request.binding().method->input_type()) != nullptr;
  return can_begin ? request.byte_range() : std::nullopt;
}

// Whether an error is that a request's offset isn't in the file.
bool BlamesOffset(const google::rpc::Status& status) {
  google::rpc::BadRequest details;
  for (const auto& detail : status.details()) {
    if (!detail.UnpackTo(&details)) continue;
    const auto& fields = details.field_violations();
    return !fields.empty() && std::all_of(fields.begin(), fields.end(),
                                          [](const auto& it) { return it.field() == "offset"; });
  }
  return false;
}

// An empty message of the type that an Any has, with its contents; null when it isn't known.
std::unique_ptr<Message> Unpack(const google::protobuf::Any& any) {
  std::string name;
  if (!google::protobuf::Any::ParseAnyTypeUrl(any.type_url(), &name)) return nullptr;
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type == nullptr) return nullptr;
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromString(any.value())) return nullptr;
  return message;
}

}  // namespace

FileCall::FileCall(CallHost& host, ClientStream& client, RequestHead&& head, HttpRequest request,
                   TextFields extra)
    : HttpCall(host, client, std::move(head), std::move(request), std::move(extra)),
      range_(RangeOf(HttpCall::request())) {}

std::optional<FileCall::Facts> FileCall::FactsIn(const Message& reply) {
  if (!IsHttpBody(reply.GetDescriptor())) return std::nullopt;
  const auto& body = static_cast<const google::api::HttpBody&>(reply);
  for (const auto& extension : body.extensions()) {
    const auto message = Unpack(extension);
    if (!message) continue;
    const auto* size = message->GetDescriptor()->FindFieldByName("size_bytes");
    const auto* sha256 = message->GetDescriptor()->FindFieldByName("sha256");
    if (size == nullptr || size->cpp_type() != FieldDescriptor::CPPTYPE_INT64) continue;
    if (sha256 == nullptr || sha256->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    return Facts{message->GetReflection()->GetInt64(*message, size),
                 message->GetReflection()->GetString(*message, sha256)};
  }
  return std::nullopt;
}

// What comes of others is never to run as a page of ours. A private cache may keep a file, which
// its tag names by its contents, for the caller who has it.
TextFields FileCall::FileFields() const {
  TextFields fields = {{"content-type", type_},
                       {"cache-control", "private, no-cache"},
                       {"vary", "authorization"},
                       {"content-security-policy", "default-src 'none'; sandbox"},
                       {"x-content-type-options", "nosniff"}};
  const std::string name = FileNameOf(request());
  if (IsPlainName(name)) {
    fields.emplace_back("content-disposition",
                        absl::StrCat("attachment; filename=\"", name,
                                     std::string(SuffixOf(MediaTypeOf(type_))), "\""));
  }
  return fields;
}

void FileCall::OnRequestMessage(const Message& message) {
  const FieldDescriptor* offset = FindOffset(message.GetDescriptor());
  if (offset != nullptr) offset_ = message.GetReflection()->GetInt64(message, offset);
}

void FileCall::OnReply(const Message& reply) {
  ReplyContent content = ContentOf(request().binding(), reply);
  if (!std::exchange(begun_, true)) {
    type_ = content.type.empty() ? "application/octet-stream" : content.type;
    if (const auto facts = FactsIn(reply)) SendKnownHead(*facts);
  }
  if (finished()) return;
  if (head_sent_) return SendPart(content.data);
  held_.append(content.data);
  if (held_.size() <= kMeasured) return;
  head_sent_ = true;
  SendHeadToClient(200, FileFields(), !request().is_head);
  if (request().is_head) return set_finished();
  Hold(0);
  SendPart(std::exchange(held_, std::string()));
}

void FileCall::SendKnownHead(const Facts& facts) {
  HttpReply reply = {.http_status = 200, .fields = FileFields(), .body = {}};
  // The rest of a file isn't what the tag names.
  const bool is_rest = !range_ && offset_ > 0;
  const std::string etag = is_rest ? "" : facts.sha256;
  if (request().Knows(etag)) return Finish(std::move(reply), etag);
  int64_t length = std::max<int64_t>(0, facts.size - offset_);
  if (range_ && range_->first >= facts.size) {
    const absl::Status status = InvalidField("range", "must begin before the end of the file");
    return FinishOutOfRange(ToRpcStatus(status), facts.size);
  }
  if (range_) {
    const int64_t last = std::min(range_->last.value_or(facts.size - 1), facts.size - 1);
    length = last - range_->first + 1;
    reply.http_status = 206;
    reply.fields.emplace_back("content-range",
                              absl::StrCat("bytes ", range_->first, "-", last, "/", facts.size));
  }
  if (!is_rest) reply.fields.emplace_back("accept-ranges", "bytes");
  if (!etag.empty()) reply.fields.emplace_back("etag", absl::StrCat("\"", etag, "\""));
  reply.fields.emplace_back("content-length", std::to_string(length));
  left_ = length;
  head_sent_ = true;
  SendHeadToClient(reply.http_status, reply.fields, !request().is_head);
  if (request().is_head) set_finished();
}

void FileCall::FinishOutOfRange(const google::rpc::Status& status, std::optional<int64_t> size) {
  HttpReply reply = ErrorReply(status);
  reply.http_status = 416;
  if (size) reply.fields.emplace_back("content-range", absl::StrCat("bytes */", *size));
  Finish(std::move(reply), {});
}

void FileCall::SendPart(const std::string& data) {
  if (left_ < 0) return SendToClient(data);
  const auto size =
      static_cast<size_t>(std::min<int64_t>(left_, static_cast<int64_t>(data.size())));
  left_ -= static_cast<int64_t>(size);
  SendToClient(std::string_view(data).substr(0, size));
  if (left_ > 0) return;
  set_finished();
  EndToClient();
}

// A file that broke off must not pass for whole: its stream is reset.
void FileCall::OnStatus(const google::rpc::Status& status) {
  const bool failed = status.code() != 0;
  if (!head_sent_) {
    if (failed && range_ && BlamesOffset(status)) return FinishOutOfRange(status, std::nullopt);
    if (failed) return FinishWithError(status);
    const std::string sha256 = ToHex(Sha256(held_));
    return Finish({.http_status = 200, .fields = FileFields(), .body = std::move(held_)}, sha256);
  }
  set_finished();
  if (failed || left_ > 0) return Reset(NGHTTP2_INTERNAL_ERROR);
  EndToClient();
}

}  // namespace baliprocess::gateway
