// Values of fields, as people write and read them.
//
//   text, numbers   as they are
//   yes or no       yes, no, true, false
//   enum            full-member: any case, with hyphens, underscores or blanks
//   date            2025, 2025-02 or 2025-02-14, as precisely as it is known
//   time            2025-02-14T12:00:00+08:00, or 2025-02-14 12:00 Asia/Jakarta
//   time of day     09:30
//   duration        72h, 30m, 7d, 1h30m
//   money           2500000 AUD, AUD 2,500,000.50
//   resource        bodies/ahg; ahg where its collection has no parent
//   message         role=chair,member=aus; or JSON, {"role": "CHAIR"}

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_VALUES_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_VALUES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace baliprocess::balictl {

// Sets the field to the value that `text` stands for; a list gets one more element. A usage error
// tells the form that was expected: `must be a date such as 2025, 2025-02 or 2025-02-14, not
// "May"`.
absl::Status SetValue(google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field, std::string_view text);

// The same of a field within a field: `term.start_date`. The error names the path.
absl::Status SetValueAt(google::protobuf::Message& message, std::string_view path,
                        std::string_view text);

// The value in a form that SetValue takes; of a list, its element `index` (-1: not a list).
std::string TextOf(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor& field, int index = -1);

// What is to be written for a value of the field: `DATE`, `TEXT`, `AMOUNT CURRENCY`,
// `chair|member`.
std::string FormOf(const google::protobuf::FieldDescriptor& field);

// The value of an enum as people write it: `full-member`.
std::string WordOf(const google::protobuf::EnumValueDescriptor& value);

// The values of an enum as people write them, `full-member`; without the one that says nothing.
std::vector<std::string> WordsOf(const google::protobuf::EnumDescriptor& type);

// Whether the field, or an element of it where it is a list, is a message whose fields are told one
// by one: its type is no value type.
bool IsTakenApart(const google::protobuf::FieldDescriptor& field);

// Whether messages of the type are one value, such as a date, rather than fields of their own.
bool IsValueType(const google::protobuf::Descriptor& type);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_VALUES_H_
