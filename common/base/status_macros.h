// Early return on error for functions that return absl::Status or absl::StatusOr.

#ifndef BALIPROCESS_COMMON_BASE_STATUS_MACROS_H_
#define BALIPROCESS_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// RETURN_IF_ERROR(expression): returns the status of `expression` unless it is OK.
#define RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                    \
    if (::absl::Status bali_status = (expression); !bali_status.ok()) return bali_status; \
  } while (false)

// ASSIGN_OR_RETURN(target, expression): assigns the value of a StatusOr to `target` (which may be a
// declaration), or returns its status.
#define ASSIGN_OR_RETURN(target, ...) \
  BALI_ASSIGN_OR_RETURN_(BALI_CONCAT_(bali_statusor_, __LINE__), target, __VA_ARGS__)
#define BALI_ASSIGN_OR_RETURN_(statusor, target, ...)      \
  auto statusor = (__VA_ARGS__);                           \
  if (!statusor.ok()) return std::move(statusor).status(); \
  target = *std::move(statusor)
#define BALI_CONCAT_(a, b) BALI_CONCAT_INNER_(a, b)
#define BALI_CONCAT_INNER_(a, b) a##b

#endif  // BALIPROCESS_COMMON_BASE_STATUS_MACROS_H_
