// Requests as rows of a table: what a method gets for an HTTP request, or what is wrong with it.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_REQUEST_ROWS_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_REQUEST_ROWS_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

#include "common/base/errors.h"
#include "services/gateway/transcoding/json_request.h"
#include "services/gateway/transcoding/testing/test_message.h"
#include "services/gateway/transcoding/testing/text_contract.h"

namespace baliprocess::gateway {

// The violations of an error, as `path: rule; path: rule`.
inline std::string ViolationsOf(const absl::Status& status) {
  const google::rpc::Status rpc = ToRpcStatus(status);
  google::rpc::BadRequest fields;
  for (const auto& detail : rpc.details()) detail.UnpackTo(&fields);
  std::string text;
  for (const auto& violation : fields.field_violations()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", violation.field(), ": ",
                    violation.description());
  }
  return text;
}

// Methods M0, M1, ... of kTestMessage with these rules.
class RequestTable {
 public:
  explicit RequestTable(const std::vector<std::string>& rules)
      : contract_(TextContract::OfRules(rules, kTestMessage)),
        bindings_(Bindings::Create(contract_->methods())) {}

  // The request message in text format, on one line; or its violations after a question mark; or
  // the message of another error after an exclamation mark.
  std::string Read(std::string_view http_method, std::string_view path, std::string_view query,
                   const HttpContent& content = {}) {
    if (!bindings_.ok()) return bindings_.status().ToString();
    const auto match = bindings_->Find(http_method, path);
    if (!match.ok() || match->binding == nullptr) return "no binding";
    const auto request = contract_->New("Message");
    absl::Status status;
    const auto parameters = ParseQuery(query);
    status =
        parameters.ok() ? ReadRequest(*match, *parameters, content, *request) : parameters.status();
    if (status.ok()) return Printed(*request);
    if (ReasonOf(status) == api::v1::Error::INVALID_FIELDS) {
      return absl::StrCat("?", ViolationsOf(status));
    }
    EXPECT_EQ(ReasonOf(status), api::v1::Error::MALFORMED_REQUEST) << status;
    return absl::StrCat("!", std::string(status.message()));
  }

  static std::string Printed(const google::protobuf::Message& message) {
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    printer.PrintToString(message, &text);
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

  TextContract& contract() { return *contract_; }

 private:
  std::unique_ptr<TextContract> contract_;
  absl::StatusOr<Bindings> bindings_;
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_REQUEST_ROWS_H_
