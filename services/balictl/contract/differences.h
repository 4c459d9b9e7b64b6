// What differs between two states of a resource, field by field, for people to read.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_DIFFERENCES_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_DIFFERENCES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace baliprocess::balictl {

struct Difference {
  std::string field;  // `term.start_date`
  // The values that are gone, and those that are new. Of a field that is no list, one at most.
  std::vector<std::string> before;
  std::vector<std::string> after;
};

// Whether the field tells of the record rather than of what is recorded: uid, etag, create_time,
// update_time.
bool IsOfRecord(const google::protobuf::FieldDescriptor& field);

// In the order of the fields, without those of the record.
std::vector<Difference> DifferencesOf(const google::protobuf::Message& before,
                                      const google::protobuf::Message& after);

// A line for each value, `  display_name  - Old name` and `  display_name  + New name`.
std::string TextOf(const std::vector<Difference>& differences);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_DIFFERENCES_H_
