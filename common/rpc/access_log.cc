#include "common/rpc/access_log.h"

#include <array>
#include <cstdint>
#include <string>

#include "common/base/errors.h"
#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"

namespace baliprocess::rpc {
namespace {

// The roles as text, for each set of them: `PUBLIC,MEMBER`.
std::string_view RoleNames(uint32_t roles) {
  static const auto* const names = [] {
    auto* table = new std::array<std::string, 1u << api::v1::Access::Role_ARRAYSIZE>();
    for (uint32_t set = 0; set < table->size(); ++set) {
      for (int role = 1; role < api::v1::Access::Role_ARRAYSIZE; ++role) {
        if (!((set >> role) & 1u)) continue;
        std::string& text = (*table)[set];
        text.append(text.empty() ? "" : ",")
            .append(api::v1::Access::Role_Name(static_cast<api::v1::Access::Role>(role)));
      }
    }
    return table;
  }();
  return (*names)[roles % names->size()];
}

}  // namespace

void AccessLog::OnEnd(const CallView& call, const CallEnd& end) {
  const auto level = call.housekeeping ? telemetry::Level::kDebug : telemetry::Level::kInfo;
  if (!telemetry::LogEnabled(level)) return;
  const Call& made = call.call;
  telemetry::LogLine line = telemetry::Log(level, "access", "call");
  line.Field("method", call.method).Field("code", absl::StatusCodeToString(end.status.code()));
  const ErrorReason reason = ReasonOf(end.status);
  if (reason != api::v1::Error::REASON_UNSPECIFIED) {
    line.Field("reason", std::string_view(api::v1::Error::Reason_Name(reason)));
  }
  line.Field("duration_us", absl::ToInt64Microseconds(end.took))
      .Field("subject", std::string_view(made.caller.subject))
      .Field("roles", RoleNames(made.caller.roles))
      .Field("peer", std::string_view(call.peer()))
      .Field("request_id", std::string_view(made.call_id))
      .Field("trace_id", telemetry::TraceIdOf(made.traceparent))
      .Field("request_bytes", end.request_bytes)
      .Field("reply_bytes", end.reply_bytes);
}

}  // namespace baliprocess::rpc
