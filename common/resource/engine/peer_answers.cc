#include "common/resource/engine/peer_answers.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/api/resource.pb.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Names of one question: their filter stays well below the limit of its length.
constexpr size_t kNamesPerQuestion = 100;

// Of one call: its work begins anew with each round of answers.
constexpr size_t kMostQuestions = 10'000;

// How long another service is waited for that the work can do without.
constexpr absl::Duration kWishWaits = absl::Seconds(1);

// A payload marks the status that says so; it holds nothing.
constexpr absl::string_view kUnansweredUrl = "type.baliprocess.net/resource.Unanswered";

absl::Status Unanswered() {
  absl::Status status = absl::UnavailableError("another service hasn't been asked yet");
  status.SetPayload(kUnansweredUrl, absl::Cord());
  return status;
}

std::string Capitalised(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

// A List of the live resources of these names.
std::unique_ptr<Message> ListOf(const Descriptor& request_type, const NamePattern& pattern,
                                const std::vector<std::string>& names) {
  auto request = NewMessage(request_type);
  const auto* reflection = request->GetReflection();
  const std::string filter =
      absl::StrJoin(names, " OR ", [](std::string* out, const std::string& name) {
        absl::StrAppend(out, "name = \"", name, "\"");
      });
  reflection->SetString(request.get(), FieldOf(*request, "filter"), filter);
  reflection->SetInt32(request.get(), FieldOf(*request, "page_size"),
                       static_cast<int>(kNamesPerQuestion));
  if (!pattern.IsTopLevel()) {
    reflection->SetString(request.get(), FieldOf(*request, "parent"), pattern.AnyParent());
  }
  return request;
}

// Adds what a List yields to `found`, page by page: pages end by bytes, too.
absl::Status ListAll(const MethodDescriptor& list, Message& request, const AskPeer& ask,
                     const rpc::Call& call,
                     std::map<std::string, std::unique_ptr<Message>>& found) {
  const FieldDescriptor* resources = list.output_type()->FindFieldByNumber(1);
  for (size_t pages = 0; pages <= kNamesPerQuestion; ++pages) {
    const auto reply = NewMessage(*list.output_type());
    RETURN_IF_ERROR(ask(call, list, request, *reply));
    const auto* reflection = reply->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*reply, resources); ++i) {
      const Message& resource = reflection->GetRepeatedMessage(*reply, resources, i);
      std::unique_ptr<Message>& kept = found[StringField(resource, "name")];
      kept.reset(resource.New());
      kept->CopyFrom(resource);
    }
    const std::string next = StringField(*reply, "next_page_token");
    if (next.empty()) return absl::OkStatus();
    request.GetReflection()->SetString(&request, FieldOf(request, "page_token"), next);
  }
  return absl::InternalError(absl::StrCat(list.full_name(), " has pages without end"));
}

}  // namespace

bool IsUnanswered(const absl::Status& status) {
  return status.GetPayload(kUnansweredUrl).has_value();
}

absl::StatusOr<const Message*> PeerAnswers::Find(const Descriptor& type, std::string_view name) {
  return FindOrWant(type, name, wanted_resources_);
}

absl::StatusOr<const Message*> PeerAnswers::FindIfReachable(const Descriptor& type,
                                                            std::string_view name) {
  return FindOrWant(type, name, wished_resources_);
}

absl::StatusOr<const Message*> PeerAnswers::FindOrWant(const Descriptor& type,
                                                       std::string_view name, Wanted& wanted) {
  const Resources& known = resources_[&type];
  const auto found = known.find(std::string(name));
  if (found != known.end()) return found->second.get();
  wanted[&type].insert(std::string(name));
  return Unanswered();
}

absl::StatusOr<const Message*> PeerAnswers::Ask(const MethodDescriptor& method,
                                                const Message& request) {
  const std::string key = absl::StrCat(method.full_name(), "\n", request.SerializeAsString());
  const auto found = replies_.find(key);
  if (found != replies_.end()) return found->second.get();
  Question question{&method, std::unique_ptr<Message>(request.New())};
  question.request->CopyFrom(request);
  wanted_replies_[key] = std::move(question);
  return Unanswered();
}

std::string PeerAnswers::Fingerprint() const {
  std::string all;
  const auto add = [&all](const std::string& question, const Message* answer) {
    const std::string bytes = answer == nullptr ? "" : Serialize(*answer);
    absl::StrAppend(&all, question.size(), " ", question, answer == nullptr ? "-" : "+",
                    bytes.size(), " ", bytes);
  };
  for (const auto& [type, resources] : resources_) {
    for (const auto& [name, resource] : resources) add(name, resource.get());
  }
  for (const auto& [question, reply] : replies_) add(question, reply.get());
  return Sha256(all);
}

absl::Status PeerAnswers::Fetch(const AskPeer& ask, const rpc::Call& call) {
  if (wanted_resources_.empty() && wished_resources_.empty() && wanted_replies_.empty()) {
    return absl::InternalError("an answer is missing that nobody asked for");
  }
  questions_ += wanted_replies_.size();
  for (const Wanted* wanted : {&wanted_resources_, &wished_resources_}) {
    for (const auto& [type, names] : *wanted) questions_ += names.size();
  }
  if (questions_ > kMostQuestions) {
    return Error(
        api::v1::Error::TOO_LARGE,
        absl::StrCat("the call would ask other services more than ", kMostQuestions, " questions"));
  }
  const auto resources = std::exchange(wanted_resources_, {});
  for (const auto& [type, names] : resources) {
    RETURN_IF_ERROR(FetchResources(*type, names, ask, call));
  }
  const auto wishes = std::exchange(wished_resources_, {});
  for (const auto& [type, names] : wishes) {
    rpc::Call brief = call;
    brief.deadline = std::min(call.deadline, absl::Now() + kWishWaits);
    const absl::Status status = FetchResources(*type, names, ask, brief);
    const bool too_slow = absl::IsDeadlineExceeded(status) && brief.deadline < call.deadline;
    if (absl::IsUnavailable(status) || too_slow) {
      for (const std::string& name : names) resources_[type].try_emplace(name);
    } else if (!status.ok()) {
      return status;
    }
  }
  const auto questions = std::exchange(wanted_replies_, {});
  for (const auto& [key, question] : questions) {
    auto reply = NewMessage(*question.method->output_type());
    RETURN_IF_ERROR(ask(call, *question.method, *question.request, *reply));
    replies_[key] = std::move(reply);
  }
  return absl::OkStatus();
}

absl::Status PeerAnswers::FetchResources(const Descriptor& type, const std::set<std::string>& names,
                                         const AskPeer& ask, const rpc::Call& call) {
  const auto& annotation = type.options().GetExtension(google::api::resource);
  const MethodDescriptor* list = MethodOfPackage(type, "List" + Capitalised(annotation.plural()));
  const NamePattern* pattern = PatternOfType(annotation.type());
  if (list == nullptr || pattern == nullptr) {
    return absl::InternalError(absl::StrCat("no service lists ", annotation.type()));
  }
  Resources& known = resources_[&type];
  const std::vector<std::string> all(names.begin(), names.end());
  for (size_t from = 0; from < all.size(); from += kNamesPerQuestion) {
    const size_t to = std::min(all.size(), from + kNamesPerQuestion);
    const std::vector<std::string> some(all.begin() + from, all.begin() + to);
    Resources found;
    const auto request = ListOf(*list->input_type(), *pattern, some);
    RETURN_IF_ERROR(ListAll(*list, *request, ask, call, found));
    for (const std::string& name : some) known[name] = std::move(found[name]);
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::resource
