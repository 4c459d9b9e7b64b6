// Values on their way to PostgreSQL and back. Internal to common/storage.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_VALUES_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_VALUES_H_

#include <libpq-fe.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "common/storage/database.h"

namespace baliprocess::storage {

// The type that a parameter of this value has; 0 for NULL, whose type the server infers.
Oid TypeOf(const Value& value);

// Parameters as libpq takes them: numbers as text, bytes as they are. `params` outlives it.
class Arguments {
 public:
  explicit Arguments(const std::vector<Value>& params);

  int size() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

  // libpq takes text to its first NUL.
  bool has_nul() const { return has_nul_; }

 private:
  void Add(const Value& value);
  void AddPrinted(std::string text);
  void AddData(const std::string& data, int format);

  std::vector<std::string> printed_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  bool has_nul_ = false;
};

// A column of a result in PostgreSQL's binary form. Whole NUMERICs, such as the SUM of a BIGINT,
// are int64 if they fit, others double. kOther for a type that the suite doesn't use: CAST it to
// one.
absl::StatusOr<Value> ValueOf(Oid type, std::string_view data);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_VALUES_H_
