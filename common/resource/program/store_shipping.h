// Shipping what changes in the store to a folder, as the flags of a service say.

#ifndef BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_SHIPPING_H_
#define BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_SHIPPING_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "common/storage/shipping.h"
#include "common/telemetry/operators.h"

namespace baliprocess::resource {

// Logs what is done, and shows what is counted.
class StoreShipping final : public telemetry::Inspected {
 public:
  // What --ship_changes and --keep_shipped say for the store `target` of a service, such as
  // `membership`. Null: nothing is shipped.
  static absl::StatusOr<std::unique_ptr<StoreShipping>> FromFlags(const std::string& target,
                                                                  const std::string& service);

  const storage::ShippingOptions& options() const { return options_; }

  void AddMetrics(telemetry::Families& families) const override;

 private:
  explicit StoreShipping(storage::ShippingOptions options) : options_(std::move(options)) {}

  const storage::ShippingOptions options_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_PROGRAM_STORE_SHIPPING_H_
