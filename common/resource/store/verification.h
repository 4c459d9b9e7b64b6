// Whether the records of a type are what the change log made of them.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_VERIFICATION_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_VERIFICATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/operate/v1/store_service.pb.h"
#include "common/base/ids.h"
#include "common/resource/store/resource_type.h"
#include "common/resource/store/table.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Goes through the records of one type, and then through the names in the change log that have
// none. A page is one transaction, so that each record is compared with its newest change of the
// same moment, and writers aren't held up.
class Verification {
 public:
  // All outlive it. `layout`: columns of rows that a program of another version wrote aren't
  // compared.
  Verification(storage::Database& database, const ResourceType& type, RowLayout layout);

  // Looks at the next page; false when it was the last, and the result is whole.
  absl::StatusOr<bool> Next();

  const operate::v1::VerifyResponse& result() const { return result_; }

 private:
  using Difference = operate::v1::VerifyResponse::Difference;

  // What one transaction found, which may run more than once.
  struct Page {
    std::vector<storage::Row> rows;
    std::vector<Difference> differences;
    int64_t unjudged = 0;
    std::string last;  // name that was looked at; empty: there was none
    operate::v1::ChangeLogPosition end;
  };
  absl::Status ReadRecords(storage::Transaction& tx, Page& page) const;
  absl::Status ReadLostNames(storage::Transaction& tx, Page& page) const;
  absl::Status Judge(storage::Transaction& tx, const storage::Row& row, Page& page) const;
  // The columns of the row that don't follow from the resource.
  std::vector<std::string> WrongColumns(const storage::Row& row,
                                        const google::protobuf::Message& resource) const;
  // Whether the body of a change is the record, in the form that an upgrade gives to records.
  bool IsSame(const storage::Value& body, const std::string& message) const;
  void Take(const Page& page);

  storage::Database& database_;
  const ResourceType& type_;
  const RowLayout layout_;
  const std::vector<std::string> columns_;
  const std::string root_;  // the collection at the root, and a slash: `bodies/`
  std::string after_;       // the name that was looked at last
  bool records_done_ = false;
  Sha256Hasher hasher_;
  operate::v1::VerifyResponse result_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_VERIFICATION_H_
