// How errors of the store are made, by the engines and by layers over them.

#ifndef BALIPROCESS_COMMON_STORAGE_STORE_ERROR_H_
#define BALIPROCESS_COMMON_STORAGE_STORE_ERROR_H_

#include <string_view>

#include "absl/status/status.h"

#include "common/storage/database.h"

namespace baliprocess::storage {

// An error of the store: `message` is the driver's words.
absl::Status StoreError(ErrorClass error_class, std::string_view message);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_STORE_ERROR_H_
