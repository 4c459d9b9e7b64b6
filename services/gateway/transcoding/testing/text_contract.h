// Contracts that tests write as text, with what every one of them may import.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_TEXT_CONTRACT_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_TEXT_CONTRACT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baliprocess::gateway {

// Types that aren't compiled in.
class TextContract {
 public:
  // `text` is what follows `package test;` and the imports. A text that doesn't compile fails the
  // test, and leaves the contract without a file.
  explicit TextContract(std::string_view text);
  TextContract(std::string_view name, std::string_view whole_text);

  // The contract of a file, whose imports are compiled in.
  static std::unique_ptr<TextContract> OfFile(const std::string& path);

  // A contract of one service, `Service`, whose methods M0, M1, ... take and return `test.Message`
  // and have these rules: what stands within `option (google.api.http) = {...}`.
  static std::unique_ptr<TextContract> OfRules(const std::vector<std::string>& rules,
                                               std::string_view messages);

  const google::protobuf::FileDescriptor& file() const { return *file_; }
  std::vector<const google::protobuf::MethodDescriptor*> methods() const;

  // An empty message of a type, such as `Message`.
  std::unique_ptr<google::protobuf::Message> New(const std::string& name);

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

// Every method of the suite's own services.
std::vector<const google::protobuf::MethodDescriptor*> OwnMethods();

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_TEXT_CONTRACT_H_
