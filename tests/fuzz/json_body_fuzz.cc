// JSON bodies: what is read is JSON, makes a valid message, and is written as JSON that reads as
// what was written; what isn't is refused for a reason that callers are told.

#include <google/protobuf/message.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/errors.h"
#include "services/gateway/transcoding/json_reader.h"
#include "services/gateway/transcoding/json_writer.h"
#include "services/gateway/transcoding/testing/test_message.h"
#include "services/gateway/transcoding/testing/text_contract.h"

namespace {

using baliprocess::ReasonOf;
using baliprocess::Violations;
using baliprocess::api::v1::Error;
using baliprocess::gateway::TextContract;

void Require(bool holds, const char* what, std::string_view input) {
  if (holds) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(input.size()), input.data());
  std::abort();
}

absl::Status Read(std::string_view json, google::protobuf::Message& message) {
  Violations violations;
  const absl::Status status = baliprocess::gateway::ReadJson(json, message, violations);
  return status.ok() ? violations.ToStatus() : status;
}

std::string Written(const google::protobuf::Message& message) {
  std::string json;
  baliprocess::gateway::AppendJson(message, json);
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static TextContract& contract = *new TextContract(baliprocess::gateway::kTestMessage);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto message = contract.New("Message");
  const absl::Status status = Read(input, *message);
  if (!status.ok()) {
    Require(
        ReasonOf(status) == Error::INVALID_FIELDS || ReasonOf(status) == Error::MALFORMED_REQUEST,
        "reason", input);
    return 0;
  }
  Require(nlohmann::json::accept(input), "not JSON", input);
  Require(contract.New("Message")->ParseFromString(message->SerializeAsString()), "not a message",
          input);
  const std::string written = Written(*message);
  const auto again = contract.New("Message");
  const absl::Status read = Read(written, *again);
  Require(read.ok(), std::string(read.message()).c_str(), written);
  Require(Written(*again) == written, "another message", written);
  return 0;
}
