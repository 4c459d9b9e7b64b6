#include "services/gateway/transcoding/testing/text_contract.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "google/api/annotations.pb.h"
#include "google/api/httpbody.pb.h"

namespace baliprocess::gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// Fails the test with what is wrong with a contract.
class Failures final : public google::protobuf::io::ErrorCollector,
                       public google::protobuf::DescriptorPool::ErrorCollector {
 public:
  void AddError(int line, int /*column*/, const std::string& message) override {
    ADD_FAILURE() << "line " << line << ": " << message;
  }
  void AddError(const std::string& /*file*/, const std::string& element,
                const google::protobuf::Message* /*descriptor*/, ErrorLocation /*location*/,
                const std::string& message) override {
    ADD_FAILURE() << element << ": " << message;
  }
};

// Compiled in, and known to the pool by that.
std::string Imports() {
  std::string imports;
  for (const FileDescriptor* file :
       {google::protobuf::Any::descriptor()->file(),
        google::protobuf::Duration::descriptor()->file(),
        google::protobuf::Empty::descriptor()->file(),
        google::protobuf::FieldMask::descriptor()->file(),
        google::protobuf::Struct::descriptor()->file(),
        google::protobuf::Timestamp::descriptor()->file(),
        google::protobuf::Int32Value::descriptor()->file(),
        google::api::HttpRule::descriptor()->file(), google::api::HttpBody::descriptor()->file(),
        DescriptorPool::generated_pool()->FindFileByName("google/api/annotations.proto")}) {
    absl::StrAppend(&imports, "import \"", file->name(), "\";\n");
  }
  return imports;
}

void AddMethods(const FileDescriptor& file, std::vector<const MethodDescriptor*>& methods) {
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      methods.push_back(file.service(s)->method(m));
    }
  }
}

}  // namespace

TextContract::TextContract(std::string_view text)
    : TextContract("test.proto", absl::StrCat("syntax = \"proto3\";\npackage test;\n", Imports(),
                                              std::string(text))) {}

TextContract::TextContract(std::string_view name, std::string_view whole_text)
    : pool_(DescriptorPool::generated_pool()) {
  Failures failures;
  google::protobuf::io::ArrayInputStream input(whole_text.data(),
                                               static_cast<int>(whole_text.size()));
  google::protobuf::io::Tokenizer tokenizer(&input, &failures);
  google::protobuf::compiler::Parser parser;
  parser.RecordErrorsTo(&failures);
  google::protobuf::FileDescriptorProto proto;
  if (!parser.Parse(&tokenizer, &proto)) return;
  proto.set_name(std::string(name));
  // The pool itself knows only the files that were asked for.
  for (const std::string& import : proto.dependency()) {
    DescriptorPool::generated_pool()->FindFileByName(import);
  }
  file_ = pool_.BuildFileCollectingErrors(proto, &failures);
}

std::unique_ptr<TextContract> TextContract::OfFile(const std::string& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return std::make_unique<TextContract>(path, text);
}

std::unique_ptr<TextContract> TextContract::OfRules(const std::vector<std::string>& rules,
                                                    std::string_view messages) {
  std::string text = absl::StrCat(std::string(messages), "service Service {\n");
  for (size_t i = 0; i < rules.size(); ++i) {
    absl::StrAppend(&text, "rpc M", i, "(Message) returns (Message) { option (google.api.http) = {",
                    rules[i], "}; }\n");
  }
  return std::make_unique<TextContract>(absl::StrCat(text, "}\n"));
}

std::vector<const MethodDescriptor*> TextContract::methods() const {
  std::vector<const MethodDescriptor*> methods;
  if (file_ != nullptr) AddMethods(*file_, methods);
  return methods;
}

std::unique_ptr<google::protobuf::Message> TextContract::New(const std::string& name) {
  return std::unique_ptr<google::protobuf::Message>(
      factory_.GetPrototype(file_->FindMessageTypeByName(name))->New());
}

std::vector<const MethodDescriptor*> OwnMethods() {
  std::vector<const MethodDescriptor*> methods;
  std::vector<std::string> files;
  // The pool itself knows only the files that were asked for.
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  for (const std::string& file : files) {
    if (!file.starts_with("baliprocess/")) continue;
    AddMethods(*DescriptorPool::generated_pool()->FindFileByName(file), methods);
  }
  return methods;
}

}  // namespace baliprocess::gateway
