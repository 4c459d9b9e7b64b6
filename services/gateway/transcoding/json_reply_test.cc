#include "services/gateway/transcoding/json_reply.h"

#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "google/rpc/status.pb.h"
#include <nlohmann/json.hpp>

#include "common/base/errors.h"
#include "common/testing/matchers.h"
#include "services/gateway/transcoding/bindings.h"
#include "services/gateway/transcoding/http_status.h"
#include "services/gateway/transcoding/json_reader.h"
#include "services/gateway/transcoding/json_writer.h"
#include "services/gateway/transcoding/testing/test_message.h"
#include "services/gateway/transcoding/testing/text_contract.h"

namespace baliprocess::gateway {
namespace {

using ::testing::HasSubstr;

class JsonReplyTest : public ::testing::Test {
 protected:
  std::unique_ptr<google::protobuf::Message> Parsed(const std::string& text) {
    auto message = contract_->New("Message");
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }

  // One field's JSON, of a message in text format.
  std::string Field(const std::string& text, const std::string& field) {
    const auto message = Parsed(text);
    std::string json;
    AppendJsonField(*message, *message->GetDescriptor()->FindFieldByName(field), json);
    return json;
  }

  // What is sent for a message in text format by a method's binding.
  ReplyContent Content(size_t method, const std::string& text) {
    return ContentOf(*bindings_->all()[method], *Parsed(text));
  }

  std::unique_ptr<TextContract> contract_ = TextContract::OfRules(
      {R"(get: "/whole")", R"(get: "/string" response_body: "f_string")",
       R"(get: "/list" response_body: "r_int32")", R"(get: "/sub" response_body: "sub")",
       R"(get: "/file" response_body: "file")", R"(get: "/map" response_body: "counts")",
       R"(get: "/time" response_body: "time")"},
      kTestMessage);
  absl::StatusOr<Bindings> bindings_ = Bindings::Create(contract_->methods());
};

TEST_F(JsonReplyTest, WritesEveryKindOfField) {
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"f_int32: -5", "f_int32", "-5"},
      {"f_int64: -9223372036854775808", "f_int64", "\"-9223372036854775808\""},
      {"f_uint32: 4294967295", "f_uint32", "4294967295"},
      {"f_uint64: 18446744073709551615", "f_uint64", "\"18446744073709551615\""},
      {"f_fixed64: 1", "f_fixed64", "\"1\""},
      {"f_double: 0.1", "f_double", "0.1"},
      {"f_double: 1e100", "f_double", "1e+100"},
      {"f_double: -0.0", "f_double", "-0.0"},
      {"f_double: nan", "f_double", "\"NaN\""},
      {"f_double: -inf", "f_double", "\"-Infinity\""},
      {"f_float: 0.1", "f_float", "0.1"},
      {"f_float: inf", "f_float", "\"Infinity\""},
      {"f_bool: true", "f_bool", "true"},
      {"f_bytes: '\\373\\377'", "f_bytes", "\"+/8=\""},
      {"color: GREEN", "color", "\"GREEN\""},
      {"color: 7", "color", "7"},
      {"f_string: 'a\\\"\\\\/\\n\\r\\t\\001<é'", "f_string", R"("a\"\\/\n\r\t\u0001<é")"},
      {"r_int32: 1 r_int32: 2", "r_int32", "[1,2]"},
      {"r_color: RED r_color: 9", "r_color", "[\"RED\",9]"},
      {"", "r_string", "[]"},
      {"counts { key: 'b\"' value: 2 }", "counts", R"({"b\"":2})"},
      {"by_bool { key: true value: 'x' }", "by_bool", R"({"true":"x"})"},
      {"", "counts", "{}"},
      {"time { seconds: 1714642200 nanos: 500000000 }", "time", "\"2024-05-02T09:30:00.500Z\""},
      {"time { seconds: -99999999999999 }", "time", "null"},
      {"duration { seconds: -1 nanos: -500000000 }", "duration", "\"-1.500s\""},
      {"mask { paths: 'a_b.c_d' paths: 'e' }", "mask", "\"aB.cD,e\""},
      {"w_int64 { value: 5 }", "w_int64", "\"5\""},
      {"w_string { }", "w_string", "\"\""},
      {"w_bool { }", "w_bool", "false"},
      {"empty { }", "empty", "{}"},
      {"struct { fields { key: 'a' value { number_value: 1 } } }", "struct", R"({"a":1})"},
      {"value { }", "value", "null"},
      {"value { null_value: NULL_VALUE }", "value", "null"},
      {"value { list_value { values { bool_value: true } values { string_value: 'x' } } }", "value",
       R"([true,"x"])"},
      {"list { values { number_value: 0.5 } }", "list", "[0.5]"},
      {"times { seconds: 1 } times { seconds: 2 }", "times",
       R"(["1970-01-01T00:00:01Z","1970-01-01T00:00:02Z"])"},
      {"p_int32: 0", "p_int32", "0"},
      {"", "p_int32", "null"},
      {"", "sub", "null"},
      {"", "time", "null"},
  };
  for (const auto& [text, field, json] : rows) EXPECT_EQ(Field(text, field), json) << text;
}

TEST_F(JsonReplyTest, WritesFieldsWithoutPresenceAlwaysAndOthersWhenTheyAreSet) {
  std::string json;
  AppendJson(*Parsed("p_int32: 0 sub { } this: '' empty { } renamed: 'x'"), json);
  const auto read = nlohmann::json::parse(json);
  const auto expected = nlohmann::json::parse(R"({
         "fInt32": 0, "fInt64": "0", "fDouble": 0, "fBool": false, "fString": "", "fBytes": "",
         "color": "COLOR_UNSPECIFIED", "rInt32": [], "subs": [], "counts": {}, "other-name": "x",
         "pInt32": 0, "this": "", "empty": {}})");
  for (const auto& [name, value] : expected.items()) {
    ASSERT_TRUE(read.contains(name)) << name;
    EXPECT_EQ(read[name], value) << name;
  }
  for (const char* name : {"pString", "time", "that", "other", "wInt32", "struct", "file"}) {
    EXPECT_FALSE(read.contains(name)) << name;
  }
  EXPECT_EQ(read["sub"]["fInt32"], 0);
  EXPECT_FALSE(read["sub"].contains("sub"));
}

TEST_F(JsonReplyTest, WritesAnyByItsType) {
  const std::pair<const char*, const char*> rows[] = {
      {"any { type_url: 'type.googleapis.com/test.Message' value: '\\010\\005' }",
       R"("@type":"type.googleapis.com/test.Message","fInt32":5)"},
      {"any { }", "{}"},
      {"any { type_url: 'type.googleapis.com/nobody.Knows' value: 'a' }",
       R"({"@type":"type.googleapis.com/nobody.Knows","value":"YQ=="})"},
      {"any { type_url: 'nonsense' value: 'a' }", R"({"@type":"nonsense","value":"YQ=="})"},
      {"any { type_url: 'x/test.Message' value: '\\377' }",
       R"({"@type":"x/test.Message","value":"/w=="})"},
      {"any { type_url: 'x/google.protobuf.Duration' value: '\\010\\001' }",
       R"({"@type":"x/google.protobuf.Duration","value":"1s"})"},
  };
  for (const auto& [text, json] : rows) EXPECT_THAT(Field(text, "any"), HasSubstr(json)) << text;
}

TEST_F(JsonReplyTest, BoundsTheDepthOfAny) {
  google::protobuf::Any any;
  for (int i = 0; i < 1000; ++i) {
    google::protobuf::Any outer;
    outer.PackFrom(any);
    any.Swap(&outer);
  }
  std::string json;
  AppendJson(any, json);
  EXPECT_TRUE(nlohmann::json::accept(json));
  EXPECT_THAT(json, HasSubstr(R"("value":"C)"));  // the rest, as bytes
}

TEST_F(JsonReplyTest, BoundsTheDepthOfMessages) {
  const auto message = contract_->New("Message");
  const auto* sub = message->GetDescriptor()->FindFieldByName("sub");
  google::protobuf::Message* inner = message.get();
  for (int i = 0; i < 200; ++i) inner = inner->GetReflection()->MutableMessage(inner, sub);
  std::string json;
  AppendJson(*message, json);
  EXPECT_TRUE(nlohmann::json::accept(json));
  size_t depth = 0;
  for (size_t at = 0; (at = json.find("\"sub\":", at)) != std::string::npos; ++at) ++depth;
  EXPECT_EQ(depth, 100U);
}

TEST_F(JsonReplyTest, HonoursTheResponseBody) {
  ASSERT_TRUE(bindings_.ok()) << bindings_.status();
  EXPECT_EQ(Content(0, "f_string: 'a'").type, "application/json");
  EXPECT_THAT(Content(0, "f_string: 'a'").data, HasSubstr(R"("fString":"a")"));
  EXPECT_EQ(Content(1, "f_string: 'a'").data, "\"a\"");
  EXPECT_EQ(Content(1, "").data, "\"\"");
  EXPECT_EQ(Content(2, "r_int32: 1").data, "[1]");
  EXPECT_EQ(Content(2, "").data, "[]");
  EXPECT_THAT(Content(3, "sub { f_int32: 7 }").data, HasSubstr("{\"fInt32\":7,"));
  EXPECT_EQ(Content(3, "f_int32: 1").data, "null");
  EXPECT_EQ(Content(5, "counts { key: 'a' value: 1 }").data, "{\"a\":1}");
  EXPECT_EQ(Content(6, "time { }").data, "\"1970-01-01T00:00:00Z\"");
}

TEST_F(JsonReplyTest, SendsHttpBodiesAsTheyAre) {
  EXPECT_TRUE(RepliesHttpBody(*bindings_->all()[4]));
  EXPECT_FALSE(RepliesHttpBody(*bindings_->all()[0]));
  const ReplyContent content =
      Content(4, "file { content_type: 'text/calendar' data: 'B\\n\\377' }");
  EXPECT_EQ(content.type, "text/calendar");
  EXPECT_EQ(content.data, "B\n\xff");
  EXPECT_EQ(Content(4, "f_int32: 1").data, "");

  ASSERT_OK_AND_ASSIGN(const Bindings own, Bindings::Create(OwnMethods()));
  for (const auto& [path, is] :
       {std::pair("/v1/meetings/m/documents/d:download", true),
        std::pair("/v1/meetings:calendar", true), std::pair("/v1/bodies/b:iatiActivities", true),
        std::pair("/v1/members/aus", false)}) {
    EXPECT_EQ(RepliesHttpBody(*own.Find("GET", path)->binding), is) << path;
  }
}

// What is written reads as what it was.
TEST_F(JsonReplyTest, IsReadBack) {
  const auto message = Parsed(R"(
    f_int32: -1 f_int64: 5 f_uint64: 18446744073709551615 f_double: 1.7976931348623157e+308
    f_float: 3.4028235e+38 f_bool: true f_string: "a\"\\\n\001é" f_bytes: "\377\000" color: GREEN
    p_int32: 0 r_int32: [1, 2] r_string: ["", "x"] r_color: [RED, COLOR_UNSPECIFIED]
    sub { sub { f_int32: 1 } } subs { } subs { f_string: "y" } counts { key: "k" value: 1 }
    by_number { key: -3 value { } } by_bool { key: false value: "z" } time { seconds: 5 nanos: 7 }
    duration { nanos: -1 } mask { paths: "a_b" } w_int32 { } w_string { value: "w" } value { string_value: "v" }
    struct { fields { key: "s" value { null_value: NULL_VALUE } } } list { } empty { } that: 0)");
  std::string json;
  AppendJson(*message, json);
  const auto read = contract_->New("Message");
  Violations violations;
  EXPECT_OK(ReadJson(json, *read, violations));
  EXPECT_OK(violations.ToStatus());
  EXPECT_EQ(read->DebugString(), message->DebugString()) << json;
}

TEST(ErrorJsonTest, IsABareStatusWithItsDetails) {
  const absl::Status status =
      WithRetryAfter(InvalidField("member.kind", "must be \"STATE\""), absl::Milliseconds(1500));
  const auto json = nlohmann::json::parse(ErrorJson(ToRpcStatus(status)));
  EXPECT_EQ(json["code"], 3);
  EXPECT_EQ(json["message"], "member.kind: must be \"STATE\"");
  ASSERT_EQ(json["details"].size(), 3U);
  std::map<std::string, nlohmann::json> details;
  for (const auto& detail : json["details"]) details[detail["@type"]] = detail;
  EXPECT_EQ(details["type.googleapis.com/google.rpc.ErrorInfo"]["reason"], "INVALID_FIELDS");
  EXPECT_EQ(details["type.googleapis.com/google.rpc.ErrorInfo"]["domain"], "baliprocess.net");
  EXPECT_EQ(details["type.googleapis.com/google.rpc.RetryInfo"]["retryDelay"], "1.500s");
  const auto& violation =
      details["type.googleapis.com/google.rpc.BadRequest"]["fieldViolations"][0];
  EXPECT_EQ(violation["field"], "member.kind");
  EXPECT_EQ(violation["description"], "must be \"STATE\"");
}

TEST(ErrorJsonTest, TellsDetailsThatNobodyKnows) {
  google::rpc::Status status;
  status.set_code(5);
  status.set_message("no");
  status.add_details()->set_type_url("type.googleapis.com/foreign.Detail");
  status.mutable_details(0)->set_value("\xff");
  status.add_details();
  EXPECT_EQ(ErrorJson(status),
            R"({"code":5,"message":"no","details":[{"@type":"type.googleapis.com/foreign.Detail",)"
            R"("value":"/w=="},{}]})");
}

}  // namespace
}  // namespace baliprocess::gateway
