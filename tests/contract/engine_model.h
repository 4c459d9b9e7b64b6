// What the engine must do with members, bodies and their seats, as simply as it can be written
// down: a map of resources, and a list of changes.

#ifndef BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_H_
#define BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_H_

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "baliprocess/common/v1/changes.pb.h"
#include "common/base/errors.h"

namespace baliprocess::membership {

using google::protobuf::Message;
using MessagePtr = std::shared_ptr<const Message>;

// Fields by name, which must be there.
std::string TextOf(const Message& message, const std::string& field);
void SetText(Message& message, const std::string& field, const std::string& value);
// A resource of a name: nothing but the name is set.
std::unique_ptr<Message> ResourceCalled(const std::string& name);
std::string ParentOf(const std::string& name);  // empty at the top
bool IsDeleted(const Message& resource);

// One change that a request must lead to. What the server chooses (uid, etag) is missing in
// `after`.
struct ExpectedChange {
  common::v1::Change::Kind kind;
  std::string name;
  MessagePtr before;  // nullptr: there is none
  std::shared_ptr<Message> after;
};

// What must become of a request: refused for a reason, or else these changes; none if the request
// asks for what is so already.
struct Outcome {
  ErrorReason reason = api::v1::Error::REASON_UNSPECIFIED;
  std::vector<ExpectedChange> changes;
};

// A change as the log must have it.
struct LogEntry {
  absl::Time time;
  common::v1::Change::Kind kind;
  std::string resource;
  std::string before;  // bytes; empty: there is none
  std::string after;
};

// How a request says what to update.
struct UpdateOptions {
  std::vector<std::string> mask;  // paths; `*`; or empty
  bool allow_missing = false;
};

class Model {
 public:
  using Rows = std::map<std::string, MessagePtr>;  // deleted ones too

  // What must become of a request. Nothing changes yet.
  Outcome Create(const Message& resource) const;
  Outcome BatchCreate(const std::vector<std::shared_ptr<Message>>& resources) const;
  Outcome Update(const Message& patch, const UpdateOptions& options) const;
  Outcome Delete(const std::string& name, const std::string& etag, bool allow_missing) const;
  Outcome Undelete(const std::string& name, const std::string& etag) const;
  Outcome Purge(const std::string& name, const std::string& etag) const;

  // Makes a change, complete with what the server chose.
  void Apply(const ExpectedChange& change, absl::Time now);
  // The history before `time` is removed.
  void Compact(absl::Time time);

  const Rows& rows() const { return rows_; }
  // The row of a name; nullptr if there is none.
  const Message* Find(const std::string& name) const;
  // All changes ever; the first `compacted()` of them are no longer told.
  const std::vector<LogEntry>& log() const { return log_; }
  size_t compacted() const { return compacted_; }

 private:
  bool IsLive(const std::string& name) const;
  bool AllLive(const std::vector<std::string>& names) const;
  bool HoldsSeatAlready(const Message& seat) const;
  bool IsReferredTo(const std::string& name) const;
  Outcome Merge(const Message& before, const Message& patch,
                const std::vector<std::string>& mask) const;

  Rows rows_;
  std::vector<LogEntry> log_;
  size_t compacted_ = 0;
};

}  // namespace baliprocess::membership

#endif  // BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_H_
