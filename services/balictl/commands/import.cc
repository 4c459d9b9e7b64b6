// balictl import: records from a directory of JSON files.

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/message_differencer.h>

#include <iterator>
#include <map>
#include <numeric>
#include <ostream>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/client/data_directory.h"
#include "services/balictl/client/document_files.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/order.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

enum class Outcome { kCreated, kUpdated, kUnchanged, kMerged, kFailed };

// How often a record is read and sent again because somebody else changed it in between.
constexpr int kMostChanges = 5;

// An etag that no resource has: a record that wasn't there is created, and never takes the place of
// what somebody else has made meanwhile.
constexpr char kNoEtag[] = "-";

struct Counts {
  size_t created = 0;
  size_t updated = 0;
  size_t unchanged = 0;
  size_t merged = 0;
  size_t failed = 0;

  void Add(Outcome outcome) {
    switch (outcome) {
      case Outcome::kCreated:
        ++created;
        break;
      case Outcome::kUpdated:
        ++updated;
        break;
      case Outcome::kUnchanged:
        ++unchanged;
        break;
      case Outcome::kMerged:
        ++merged;
        break;
      case Outcome::kFailed:
        ++failed;
        break;
    }
  }
};

struct ImportOptions {
  bool dry_run = false;
  bool merge = false;
};

// Whether bringing `given` to the server changes what is `stored` there.
bool SameContent(const Message& stored, const Message& given) {
  const std::unique_ptr<Message> left(stored.New());
  const std::unique_ptr<Message> right(given.New());
  left->CopyFrom(stored);
  right->CopyFrom(given);
  KeepContent(*left);
  KeepContent(*right);
  KeepWhatIsLeftOut(*left, *right);
  return MessageDifferencer::Equals(*left, *right);
}

// Whether a record is refused since it was merged into another, which stands for it now.
bool IsMerged(const absl::Status& status) {
  return ReasonOf(status) == api::v1::Error::WRONG_STATE && MetadataOf(status, "state") == "MERGED";
}

// Whether the same error awaits all further records.
bool IsHopeless(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnimplemented(status);
}

// Brings records to the server one by one.
class Importer {
 public:
  Importer(Connection& connection, ImportOptions options, Io& io)
      : connection_(connection), options_(options), io_(io) {}

  // The records, each after what it needs. What is refused is tried again after the others, as long
  // as that gets further: that a body ends sooner is refused until its seats do.
  absl::Status Run(const std::vector<const Record*>& records,
                   const std::vector<std::vector<std::string>>& needs) {
    std::vector<size_t> left(records.size());
    std::iota(left.begin(), left.end(), size_t{0});
    std::map<size_t, std::string> refusals;
    absl::Status hopeless;
    for (bool further = true; further && hopeless.ok();) {
      refusals.clear();
      missing_.clear();
      for (const size_t i : left) {
        hopeless = ImportOne(*records[i], needs[i], refusals[i]);
        if (!hopeless.ok()) break;
        if (refusals[i].empty()) refusals.erase(i);
      }
      further = !refusals.empty() && refusals.size() < left.size();
      left.clear();
      for (const auto& [i, why] : refusals) left.push_back(i);
    }
    for (const auto& [i, why] : refusals) {
      if (why.empty()) continue;  // the one at which there was no sense in going on
      io_.err << records[i]->place << ": " << why << "\n";
      counts_[records[i]->kind->File()].Add(Outcome::kFailed);
    }
    PrintCounts();
    RETURN_IF_ERROR(hopeless);
    if (refusals.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(refusals.size(), " of ", records.size(), " records were not imported"));
  }

 private:
  // Sets `refusal` when the record is refused. An error only when there is no sense in going on.
  absl::Status ImportOne(const Record& record, const std::vector<std::string>& needs,
                         std::string& refusal) {
    for (const std::string& need : needs) {
      if (!missing_.contains(need)) continue;
      missing_.insert(record.name);
      refusal = absl::StrCat("left out, because it needs ", need);
      return absl::OkStatus();
    }
    const auto outcome = Bring(record);
    if (outcome.ok()) {
      counts_[record.kind->File()].Add(*outcome);
      if (*outcome == Outcome::kCreated) created_.insert(record.name);
      return absl::OkStatus();
    }
    if (IsHopeless(outcome.status())) return outcome.status();
    refusal = Describe(outcome.status());
    return absl::OkStatus();
  }

  // The record, compared anew when somebody else has changed it since it was read.
  absl::StatusOr<Outcome> Bring(const Record& record) {
    absl::StatusOr<Outcome> outcome = BringOnce(record);
    for (int i = 1; i < kMostChanges && ReasonOf(outcome.status()) == api::v1::Error::ETAG_MISMATCH;
         ++i) {
      outcome = BringOnce(record);
    }
    return outcome;
  }

  // The record and, of a document, its content.
  absl::StatusOr<Outcome> BringOnce(const Record& record) {
    ASSIGN_OR_RETURN(const auto before, Get(record));
    ASSIGN_OR_RETURN(const Outcome outcome, Upsert(record, before.get()));
    if (!HasContent(*record.resource)) return outcome;
    const auto none = NewMessage(*record.kind->message);
    ASSIGN_OR_RETURN(const bool differs,
                     LoadContent(connection_, record.directory, *record.kind, *record.resource,
                                 before ? *before : *none, options_.dry_run));
    return differs && outcome == Outcome::kUnchanged ? Outcome::kUpdated : outcome;
  }

  absl::StatusOr<Outcome> Upsert(const Record& record, const Message* before) {
    if (before && SameContent(*before, *record.resource)) return Outcome::kUnchanged;
    const auto request = UpdateRequest(record, before ? GetText(*before, "etag") : kNoEtag);
    const auto after = NewMessage(*record.kind->message);
    const absl::Status updated =
        connection_.CallPersistently(*record.kind->update, *request, *after);
    // On trial, what this one needs wasn't really made before it.
    if (options_.dry_run && created_.contains(MetadataOf(updated, "resource"))) {
      return before ? Outcome::kUpdated : Outcome::kCreated;
    }
    if (before && IsMerged(updated)) {
      io_.out << record.place << ": left as it is: merged into " << GetText(*before, "merged_into")
              << "\n";
      return Outcome::kMerged;
    }
    if (!updated.ok() && !before) missing_.insert(record.name);
    RETURN_IF_ERROR(updated);
    if (!before) return Outcome::kCreated;
    return SameContent(*before, *after) ? Outcome::kUnchanged : Outcome::kUpdated;
  }

  // nullptr when there is none.
  absl::StatusOr<std::unique_ptr<Message>> Get(const Record& record) {
    const auto request = NewMessage(*record.kind->get->input_type());
    SetText(*request, "name", record.name);
    auto reply = NewMessage(*record.kind->message);
    const absl::Status status = connection_.CallPersistently(*record.kind->get, *request, *reply);
    if (absl::IsNotFound(status)) return nullptr;
    RETURN_IF_ERROR(status);
    if (GetText(*reply, "name") == record.name) return reply;
    // Of a merged practitioner Get answers with the one that stands for it.
    ASSIGN_OR_RETURN(auto found,
                     ListAll(connection_, {record.kind, record.kind->pattern.AnyParent()},
                             absl::StrCat("name = \"", record.name, "\"")));
    if (found.empty()) return nullptr;
    return std::move(found[0]);
  }

  // Takes effect on the version that `etag` names alone.
  std::unique_ptr<Message> UpdateRequest(const Record& record, const std::string& etag) const {
    auto request = NewMessage(*record.kind->update->input_type());
    const auto* reflection = request->GetReflection();
    Message& patch = *reflection->MutableMessage(request.get(), record.kind->patch);
    patch.CopyFrom(*record.resource);
    SetText(patch, "etag", etag);
    SetFlag(*request, "allow_missing", true);
    SetFlag(*request, "validate_only", options_.dry_run);
    SetFlag(*request, "as_recorded", GivesRecorded(*record.resource));
    SetText(*request, "request_id", NewUuid());
    if (!options_.merge) {
      google::protobuf::FieldMask everything;
      everything.add_paths(std::string(1, '*'));
      const auto* mask = request->GetDescriptor()->FindFieldByName("update_mask");
      reflection->MutableMessage(request.get(), mask)->CopyFrom(everything);
    }
    return request;
  }

  void PrintCounts() {
    for (const auto& [file, counts] : counts_) {
      std::vector<std::string> parts;
      const auto add = [&](size_t count, std::string_view what) {
        if (count > 0) parts.push_back(absl::StrCat(count, " ", std::string(what)));
      };
      add(counts.created, "created");
      add(counts.updated, "updated");
      add(counts.unchanged, "unchanged");
      add(counts.merged, "merged into others");
      add(counts.failed, "failed");
      io_.out << file << ": " << absl::StrJoin(parts, ", ")
              << (options_.dry_run ? " (dry run)" : "") << "\n";
    }
  }

  Connection& connection_;
  const ImportOptions options_;
  Io& io_;
  std::map<std::string, Counts> counts_;  // by file
  std::unordered_set<std::string> created_;
  std::unordered_set<std::string> missing_;  // not there, as they were refused
};

// What is to be imported, in this order.
struct Plan {
  std::vector<const Record*> records;
  std::vector<std::vector<std::string>> needs;  // of each
};

// The records by service: a service may judge by what another says, as the capacity of a delegation
// follows from the seats, without any record naming the other.
absl::StatusOr<Plan> ByService(const std::vector<Record>& records) {
  std::map<std::string, std::vector<std::string>> needs_of_service;
  std::map<std::string, Plan> plans;
  for (const Record& record : records) {
    Plan& plan = plans[record.kind->service];
    plan.records.push_back(&record);
    const auto& needs = plan.needs.emplace_back(NeedsOf(*record.kind, *record.resource));
    auto& all = needs_of_service[record.kind->service];
    all.insert(all.end(), needs.begin(), needs.end());
  }
  ASSIGN_OR_RETURN(const auto services, ServiceOrder(needs_of_service));
  Plan whole;
  for (const std::string& service : services) {
    std::move(plans[service].records.begin(), plans[service].records.end(),
              std::back_inserter(whole.records));
    std::move(plans[service].needs.begin(), plans[service].needs.end(),
              std::back_inserter(whole.needs));
  }
  return whole;
}

absl::StatusOr<Plan> MakePlan(const std::vector<Record>& records) {
  ASSIGN_OR_RETURN(Plan plan, ByService(records));
  std::vector<std::string> names;
  for (const Record* record : plan.records) names.push_back(record->name);
  ASSIGN_OR_RETURN(const auto order, DependencyOrder(names, plan.needs));
  Plan ordered;
  for (const size_t i : order) {
    ordered.records.push_back(plan.records[i]);
    ordered.needs.push_back(std::move(plan.needs[i]));
  }
  return ordered;
}

absl::Status Import(const Arguments& arguments, Io& io) {
  const DataSet data = ReadDataSet(arguments.positional[0]);
  for (const std::string& problem : data.problems) io.err << problem << "\n";
  if (!data.problems.empty()) {
    return UsageError(
        absl::StrCat("nothing was sent: there are ", data.problems.size(), " problems"));
  }
  const auto plan = MakePlan(data.records);
  if (!plan.ok()) return UsageError(std::string(plan.status().message()));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  const ImportOptions options{arguments.Is("dry_run"), arguments.Is("merge")};
  return Importer(*connection, options, io).Run(plan->records, plan->needs);
}

}  // namespace

Command ImportCommand() {
  return {.name = "import",
          .arguments = "DIR",
          .min_arguments = 1,
          .max_arguments = 1,
          .summary = "Create and update records from a directory",
          .description =
              "Reads DIR/<service>/<collection>.json, such as membership/bodies.json: arrays of\n"
              "resources with their names, in the JSON mapping of Protocol Buffers. Everything\n"
              "is read and checked before anything is sent. Records that aren't there are\n"
              "created, others made equal to the file, in an order that lets them refer to each\n"
              "other. Nothing is deleted. Doing it again changes nothing. A document whose\n"
              "record tells of its `content` has it in a file,\n"
              "DIR/meetings/documents/<meeting>/<document>, with the ending of its media type\n"
              "(.pdf), and earlier versions beside it (<document>.v1.pdf).\n"
              "\n"
              "A record is replaced as a whole: what the file leaves out is cleared, except\n"
              "what the server fills in, such as the agency of a participation. A state that\n"
              "methods set otherwise is taken from the file; only the secretariat may do that.\n"
              "A practitioner who was merged into another is left as it is. What somebody else\n"
              "changes meanwhile isn't lost: the record is compared again. Mind that an export\n"
              "leaves out what its caller may not see.",
          .flags = WithConnection(
              {{"dry_run", "", "", "Check everything with the server, write nothing."},
               {"merge", "", "", "Keep the fields of existing records that the file leaves out."}}),
          .run = Import};
}

}  // namespace baliprocess::balictl
