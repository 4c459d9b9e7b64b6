#include "services/gateway/describe/openapi.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "baliprocess/api/v1/media.pb.h"
#include "common/auth/access.h"
#include "common/base/descriptors.h"
#include "common/resource/contract/validation.h"
#include "common/testing/matchers.h"
#include "services/gateway/describe/examples.h"
#include "services/gateway/transcoding/bindings.h"
#include "services/gateway/transcoding/json_reader.h"
#include "services/gateway/transcoding/json_reply.h"
#include "services/gateway/transcoding/json_request.h"

namespace baliprocess::gateway {
namespace {

using ::baliprocess::testing::IsOk;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// An operation of the document, and the binding that its path and method lead to.
struct Operation {
  std::string path;    // of the document
  std::string method;  // of HTTP
  Json json;
  Match match;
};

// The path with an example for each parameter.
std::string FilledPath(const std::string& path, const Json& operation) {
  std::string filled = path;
  for (const Json& parameter : operation.value("parameters", Json::array())) {
    if (parameter.value("in", "") != "path") continue;
    filled =
        absl::StrReplaceAll(filled, {{absl::StrCat("{", parameter["name"].get<std::string>(), "}"),
                                      parameter.value("example", "something")}});
  }
  return filled;
}

class OpenApiTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream in(BALI_DESCRIPTORS, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto comments = Comments::Parse(bytes);
    ASSERT_THAT(comments, IsOk());
    auto made = MakeOpenApi(*comments);
    ASSERT_THAT(made, IsOk());
    document_ = new Json(*std::move(made));
    const auto policy = auth::AccessPolicy::ForServices(auth::AccessPolicy::AllServices());
    ASSERT_THAT(policy, IsOk());
    std::vector<const google::protobuf::MethodDescriptor*> methods;
    for (const auto* access : policy->All()) methods.push_back(access->method);
    auto bindings = Bindings::Create(methods);
    ASSERT_THAT(bindings, IsOk());
    bindings_ = new Bindings(*std::move(bindings));
  }
  static void TearDownTestSuite() {
    delete document_;
    delete bindings_;
  }

  static std::vector<Operation> Operations() {
    std::vector<Operation> operations;
    for (const auto& [path, item] : (*document_)["paths"].items()) {
      for (const auto& [method, json] : item.items()) {
        auto match = bindings_->Find(absl::AsciiStrToUpper(method), FilledPath(path, json));
        EXPECT_THAT(match, IsOk()) << path;
        operations.push_back({path, method, json, match.ok() ? *std::move(match) : Match{}});
      }
    }
    return operations;
  }

  static const Json& At(const char* path, const char* method) {
    return (*document_)["paths"][path][method];
  }
  static const Json& Schema(const char* name) {
    return (*document_)["components"]["schemas"][name];
  }

  // The examples of the content, those that are elsewhere too.
  static std::vector<Json> ExamplesIn(const Json& content) {
    std::vector<Json> examples;
    if (content.contains("example")) examples.push_back(content["example"]);
    const Json named = content.value("examples", Json::object());
    for (const auto& [name, reference] : named.items()) {
      const std::string pointer = reference["$ref"].get<std::string>().substr(1);
      examples.push_back((*document_)[Json::json_pointer(pointer)]["value"]);
    }
    return examples;
  }

  static Json* document_;
  static Bindings* bindings_;
};

Json* OpenApiTest::document_ = nullptr;
Bindings* OpenApiTest::bindings_ = nullptr;

std::set<std::string> NamesIn(const Json& operation, const std::string& place) {
  std::set<std::string> names;
  for (const Json& parameter : operation.value("parameters", Json::array())) {
    if (parameter.value("in", "") == place) names.insert(parameter["name"].get<std::string>());
    if (place == "header" && parameter.contains("$ref")) {
      const std::string reference = parameter["$ref"];
      names.insert(reference.substr(reference.rfind('/') + 1));
    }
  }
  return names;
}

TEST_F(OpenApiTest, EachBindingIsThereOnce) {
  std::map<const Binding*, int> times;
  std::set<std::string> ids;
  for (const Operation& operation : Operations()) {
    ASSERT_NE(operation.match.binding, nullptr) << operation.method << " " << operation.path;
    ++times[operation.match.binding];
    const std::string id = operation.json["operationId"];
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_THAT(id, HasSubstr(operation.match.binding->method->name()));
  }
  for (const auto& binding : bindings_->all()) {
    EXPECT_EQ(times[binding.get()], 1) << binding->method->full_name() << " " << binding->path;
  }
}

// Caches know the document by its bytes.
TEST_F(OpenApiTest, ItIsEachTimeTheSame) {
  std::ifstream in(BALI_DESCRIPTORS, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto comments = Comments::Parse(bytes);
  ASSERT_THAT(comments, IsOk());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(MakeOpenApi(*comments)->dump(), document_->dump());
}

TEST_F(OpenApiTest, EveryRequestOfAnExampleIsRead) {
  int read = 0;
  for (const Operation& operation : Operations()) {
    const Binding& binding = *operation.match.binding;
    if (!operation.json.contains("requestBody") || TakesHttpBody(binding)) continue;
    const auto examples = ExamplesIn(operation.json["requestBody"]["content"]["application/json"]);
    EXPECT_FALSE(examples.empty()) << operation.path;
    for (const Json& example : examples) {
      const auto request = NewMessage(*binding.method->input_type());
      EXPECT_THAT(ReadRequest(operation.match, {}, {kJsonType, example.dump()}, *request), IsOk())
          << operation.path << " " << example.dump();
      const bool update = request->GetDescriptor()->FindFieldByName("update_mask") != nullptr;
      resource::ValidateOptions options;
      options.allow_wildcard_parent = true;
      if (update) options.partial = binding.body_field;
      Violations violations;
      resource::Validate(*request, "", options, violations);
      EXPECT_THAT(violations.ToStatus(), IsOk()) << operation.path << " " << example.dump();
      ++read;
    }
  }
  EXPECT_GT(read, 100);
}

TEST_F(OpenApiTest, EveryReplyOfAnExampleIsTheReplysMessage) {
  std::set<std::string> types;
  for (const Operation& operation : Operations()) {
    const Json content = operation.json["responses"]["200"].value("content", Json::object());
    for (const Json& example : ExamplesIn(content.value("application/json", Json::object()))) {
      const auto reply = NewMessage(*operation.match.binding->method->output_type());
      Violations violations;
      EXPECT_THAT(ReadJson(example.dump(), *reply, violations), IsOk()) << operation.path;
      EXPECT_THAT(violations.ToStatus(), IsOk()) << operation.path;
      types.insert(reply->GetDescriptor()->full_name());
    }
  }
  // Each resource that can be got.
  for (const Operation& operation : Operations()) {
    const auto& method = *operation.match.binding->method;
    const std::string get = absl::StrCat("Get", method.output_type()->name());
    const Json headers = operation.json["responses"]["200"].value("headers", Json::object());
    if (method.name() == get && headers.contains("ETag")) {
      EXPECT_TRUE(types.contains(method.output_type()->full_name())) << get;
    }
  }
}

TEST_F(OpenApiTest, AnIdIsAParameterOfThePath) {
  const Json& get = At("/v1/meetings/{meeting}/documents/{document}", "get");
  EXPECT_EQ(NamesIn(get, "path"), (std::set<std::string>{"meeting", "document"}));
  EXPECT_EQ(get["parameters"][0]["schema"]["pattern"], "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$");
  // A list takes those of all parents.
  const Json& list = At("/v1/meetings/{meeting}/documents", "get");
  EXPECT_EQ(list["parameters"][0]["schema"]["pattern"], "^(-|[a-z]([a-z0-9-]{0,61}[a-z0-9])?)$");
  // A variable that is no name has the name of its field.
  EXPECT_EQ(NamesIn(At("/v1/subscribedCalendars/{secret}", "get"), "path"),
            (std::set<std::string>{"secret"}));
}

TEST_F(OpenApiTest, AQueryHasWhatPathAndBodyHaveNot) {
  EXPECT_EQ(NamesIn(At("/v1/members", "post"), "query"),
            (std::set<std::string>{"memberId", "validateOnly", "requestId"}));
  EXPECT_THAT(NamesIn(At("/v1/meetings/{meeting}:convene", "post"), "query"), IsEmpty());
  const std::set<std::string> nested = NamesIn(At("/v1/bodies/{body}:figures", "get"), "query");
  EXPECT_TRUE(nested.contains("period.startDate.year"));
  EXPECT_FALSE(nested.contains("period"));
  EXPECT_FALSE(nested.contains("body"));
}

TEST_F(OpenApiTest, HeadersAreThereWhereTheyApply) {
  using Names = std::set<std::string>;
  EXPECT_EQ(NamesIn(At("/v1/members/{member}", "get"), "header"),
            (Names{"IfNoneMatch", "Position"}));
  EXPECT_EQ(NamesIn(At("/v1/members/{member}", "patch"), "header"),
            (Names{"IfMatch", "IdempotencyKey"}));
  EXPECT_EQ(NamesIn(At("/v1/members/{member}", "delete"), "header"),
            (Names{"IfMatch", "IdempotencyKey"}));
  EXPECT_EQ(NamesIn(At("/v1/members", "get"), "header"), (Names{"Position"}));
  EXPECT_EQ(NamesIn(At("/v1/meetings/{meeting}/documents/{document}:download", "get"), "header"),
            (Names{"IfNoneMatch", "Range"}));
  EXPECT_EQ(NamesIn(At("/v1/membership:watchChanges", "get"), "header"), (Names{"LastEventId"}));
}

TEST_F(OpenApiTest, AccessIsTold) {
  const Json& open = At("/v1/members/{member}", "get");
  EXPECT_THAT(open["x-roles"], ElementsAre("PUBLIC"));
  EXPECT_EQ(open["security"].dump(), R"([{},{"bearer":[]}])");
  EXPECT_FALSE(open["responses"].contains("403"));
  const Json& own = At("/v1/meetings/{meeting}/delegations/{delegation}:submitCredentials", "post");
  EXPECT_THAT(own["x-roles"], ElementsAre("MEMBER", "SECRETARIAT"));
  EXPECT_EQ(own["security"].dump(), R"([{"bearer":[]}])");
  EXPECT_TRUE(own["responses"].contains("403"));
  EXPECT_THAT(own["description"].get<std::string>(), HasSubstr("`participant.member`"));
}

TEST_F(OpenApiTest, WhatListsAreFilteredByIsTold) {
  const Json& list = At("/v1/meetings", "get");
  const auto has = [](const Json& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  EXPECT_TRUE(has(list["x-filterable"], "body"));
  EXPECT_TRUE(has(list["x-filterable"], "colocated_with"));
  EXPECT_FALSE(has(list["x-orderable"], "colocated_with"));
  EXPECT_TRUE(has(list["x-orderable"], "start_date"));
}

TEST_F(OpenApiTest, RequestsHaveLimitsAndRepliesHaveAllFields) {
  const Json& reply = Schema("membership.v1.Member");
  const Json& create = Schema("membership.v1.MemberInput");
  const Json& update = Schema("membership.v1.MemberUpdate");
  EXPECT_THAT(create["required"], ElementsAre("kind", "category", "displayName"));
  EXPECT_FALSE(update.contains("required"));
  EXPECT_EQ(create["additionalProperties"], false);
  EXPECT_EQ(create["properties"]["displayName"]["maxLength"], 300);
  EXPECT_EQ(create["properties"]["displayName"]["minLength"], 1);
  EXPECT_EQ(create["properties"]["regionCode"]["pattern"], "^([A-Z]{2})?$");
  EXPECT_EQ(create["properties"]["otherNames"]["maxItems"], 100);
  EXPECT_EQ(create["properties"]["uid"]["readOnly"], true);
  EXPECT_EQ(create["properties"]["createTime"]["format"], "date-time");
  EXPECT_FALSE(reply.contains("additionalProperties"));
  EXPECT_FALSE(reply["properties"]["displayName"].contains("maxLength"));
  const auto& all = reply["required"];
  EXPECT_NE(std::find(all.begin(), all.end(), "otherNames"), all.end());
  EXPECT_EQ(std::find(all.begin(), all.end(), "term"), all.end());
  EXPECT_EQ(Schema("meetings.v1.MeetingInput")["properties"]["ordinal"]["maximum"], 100000);
  const Json& size = Schema("meetings.v1.Document.Content")["properties"]["sizeBytes"];
  EXPECT_EQ(size["type"], "string");
  EXPECT_THAT(size["description"].get<std::string>(), HasSubstr("At most 67108864."));
}

TEST_F(OpenApiTest, CommentsAreDescriptions) {
  const Json& kind = Schema("membership.v1.Member.Kind");
  EXPECT_THAT(kind["enum"], ElementsAre("KIND_UNSPECIFIED", "STATE", "ORGANISATION"));
  EXPECT_THAT(kind["description"].get<std::string>(),
              HasSubstr("What a member is.\n\n- `KIND_UNSPECIFIED`: Not a kind; refused.\n"
                        "- `STATE`: A state or territory with an ISO 3166-1 code."));
  for (const Operation& operation : Operations()) {
    EXPECT_NE(operation.json["summary"], "") << operation.path;
    EXPECT_THAT(operation.json["summary"].get<std::string>(), Not(HasSubstr("\n")));
  }
  EXPECT_THAT((*document_)["tags"][2]["description"].get<std::string>(), HasSubstr("member"));
}

TEST_F(OpenApiTest, StreamsAndFilesHaveTheirOwnTypes) {
  const Json& watch = At("/v1/membership:watchChanges", "get")["responses"]["200"]["content"];
  EXPECT_EQ(watch["application/x-ndjson"]["schema"]["$ref"],
            "#/components/schemas/common.v1.WatchChangesResponse");
  EXPECT_TRUE(watch.contains("text/event-stream"));
  const Json& download =
      At("/v1/meetings/{meeting}/documents/{document}:download", "get")["responses"];
  EXPECT_TRUE(download["200"]["content"].contains("*/*"));
  EXPECT_TRUE(download.contains("206"));
  EXPECT_TRUE(download.contains("416"));
  EXPECT_TRUE(download.contains("304"));
  const Json& calendar = At("/v1/meetings:calendar", "get")["responses"];
  EXPECT_TRUE(calendar["200"]["content"].contains("text/calendar; charset=utf-8"));
  EXPECT_FALSE(calendar.contains("206"));
  EXPECT_FALSE(calendar.contains("416"));
  const Json& upload = At("/v1/meetings/{meeting}/documents/{document}:upload", "post");
  EXPECT_TRUE(upload["requestBody"]["content"].contains("*/*"));
}

TEST_F(OpenApiTest, EveryFileDeclaresItsMediaType) {
  int files = 0;
  for (const Operation& operation : Operations()) {
    const Binding& binding = *operation.match.binding;
    const auto& options = binding.method->options();
    EXPECT_EQ(options.HasExtension(api::v1::media_type), RepliesHttpBody(binding))
        << operation.path;
    if (RepliesHttpBody(binding)) ++files;
  }
  EXPECT_GT(files, 3);
}

TEST_F(OpenApiTest, ErrorsAreStatuses) {
  const Json& errors = (*document_)["components"]["responses"];
  for (const auto& [name, error] : errors.items()) {
    const Json& content = error["content"]["application/json"];
    EXPECT_EQ(content["schema"]["$ref"], "#/components/schemas/google.rpc.Status") << name;
    EXPECT_EQ(content["example"]["details"][0]["domain"], "baliprocess.net") << name;
  }
  EXPECT_EQ(Schema("google.rpc.ErrorInfo")["properties"]["reason"]["$ref"],
            "#/components/schemas/api.v1.Error.Reason");
  EXPECT_THAT(Schema("api.v1.Error.Reason")["description"].get<std::string>(),
              HasSubstr("- `ETAG_MISMATCH`: ABORTED: the resource has changed since"));
  EXPECT_TRUE(errors["TooManyRequests"]["headers"].contains("Retry-After"));
  EXPECT_EQ(Schema("google.rpc.Status")["properties"]["details"]["items"]["anyOf"].size(), 5U);
}

}  // namespace
}  // namespace baliprocess::gateway
