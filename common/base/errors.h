// Builders of the errors that callers see.
//
// Inside, an error is an absl::Status whose payloads are google.rpc details (ErrorInfo, BadRequest,
// ResourceInfo, RetryInfo), each under its type URL. common/rpc turns it into a gRPC status at the
// edge. A status without an ErrorInfo is a defect or a driver's words: it never leaves the process
// as it is, but as INTERNAL_ERROR.

#ifndef BALIPROCESS_COMMON_BASE_ERRORS_H_
#define BALIPROCESS_COMMON_BASE_ERRORS_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

#include "baliprocess/api/v1/errors.pb.h"

namespace baliprocess {

using ErrorReason = api::v1::Error::Reason;

// The `domain` of every ErrorInfo.
inline constexpr std::string_view kErrorDomain = "baliprocess.net";

using ErrorMetadata = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// An error with an ErrorInfo. The status code is the one that the reason's comment names.
absl::Status Error(ErrorReason reason, std::string_view message, ErrorMetadata metadata = {});

// NOT_FOUND, RESOURCE_NOT_FOUND: also what a caller is told who may not know of the resource.
absl::Status NotFound(std::string_view name);

// FAILED_PRECONDITION, REFERENCE_NOT_FOUND: `field` of the request refers to `name`.
absl::Status ReferenceNotFound(std::string_view field, std::string_view name);

// FAILED_PRECONDITION, WRONG_STATE: as `name` is in `state`, a call can't be done; `what` tells
// why, or what can: "only a draft is adopted".
absl::Status WrongState(std::string_view name, std::string_view state, std::string_view what);

// FAILED_PRECONDITION, RULE_BROKEN: `rule` is a stable lower_snake_case word, such as
// `seat_overlap`; `subject` the resource it concerns.
absl::Status RuleBroken(std::string_view rule, std::string_view message,
                        std::string_view subject = {});

// Adds a RetryInfo: the caller may repeat the call after `delay`.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// The delay of its RetryInfo; zero when it has none.
absl::Duration RetryDelayOf(const absl::Status& status);

// The reason of an error, or REASON_UNSPECIFIED when it has none.
ErrorReason ReasonOf(const absl::Status& status);

// The error as google.rpc.Status, details included, ErrorInfo first; OK becomes code 0.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The reverse of ToRpcStatus. A detail's type is its name, whatever the host before it (any.proto).
absl::Status FromRpcStatus(const google::rpc::Status& status);

// The most violations that an error tells: it travels in headers, which have limits. How many more
// were found stands in its ErrorInfo's metadata under kViolationsLeftOut.
inline constexpr size_t kMostViolations = 50;
inline constexpr char kViolationsLeftOut[] = "violations_left_out";

// Collects the violations of a request, so that a caller learns all of them at once.
class Violations {
 public:
  // `field` is the path in the request, such as `seat.term.end_date` or `requests[3].seat.role`.
  // `rule` says what the value must be, and not what it was: it might be secret.
  void Add(std::string_view field, std::string_view rule);

  // Counts one that isn't told any more, as the list is full: its words needn't be made.
  void LeaveOut(size_t count = 1) { left_out_ += count; }
  bool full() const { return violations_.size() >= kMostViolations; }

  bool empty() const { return violations_.empty(); }

  // OK when empty, else INVALID_ARGUMENT with reason INVALID_FIELDS and a BadRequest.
  absl::Status ToStatus() const;

  // `status` with a BadRequest of the violations, which also make its message.
  absl::Status AddTo(const absl::Status& status) const;

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
  size_t left_out_ = 0;
};

// Collects the errors of the rows of a batch, so that every bad row is named.
class RowErrors {
 public:
  // `row` is the path of the row, such as `requests[3]`. An OK status isn't an error.
  void Add(std::string_view row, const absl::Status& status);

  // OK, or an error with the code and reason of the first, whose message and BadRequest name every
  // bad row; violations of a row's fields come one by one.
  absl::Status ToStatus() const;

 private:
  absl::Status first_;
  Violations violations_;
};

// A Violations with one entry, as a status.
absl::Status InvalidField(std::string_view field, std::string_view rule);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_ERRORS_H_
