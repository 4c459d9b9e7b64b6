// Matchers of absl::Status and absl::StatusOr for tests.

#ifndef BALIPROCESS_COMMON_TESTING_MATCHERS_H_
#define BALIPROCESS_COMMON_TESTING_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "common/base/errors.h"

namespace baliprocess::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Matches an OK status, or a StatusOr with a value.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return arg.ok();
}

// Matches an error with this reason (and so with its code).
MATCHER_P(HasReason, reason,
          "is an error with reason " + ::baliprocess::api::v1::Error::Reason_Name(reason)) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return !arg.ok() && ReasonOf(StatusOf(arg)) == reason;
}

// Matches an error whose message contains `text`.
MATCHER_P(MessageHas, text, "is an error that says " + ::testing::PrintToString(text)) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return !arg.ok() && std::string(StatusOf(arg).message()).find(text) != std::string::npos;
}

}  // namespace baliprocess::testing

// ASSERT_OK_AND_ASSIGN(target, expression): fails the test, or assigns the value of a StatusOr.
#define ASSERT_OK_AND_ASSIGN(target, ...) \
  ASSERT_OK_AND_ASSIGN_(BALI_TEST_CONCAT_(statusor_, __LINE__), target, __VA_ARGS__)
#define ASSERT_OK_AND_ASSIGN_(statusor, target, ...) \
  auto statusor = (__VA_ARGS__);                     \
  ASSERT_TRUE(statusor.ok()) << statusor.status();   \
  target = *std::move(statusor)
#define BALI_TEST_CONCAT_(a, b) BALI_TEST_CONCAT_INNER_(a, b)
#define BALI_TEST_CONCAT_INNER_(a, b) a##b
#define ASSERT_OK(expression) ASSERT_THAT((expression), ::baliprocess::testing::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT((expression), ::baliprocess::testing::IsOk())

#endif  // BALIPROCESS_COMMON_TESTING_MATCHERS_H_
