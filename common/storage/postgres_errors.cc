#include "common/storage/postgres_errors.h"

#include <cstddef>

namespace baliprocess::storage {

ErrorClass ClassOfCode(std::string_view sqlstate) {
  if (sqlstate == "23505") return ErrorClass::kUnique;
  if (sqlstate == "23514" || sqlstate == "23502") return ErrorClass::kCheck;
  if (sqlstate == "40001" || sqlstate == "40P01") return ErrorClass::kConflict;
  // A statement, or the wait for a lock, took too long.
  if (sqlstate == "57014" || sqlstate == "55P03") return ErrorClass::kTimeout;
  // 08P01 is a wrong number of parameters.
  if (sqlstate == "08P01") return ErrorClass::kOther;
  // 25006: what was the primary has become a standby. 25P03: idle in a transaction for too long.
  // 40003: whether the statement took effect is unknown. 57P01 to 57P03: the server shuts down,
  // crashes or starts.
  for (const char* lost : {"25006", "25P03", "40003", "57P01", "57P02", "57P03"}) {
    if (sqlstate == lost) return ErrorClass::kConnectionLost;
  }
  if (sqlstate.starts_with("08")) return ErrorClass::kConnectionLost;
  // Disk full, out of memory, an I/O error: the server is there, and can't do its work.
  if (sqlstate.starts_with("53") || sqlstate == "58030") return ErrorClass::kDisk;
  return ErrorClass::kOther;
}

std::string_view CodeIn(std::string_view message) {
  constexpr size_t kLength = 5;
  for (size_t colon = message.find(":  "); colon != std::string_view::npos;
       colon = message.find(":  ", colon + 1)) {
    const std::string_view code = message.substr(colon + 3, kLength);
    if (code.size() == kLength && message.substr(colon + 3 + kLength, 1) == ":") return code;
  }
  return "";
}

std::string FirstLine(std::string_view message) {
  return std::string(message.substr(0, message.find('\n')));
}

}  // namespace baliprocess::storage
