#include "common/telemetry/log_flags.h"

#include <string>
#include <string_view>

#include "absl/flags/flag.h"
#include "absl/flags/marshalling.h"
#include "absl/strings/str_cat.h"

#include "common/telemetry/log_text.h"

// absl finds how to read and write these by the types' own namespace.
namespace baliprocess::telemetry {

bool AbslParseFlag(absl::string_view text, Level* level, std::string* error) {
  for (const Level value : {Level::kDebug, Level::kInfo, Level::kWarn, Level::kError}) {
    if (std::string_view(text.data(), text.size()) == LevelName(value)) {
      *level = value;
      return true;
    }
  }
  *error = "must be debug, info, warn or error";
  return false;
}

std::string AbslUnparseFlag(Level level) { return std::string(LevelName(level)); }

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
