#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/erase.h"
#include "services/capacity/identity/methods.h"

namespace baliprocess::capacity {

namespace {

// All records of the person whom `name` stands for: up the merges as they were made, and down
// again. Who stands for a deleted record isn't known by it, as merges since didn't change it.
constexpr char kRecordsOfPerson[] =
    "WITH RECURSIVE above (name) AS (SELECT CAST(? AS TEXT) UNION SELECT p.merged_into FROM above "
    "CROSS JOIN practitioners p WHERE p.name = above.name AND p.merged_into > ''), "
    "records (name) AS (SELECT name FROM above UNION SELECT p.name FROM records CROSS JOIN "
    "practitioners p WHERE p.merged_into = records.name) SELECT name FROM records ORDER BY name";

}  // namespace

// What was merged identifies the person as well, deleted or not.
absl::Status ErasePractitioner(Scope& scope, const v1::ErasePractitionerRequest& request,
                               v1::Practitioner& reply) {
  RETURN_IF_ERROR(resource::Erase(scope, request, reply));
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query(kRecordsOfPerson, {reply.name()}));
  for (const storage::Row& row : rows) {
    v1::Practitioner other;
    RETURN_IF_ERROR(scope.GetAnyInto(storage::AsText(row[0]), other));
    if (other.has_erase_time()) continue;
    *other.mutable_erase_time() = reply.erase_time();
    RETURN_IF_ERROR(scope.Erase(other));
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
