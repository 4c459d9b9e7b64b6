// The public compliance suite of HTTP transcoding (gapic-showcase): each of its requests, sent by
// each of the rules that its group names, arrives as it was. The suite lies outside of the project:
// BALI_ORACLES names the folder that has it as `http-transcoding`.
//
// What makes the HTTP requests is here, and shares nothing with what reads them but the rules.

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"

#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/json_request.h"
#include "services/gateway/transcoding/testing/text_contract.h"

namespace baliprocess::gateway {
namespace {

using google::api::HttpRule;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::util::MessageDifferencer;

// ---- A client: what a request is as HTTP.

struct HttpRequest {
  std::string method, path, query, body;
};

std::string Encoded(std::string_view text, std::string_view unreserved) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       unreserved.find(c) != std::string_view::npos;
    if (plain) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// A scalar field's value as the text of a URL: as ProtoJSON has it, without quotes.
std::string TextOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = reflection.GetString(message, &field);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrFormat("%.17g", reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrFormat("%.9g", reflection.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(message, &field));
    default:
      ADD_FAILURE() << "not a scalar: " << field.full_name();
      return "";
  }
}

// The value at a path such as `info.f_child.f_string`.
std::string TextAtPath(const Message& request, const std::string& path) {
  const Message* message = &request;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    message = &message->GetReflection()->GetMessage(
        *message, message->GetDescriptor()->FindFieldByName(names[i]));
  }
  return TextOf(*message, *message->GetDescriptor()->FindFieldByName(names.back()));
}

// Whether a value is of the form that a variable's template has, such as `first/*`.
bool Fits(const std::string& value, const std::string& form) {
  const std::vector<std::string> pieces = absl::StrSplit(value, '/');
  const std::vector<std::string> segments = absl::StrSplit(form, '/');
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] == "**") return true;
    if (i >= pieces.size() || pieces[i].empty()) return false;
    if (segments[i] != "*" && segments[i] != pieces[i]) return false;
  }
  return pieces.size() == segments.size();
}

// The template with the request's values, which are noted as told; nothing if they don't fit.
std::optional<std::string> Expanded(std::string path, const Message& request,
                                    std::set<std::string>& told) {
  for (size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    const size_t close = path.find('}', open);
    const std::string variable = path.substr(open + 1, close - open - 1);
    const std::vector<std::string> parts = absl::StrSplit(variable, absl::MaxSplits('=', 1));
    const std::string value = TextAtPath(request, parts[0]);
    const bool whole = parts.size() == 1;
    if (whole ? value.empty() : !Fits(value, parts[1])) return std::nullopt;
    told.insert(parts[0]);
    path.replace(open, close - open + 1, Encoded(value, whole ? "-_.~" : "-_.~/"));
  }
  return path;
}

// Adds every field that is set and wasn't told elsewhere.
void AddQuery(const Message& message, const std::string& prefix, const std::set<std::string>& told,
              std::string& query) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = prefix + field->name();
    if (told.contains(path)) continue;
    if (field->message_type() != nullptr) {
      AddQuery(message.GetReflection()->GetMessage(message, field), path + ".", told, query);
    } else {
      absl::StrAppend(&query, query.empty() ? "" : "&", Encoded(path, "-_.~"), "=",
                      Encoded(TextOf(message, *field), "-_.~"));
    }
  }
}

std::string JsonOf(const Message& message) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

// A request by one rule; nothing where its values don't fit the rule's path.
std::optional<HttpRequest> RequestBy(const HttpRule& rule, const Message& request) {
  HttpRequest http;
  std::string path;
  if (!rule.get().empty()) http.method = "GET", path = rule.get();
  if (!rule.post().empty()) http.method = "POST", path = rule.post();
  if (!rule.put().empty()) http.method = "PUT", path = rule.put();
  if (!rule.patch().empty()) http.method = "PATCH", path = rule.patch();
  std::set<std::string> told;
  const auto expanded = Expanded(path, request, told);
  if (!expanded) return std::nullopt;
  http.path = *expanded;
  if (rule.body() == "*") {
    http.body = JsonOf(request);
    return http;
  }
  if (!rule.body().empty()) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(rule.body());
    http.body = JsonOf(request.GetReflection()->GetMessage(request, field));
    told.insert(rule.body());
  }
  AddQuery(request, "", told, http.query);
  return http;
}

// ---- The suite.

class ComplianceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* oracles = std::getenv("BALI_ORACLES");
    if (oracles == nullptr) {
      GTEST_SKIP()
          << "BALI_ORACLES isn't set: the compliance suite of HTTP transcoding isn't asked";
    }
    const std::string folder = absl::StrCat(oracles, "/http-transcoding");
    contract_ = TextContract::OfFile(absl::StrCat(folder, "/compliance.proto"));
    ASSERT_FALSE(HasFailure());
    suite_ = contract_->New("ComplianceSuite");
    std::ifstream in(absl::StrCat(folder, "/compliance_suite.json"));
    const std::string json{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, suite_.get()).ok());
    bindings_ = Bindings::Create(contract_->methods());
    ASSERT_TRUE(bindings_.ok()) << bindings_.status();
  }

  // Elements of a repeated field of messages.
  static std::vector<const Message*> Elements(const Message& message, const std::string& name) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    std::vector<const Message*> elements;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      elements.push_back(&message.GetReflection()->GetRepeatedMessage(message, field, i));
    }
    return elements;
  }

  static std::vector<std::string> Words(const Message& message, const std::string& name) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    std::vector<std::string> words;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      words.push_back(message.GetReflection()->GetRepeatedString(message, field, i));
    }
    return words;
  }

  // Sends a request by the first of a method's rules that it fits, and checks what arrives.
  void Send(const MethodDescriptor& method, const Message& request) {
    const HttpRule& rule = method.options().GetExtension(google::api::http);
    std::vector<const HttpRule*> rules = {&rule};
    for (const HttpRule& additional : rule.additional_bindings()) rules.push_back(&additional);
    for (const HttpRule* candidate : rules) {
      const auto http = RequestBy(*candidate, request);
      if (!http) continue;
      return Receive(*http, method, candidate->get(), request);
    }
    ADD_FAILURE() << "fits no rule";
  }

  void Receive(const HttpRequest& http, const MethodDescriptor& method, const std::string& path,
               const Message& request) {
    SCOPED_TRACE(absl::StrCat(http.method, " ", http.path, "?", http.query, " ", http.body));
    const auto match = bindings_->Find(http.method, http.path);
    ASSERT_TRUE(match.ok()) << match.status();
    ASSERT_NE(match->binding, nullptr);
    EXPECT_EQ(match->binding->method, &method);
    const std::string intended = TextAtPath(request, "intended_binding_uri");
    if (!intended.empty()) {
      EXPECT_EQ(match->binding->path, intended);
    }
    if (!path.empty()) {
      EXPECT_EQ(match->binding->path, path);
    }
    const auto query = ParseQuery(http.query);
    ASSERT_TRUE(query.ok()) << query.status();
    const std::unique_ptr<Message> read(request.New());
    const absl::Status status = ReadRequest(*match, *query, {"application/json", http.body}, *read);
    ASSERT_TRUE(status.ok()) << status;
    std::string differences;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&differences);
    EXPECT_TRUE(differencer.Compare(request, *read)) << differences;
    CheckReply(*match->binding, request);
  }

  // The echo's reply, read by Protocol Buffers' own reader.
  void CheckReply(const Binding& binding, const Message& request) {
    const auto* type = binding.method->output_type();
    const std::unique_ptr<Message> reply = contract_->New(type->name());
    reply->GetReflection()
        ->MutableMessage(reply.get(), type->FindFieldByName("request"))
        ->CopyFrom(request);
    const std::unique_ptr<Message> read(reply->New());
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(ContentOf(binding, *reply).data, read.get())
            .ok());
    EXPECT_TRUE(MessageDifferencer::Equals(*reply, *read));
  }

  std::unique_ptr<TextContract> contract_;
  std::unique_ptr<Message> suite_;
  absl::StatusOr<Bindings> bindings_ = absl::UnknownError("not made");
};

TEST_F(ComplianceTest, EachRequestArrivesAsItWasByEachRule) {
  int calls = 0;
  for (const Message* group : Elements(*suite_, "group")) {
    for (const std::string& rpc : Words(*group, "rpcs")) {
      const auto* method =
          contract_->file().service(0)->FindMethodByName(rpc.substr(rpc.find('.') + 1));
      ASSERT_NE(method, nullptr) << rpc;
      for (const Message* request : Elements(*group, "requests")) {
        SCOPED_TRACE(absl::StrCat(rpc, ", ", TextAtPath(*request, "name")));
        Send(*method, *request);
        ++calls;
      }
    }
  }
  EXPECT_EQ(calls, 53);
}

}  // namespace
}  // namespace baliprocess::gateway
