// The flags that decide on logs, --log_level and --log_format, for a program's main.

#ifndef BALIPROCESS_COMMON_TELEMETRY_LOG_FLAGS_H_
#define BALIPROCESS_COMMON_TELEMETRY_LOG_FLAGS_H_

#include <vector>

#include "common/base/config.h"
#include "common/telemetry/log.h"

namespace baliprocess::telemetry {

// What the flags say.
LogOptions LogOptionsFromFlags();

// Logs the configuration in effect: one line, with every setting.
void LogConfiguration(const std::vector<Setting>& settings);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_LOG_FLAGS_H_
