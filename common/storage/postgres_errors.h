// What PostgreSQL's errors mean. Internal to common/storage.

#ifndef BALIPROCESS_COMMON_STORAGE_POSTGRES_ERRORS_H_
#define BALIPROCESS_COMMON_STORAGE_POSTGRES_ERRORS_H_

#include <string>
#include <string_view>

#include "common/storage/database.h"

namespace baliprocess::storage {

// Of an error with this code: PostgreSQL's codes (its appendix A), and those that CockroachDB and
// YugabyteDB document beside.
ErrorClass ClassOfCode(std::string_view sqlstate);

// The code in a message of PQERRORS_VERBOSE: `FATAL:  53300: sorry, too many clients already`.
// Empty when there is none: then the message is libpq's own.
std::string_view CodeIn(std::string_view message);

// The first line of a message, for a log.
std::string FirstLine(std::string_view message);

}  // namespace baliprocess::storage

#endif  // BALIPROCESS_COMMON_STORAGE_POSTGRES_ERRORS_H_
