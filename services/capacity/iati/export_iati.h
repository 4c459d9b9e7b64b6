// The custom method that exports files of IATI.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_EXPORT_IATI_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_EXPORT_IATI_H_

#include "absl/status/status.h"

#include "baliprocess/capacity/v1/iati.pb.h"
#include "common/resource/engine/scope.h"

namespace baliprocess::capacity {

using resource::Scope;

absl::Status ExportIati(Scope& scope, const v1::ExportIatiRequest& request, v1::IatiExport& reply);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_EXPORT_IATI_H_
