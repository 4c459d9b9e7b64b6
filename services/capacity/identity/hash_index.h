// The identity hashes of all live practitioners, as a table by which persons that share one are
// found without a look at the others.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IDENTITY_HASH_INDEX_H_
#define BALIPROCESS_SERVICES_CAPACITY_IDENTITY_HASH_INDEX_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/capacity/v1/practitioner.pb.h"
#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::capacity {

// Has a row for each hash of a live practitioner, with the person whom it stands for, and whether
// another person has that hash as well.
resource::SideTable HashTable();

// Makes the rows of a practitioner what it is: for Rules.derive.
absl::Status KeepHashes(storage::Transaction& tx, const v1::Practitioner& practitioner);

// Up to `limit` persons after `after`, by name, who share a hash with another.
absl::StatusOr<std::vector<std::string>> SharingPersons(storage::Transaction& tx,
                                                        const std::string& after, int limit);

// The person and all who are linked to it by hashes that they share, directly or through others;
// by name.
absl::StatusOr<std::vector<std::string>> LinkedPersons(storage::Transaction& tx,
                                                       const std::string& person);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IDENTITY_HASH_INDEX_H_
