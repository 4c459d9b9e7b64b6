#include "common/resource/store/store_status.h"

#include "absl/time/time.h"

#include "common/base/errors.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

absl::Status FromStore(absl::Status status) {
  using storage::ErrorClass;
  switch (storage::ClassOf(status)) {
    case ErrorClass::kConflict:
    case ErrorClass::kUnique:
      return WithRetryAfter(Error(api::v1::Error::CONFLICT,
                                  "concurrent changes kept this one from completing: try again"),
                            absl::Milliseconds(50));
    case ErrorClass::kTimeout:
      return WithRetryAfter(
          Error(api::v1::Error::OVERLOADED, "the store took too long: try again, or ask for less"),
          absl::Seconds(1));
    case ErrorClass::kConnectionLost:
      return WithRetryAfter(
          Error(
              api::v1::Error::TEMPORARILY_UNAVAILABLE,
              "the store can't be reached: try again. If this was a change, it may have been made: "
              "repeat it with the same request_id"),
          absl::Seconds(1));
    case ErrorClass::kDisk:
      return WithRetryAfter(
          Error(api::v1::Error::TEMPORARILY_UNAVAILABLE,
                "the store's disk is full or fails: try again later. If this was a change, it may "
                "have been made: repeat it with the same request_id"),
          absl::Seconds(1));
    default:
      return status;
  }
}

}  // namespace baliprocess::resource
