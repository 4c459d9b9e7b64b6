// Brings records to a server.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORTER_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORTER_H_

#include <google/protobuf/message.h>

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"
#include "services/balictl/client/data_directory.h"
#include "services/balictl/client/import_plan.h"
#include "services/balictl/client/side_by_side.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/progress.h"

namespace baliprocess::balictl {

// Records that don't differ from what is there, which only the server could tell: the etags of what
// is there, by name.
using SameRecords = std::unordered_map<std::string, std::string>;

struct ImportOptions {
  bool dry_run = false;
  // Keep the fields of existing records that the given ones leave out.
  bool merge = false;
  // Tell what a trial would change, field by field, of so many records.
  size_t most_changes_told = 0;
  // Tell why records were refused, of so many.
  size_t most_refusals_told = std::numeric_limits<size_t>::max();
  // For calls beside each other; null: they come one after another.
  Connect connect = nullptr;
  // What a trial has found just now: as long as it isn't changed, the server isn't asked again.
  SameRecords same = {};
};

// Records that aren't there are created, others made equal. Existing records of a type that many
// given ones are of are read in pages, and new ones are created in batches where the contract has a
// method for that. Whether what is never kept, such as an identity, is another one the server is
// asked for many records beside each other. All others are sent one by one. A record that gives
// some fields alone changes no others, and with an etag only the version that it was made of.
class Importer {
 public:
  Importer(Connection& connection, ImportOptions options, Io& io);

  // What is refused is tried again after the others, as long as that gets further: that a body ends
  // sooner is refused until its seats do. Prints counts by file, and what was refused. Stops
  // between two records when the user interrupts.
  absl::Status Run(const ImportPlan& plan);

  // What the server has told to be the same, for ImportOptions of the next one.
  SameRecords TakeSame() { return std::move(same_); }

 private:
  enum class Outcome { kCreated, kUpdated, kUnchanged, kMerged, kFailed };
  using Counts = std::map<Outcome, size_t>;
  using Refusals = std::map<size_t, std::string>;

  void TellRefusals(const ImportPlan& plan, const Refusals& refusals);
  absl::Status ReadStored(const ImportPlan& plan);
  absl::Status Pass(const ImportPlan& plan, const std::vector<size_t>& left, bool first,
                    Refusals& refusals);
  bool FitsBatch(const ImportPlan& plan, size_t i) const;
  absl::Status SendBatch(const ImportPlan& plan, Refusals& refusals);
  bool FitsQuestions(const ImportPlan& plan, size_t i) const;
  absl::Status AskTogether(const ImportPlan& plan, Refusals& refusals);
  bool IsSame(const google::protobuf::Message& stored) const;
  absl::Status ImportOne(const ImportPlan& plan, size_t i, Refusals& refusals);
  absl::StatusOr<Outcome> Bring(const Record& record);
  absl::StatusOr<Outcome> BringOnce(const Record& record);
  absl::StatusOr<Outcome> Upsert(const Record& record, const google::protobuf::Message* before);
  absl::StatusOr<Outcome> Judge(const Record& record, const google::protobuf::Message* before,
                                const google::protobuf::Message& after,
                                const absl::Status& updated);
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Get(const Record& record);
  bool NeedsWhatIsNew(const ImportPlan& plan, size_t i) const;
  absl::StatusOr<Outcome> Untried(const ImportPlan& plan, size_t i);
  absl::Status CheckOtherNeeds(const ImportPlan& plan, size_t i);
  void TellChange(const Record& record, const google::protobuf::Message& before,
                  const google::protobuf::Message& after);
  void Created(const Record& record);
  void PrintCounts();

  Connection& connection_;
  const ImportOptions options_;
  Io& io_;
  Progress progress_;
  std::map<std::string, Counts> counts_;  // by file
  std::unordered_set<std::string> created_;
  std::unordered_set<std::string> missing_;  // not there, as they were refused
  // Types whose records were all read, and what was there of them, by name, until it is compared.
  std::unordered_set<const google::protobuf::Descriptor*> read_;
  std::unordered_map<std::string, std::unique_ptr<google::protobuf::Message>> stored_;
  // Needs of records that need new ones besides, on trial: whether they are there.
  std::unordered_map<std::string, absl::Status> needs_;
  size_t changes_told_ = 0;
  std::vector<size_t> batch_;      // waits to be created together
  std::vector<size_t> questions_;  // wait to be asked about beside each other
  SideBySide beside_;
  SameRecords same_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_IMPORTER_H_
