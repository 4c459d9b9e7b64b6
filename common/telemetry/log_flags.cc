#include "common/telemetry/log_flags.h"

#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/marshalling.h"
#include "absl/strings/str_cat.h"

// absl finds how to read and write these by the types' own namespace.
namespace baliprocess::telemetry {

bool AbslParseFlag(absl::string_view text, Level* level, std::string* error) {
  for (const auto& [name, value] :
       {std::pair("debug", Level::kDebug), std::pair("info", Level::kInfo),
        std::pair("warn", Level::kWarn), std::pair("error", Level::kError)}) {
    if (text == name) {
      *level = value;
      return true;
    }
  }
  *error = "must be debug, info, warn or error";
  return false;
}

std::string AbslUnparseFlag(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      break;
  }
  return "error";
}

bool AbslParseFlag(absl::string_view text, Format* format, std::string* error) {
  if (text != "json" && text != "text") {
    *error = "must be json or text";
    return false;
  }
  *format = text == "json" ? Format::kJson : Format::kText;
  return true;
}

std::string AbslUnparseFlag(Format format) { return format == Format::kJson ? "json" : "text"; }

}  // namespace baliprocess::telemetry

ABSL_FLAG(baliprocess::telemetry::Level, log_level, baliprocess::telemetry::Level::kInfo,
          "The least level that is logged: debug, info, warn or error.");
ABSL_FLAG(baliprocess::telemetry::Format, log_format, baliprocess::telemetry::Format::kJson,
          "The form of log lines on standard error: json or text.");

namespace baliprocess::telemetry {

LogOptions LogOptionsFromFlags() {
  LogOptions options;
  options.level = absl::GetFlag(FLAGS_log_level);
  options.format = absl::GetFlag(FLAGS_log_format);
  return options;
}

void LogConfiguration(const std::vector<Setting>& settings) {
  LogLine line = Log(Level::kInfo, "config", "configuration in effect");
  std::string sources;
  for (const Setting& setting : settings) {
    line.Field(setting.name, std::string_view(setting.value));
    if (setting.source == "default") continue;
    absl::StrAppend(&sources, sources.empty() ? "" : ", ", setting.name, ": ", setting.source);
  }
  line.Field("sources", std::string_view(sources));
}

}  // namespace baliprocess::telemetry
