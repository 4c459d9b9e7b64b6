#include "services/balictl/client/importer.h"

#include <algorithm>
#include <numeric>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/document_files.h"
#include "services/balictl/client/import_requests.h"
#include "services/balictl/client/listing.h"
#include "services/balictl/contract/differences.h"
#include "services/balictl/program/interruption.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// How often a record is read and sent again because somebody else changed it in between.
constexpr int kMostChanges = 5;

// Given so many records of a type, those that are there are read in pages rather than one by one.
constexpr size_t kMany = 20;

// Whether a record is refused since it was merged into another, which stands for it now.
bool IsMerged(const absl::Status& status) {
  return ReasonOf(status) == api::v1::Error::WRONG_STATE && MetadataOf(status, "state") == "MERGED";
}

}  // namespace

Importer::Importer(Connection& connection, ImportOptions options, Io& io)
    : connection_(connection),
      options_(std::move(options)),
      io_(io),
      progress_(io.err, io.terminal, options_.dry_run ? "records checked" : "records"),
      beside_(connection, options_.connect) {}

absl::Status Importer::Run(const ImportPlan& plan) {
  if (io_.interrupted && io_.interrupted()) return InterruptedError();
  RETURN_IF_ERROR(ReadStored(plan));
  std::vector<size_t> left(plan.records.size());
  std::iota(left.begin(), left.end(), size_t{0});
  Refusals refusals;
  absl::Status hopeless;
  bool first = true;
  for (bool further = true; further && hopeless.ok(); first = false) {
    refusals.clear();
    missing_.clear();
    hopeless = Pass(plan, left, first, refusals);
    further = !refusals.empty() && refusals.size() < left.size();
    left.clear();
    for (const auto& [i, why] : refusals) left.push_back(i);
  }
  progress_.End();
  TellRefusals(plan, refusals);
  PrintCounts();
  if (!hopeless.ok() && !options_.dry_run) {
    io_.err << "What was imported stays. The same command goes on from here.\n";
  }
  RETURN_IF_ERROR(hopeless);
  if (refusals.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(refusals.size(), " of ", plan.records.size(), " records were not imported"));
}

void Importer::TellRefusals(const ImportPlan& plan, const Refusals& refusals) {
  size_t told = 0;
  for (const auto& [i, why] : refusals) {
    ++counts_[plan.records[i]->kind->File()][Outcome::kFailed];
    if (told == options_.most_refusals_told) continue;
    io_.err << plan.records[i]->place << ": " << why << "\n";
    ++told;
  }
  if (told < refusals.size()) io_.err << "and " << refusals.size() - told << " more\n";
}

// Reads what is there of types that many records are of, and keeps what is given, too.
absl::Status Importer::ReadStored(const ImportPlan& plan) {
  std::map<const ResourceKind*, std::unordered_set<std::string>> given;
  for (const Record* record : plan.records) given[record->kind].insert(record->name);
  for (const auto& [kind, names] : given) {
    if (names.size() < kMany) continue;
    const auto keep = [&, &wanted = names](std::unique_ptr<Message> resource) {
      std::string name = GetText(*resource, "name");
      if (wanted.contains(name)) stored_.emplace(std::move(name), std::move(resource));
    };
    const absl::Status listed = ListEach(connection_, {kind, ParentOfAll(plan, *kind)}, "", keep);
    // Who may not list the type may perhaps get single ones. Of a parent that isn't there, nothing
    // is.
    if (absl::IsPermissionDenied(listed)) continue;
    if (!absl::IsNotFound(listed)) RETURN_IF_ERROR(listed);
    read_.insert(kind->message);
  }
  return absl::OkStatus();
}

// Each of `left` once. An error only when there is no sense in going on.
absl::Status Importer::Pass(const ImportPlan& plan, const std::vector<size_t>& left, bool first,
                            Refusals& refusals) {
  progress_.Begin(left.size());
  for (const size_t i : left) {
    if (io_.interrupted && io_.interrupted()) return InterruptedError();
    const bool batched = first && FitsBatch(plan, i);
    const bool asked = first && !batched && FitsQuestions(plan, i);
    if (!batched || !ComesTogether(plan, batch_, i)) RETURN_IF_ERROR(SendBatch(plan, refusals));
    if (!asked || !ComesTogether(plan, questions_, i)) RETURN_IF_ERROR(AskTogether(plan, refusals));
    if (batched) {
      batch_.push_back(i);
    } else if (asked) {
      questions_.push_back(i);
    } else {
      RETURN_IF_ERROR(ImportOne(plan, i, refusals));
    }
  }
  RETURN_IF_ERROR(SendBatch(plan, refusals));
  return AskTogether(plan, refusals);
}

// Whether the record is certainly new, and can be created with others: its needs aren't among those
// that wait, nor missing.
bool Importer::FitsBatch(const ImportPlan& plan, size_t i) const {
  const Record& record = *plan.records[i];
  if (!read_.contains(record.kind->message) || stored_.contains(record.name)) return false;
  if (BatchCreateOf(*record.kind) == nullptr || GivesRecorded(*record.resource) ||
      HasContent(*record.resource) || NeedsWhatIsNew(plan, i)) {
    return false;
  }
  return std::none_of(plan.needs[i].begin(), plan.needs[i].end(), [&](const std::string& need) {
    return missing_.contains(need) || std::any_of(batch_.begin(), batch_.end(), [&](size_t other) {
             return plan.records[other]->name == need;
           });
  });
}

// Creates what waits; one by one if the batch is refused, so that each is judged by itself.
absl::Status Importer::SendBatch(const ImportPlan& plan, Refusals& refusals) {
  const std::vector<size_t> batch = std::exchange(batch_, {});
  if (batch.empty()) return absl::OkStatus();
  const ResourceKind& kind = *plan.records[batch[0]]->kind;
  const MethodDescriptor& method = *BatchCreateOf(kind);
  const auto request = NewMessage(*method.input_type());
  if (request->GetDescriptor()->FindFieldByName("parent")) {
    SetText(*request, "parent", std::string(kind.pattern.Parent(plan.records[batch[0]]->name)));
  }
  for (const size_t i : batch) AddTo(*request, *plan.records[i]);
  SetFlag(*request, "validate_only", options_.dry_run);
  SetText(*request, "request_id", NewUuid());
  const auto reply = NewMessage(*method.output_type());
  const absl::Status sent = connection_.CallPersistently(method, *request, *reply);
  if (IsHopeless(sent)) return sent;
  if (sent.ok()) {
    for (const size_t i : batch) Created(*plan.records[i]);
    return absl::OkStatus();
  }
  for (const size_t i : batch) RETURN_IF_ERROR(ImportOne(plan, i, refusals));
  return absl::OkStatus();
}

// Whether the server is likely to answer that the record doesn't differ. What it needs isn't
// missing.
bool Importer::FitsQuestions(const ImportPlan& plan, size_t i) const {
  const Record& record = *plan.records[i];
  const auto stored = stored_.find(record.name);
  return stored != stored_.end() && !HasContent(*record.resource) && !IsSame(*stored->second) &&
         AsksAlone(record, *stored->second) &&
         std::none_of(plan.needs[i].begin(), plan.needs[i].end(),
                      [this](const std::string& need) { return missing_.contains(need); });
}

// Brings those that wait beside each other; those that are refused again, one by one.
absl::Status Importer::AskTogether(const ImportPlan& plan, Refusals& refusals) {
  const std::vector<size_t> questions = std::exchange(questions_, {});
  if (questions.empty()) return absl::OkStatus();
  std::vector<SideBySide::Call> calls;
  for (const size_t i : questions) {
    const Record& record = *plan.records[i];
    const Message& stored = *stored_[record.name];
    calls.push_back({UpdateRequest(record, &stored, ChangedFields(record, stored), options_.merge,
                                   options_.dry_run),
                     NewMessage(*record.kind->message), absl::OkStatus()});
  }
  beside_.Make(*plan.records[questions[0]]->kind->update, calls);
  for (size_t n = 0; n < calls.size(); ++n) {
    const Record& record = *plan.records[questions[n]];
    if (IsHopeless(calls[n].status)) return calls[n].status;
    const auto stored = std::move(stored_.extract(record.name).mapped());
    if (calls[n].status.ok()) {
      ASSIGN_OR_RETURN(const Outcome outcome,
                       Judge(record, stored.get(), *calls[n].reply, calls[n].status));
      ++counts_[record.kind->File()][outcome];
      progress_.Add(1);
    } else {
      RETURN_IF_ERROR(ImportOne(plan, questions[n], refusals));
    }
  }
  return absl::OkStatus();
}

void Importer::Created(const Record& record) {
  ++counts_[record.kind->File()][Outcome::kCreated];
  created_.insert(record.name);
  progress_.Add(1);
}

// Whether the record, which is new, needs one that a trial hasn't really created: the server would
// refuse it.
bool Importer::NeedsWhatIsNew(const ImportPlan& plan, size_t i) const {
  const Record& record = *plan.records[i];
  if (!options_.dry_run || !read_.contains(record.kind->message)) return false;
  return !stored_.contains(record.name) &&
         std::any_of(plan.needs[i].begin(), plan.needs[i].end(),
                     [this](const std::string& need) { return created_.contains(need); });
}

// Whether what else such a record needs is there.
absl::Status Importer::CheckOtherNeeds(const ImportPlan& plan, size_t i) {
  for (const std::string& need : plan.needs[i]) {
    const auto kind = KindOfName(need);
    if (created_.contains(need) || !kind.ok()) continue;
    const auto [found, is_new] = needs_.emplace(need, absl::OkStatus());
    if (is_new) {
      const auto request = NewMessage(*(*kind)->get->input_type());
      SetText(*request, "name", need);
      const auto reply = NewMessage(*(*kind)->message);
      found->second = connection_.CallPersistently(*(*kind)->get, *request, *reply);
    }
    // Who may not read it may perhaps refer to it.
    if (!absl::IsPermissionDenied(found->second)) RETURN_IF_ERROR(found->second);
  }
  return absl::OkStatus();
}

// Adds to `refusals` when the record is refused. An error only when there is no sense in going on.
absl::Status Importer::ImportOne(const ImportPlan& plan, size_t i, Refusals& refusals) {
  const Record& record = *plan.records[i];
  for (const std::string& need : plan.needs[i]) {
    if (!missing_.contains(need)) continue;
    missing_.insert(record.name);
    refusals[i] = absl::StrCat("left out, because it needs ", need);
    return absl::OkStatus();
  }
  const auto outcome = NeedsWhatIsNew(plan, i) ? Untried(plan, i) : Bring(record);
  if (IsHopeless(outcome.status())) return outcome.status();
  if (!outcome.ok()) {
    refusals[i] = Describe(outcome.status());
  } else if (*outcome == Outcome::kCreated) {
    Created(record);
    return absl::OkStatus();
  } else {
    ++counts_[record.kind->File()][*outcome];
  }
  progress_.Add(1);
  return absl::OkStatus();
}

// A record that a trial can't send: its fields were judged by the contract, and its needs are
// there.
absl::StatusOr<Importer::Outcome> Importer::Untried(const ImportPlan& plan, size_t i) {
  RETURN_IF_ERROR(CheckOtherNeeds(plan, i));
  return Outcome::kCreated;
}

// The record, compared anew when somebody else has changed it since it was read.
absl::StatusOr<Importer::Outcome> Importer::Bring(const Record& record) {
  absl::StatusOr<Outcome> outcome = BringOnce(record);
  // The version that a record was made of doesn't come back.
  const bool again = record.fields.empty() || GetText(*record.resource, "etag").empty();
  for (int i = 1;
       again && i < kMostChanges && ReasonOf(outcome.status()) == api::v1::Error::ETAG_MISMATCH;
       ++i) {
    outcome = BringOnce(record);
  }
  return outcome;
}

// The record and, of a document, its content.
absl::StatusOr<Importer::Outcome> Importer::BringOnce(const Record& record) {
  ASSIGN_OR_RETURN(const auto before, Get(record));
  ASSIGN_OR_RETURN(const Outcome outcome, Upsert(record, before.get()));
  if (!HasContent(*record.resource)) return outcome;
  const auto none = NewMessage(*record.kind->message);
  ASSIGN_OR_RETURN(const bool differs,
                   LoadContent(connection_, record.directory, *record.kind, *record.resource,
                               before ? *before : *none, options_.dry_run));
  return differs && outcome == Outcome::kUnchanged ? Outcome::kUpdated : outcome;
}

absl::StatusOr<Importer::Outcome> Importer::Upsert(const Record& record, const Message* before) {
  std::vector<std::string> changed;
  if (before && !record.fields.empty()) {
    changed = ChangedFields(record, *before);
    if (changed.empty() || (IsSame(*before) && AsksAlone(record, *before))) {
      return Outcome::kUnchanged;
    }
  } else if (before && SameContent(*before, *record.resource)) {
    return Outcome::kUnchanged;
  }
  const auto request = UpdateRequest(record, before, changed, options_.merge, options_.dry_run);
  const auto after = NewMessage(*record.kind->message);
  const absl::Status updated = connection_.CallPersistently(*record.kind->update, *request, *after);
  return Judge(record, before, *after, updated);
}

// Whether a trial was told that what is given of the record is the same as what is there.
bool Importer::IsSame(const Message& stored) const {
  const auto found = options_.same.find(GetText(stored, "name"));
  return found != options_.same.end() && found->second == GetText(stored, "etag");
}

// What has come of an update.
absl::StatusOr<Importer::Outcome> Importer::Judge(const Record& record, const Message* before,
                                                  const Message& after,
                                                  const absl::Status& updated) {
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
  if (SameContent(*before, after)) {
    same_[record.name] = GetText(*before, "etag");
    return Outcome::kUnchanged;
  }
  TellChange(record, *before, after);
  return Outcome::kUpdated;
}

void Importer::TellChange(const Record& record, const Message& before, const Message& after) {
  if (changes_told_ > options_.most_changes_told) return;
  progress_.End();
  if (++changes_told_ > options_.most_changes_told) {
    if (options_.most_changes_told > 0) io_.out << "and other changes\n";
  } else {
    io_.out << record.place << "\n" << TextOf(DifferencesOf(before, after));
  }
}

// nullptr when there is none.
absl::StatusOr<std::unique_ptr<Message>> Importer::Get(const Record& record) {
  if (read_.contains(record.kind->message)) {
    const auto found = stored_.find(record.name);
    if (found != stored_.end()) {
      auto stored = std::move(found->second);
      stored_.erase(found);  // compared once; who comes back finds that it was changed meanwhile
      return stored;
    }
  }
  const auto request = NewMessage(*record.kind->get->input_type());
  SetText(*request, "name", record.name);
  auto reply = NewMessage(*record.kind->message);
  const absl::Status status = connection_.CallPersistently(*record.kind->get, *request, *reply);
  if (absl::IsNotFound(status)) return nullptr;
  RETURN_IF_ERROR(status);
  if (GetText(*reply, "name") == record.name) return reply;
  // Of a merged practitioner Get answers with the one that stands for it.
  ASSIGN_OR_RETURN(auto found, ListAll(connection_, {record.kind, record.kind->pattern.AnyParent()},
                                       absl::StrCat("name = \"", record.name, "\"")));
  if (found.empty()) return nullptr;
  return std::move(found[0]);
}

void Importer::PrintCounts() {
  static const auto& words =
      *new std::vector<std::pair<Outcome, std::string>>{{Outcome::kCreated, "created"},
                                                        {Outcome::kUpdated, "updated"},
                                                        {Outcome::kUnchanged, "unchanged"},
                                                        {Outcome::kMerged, "merged into others"},
                                                        {Outcome::kFailed, "failed"}};
  for (auto& [file, counts] : counts_) {
    std::vector<std::string> parts;
    for (const auto& [outcome, word] : words) {
      if (counts[outcome] > 0) parts.push_back(absl::StrCat(counts[outcome], " ", word));
    }
    io_.out << file << ": " << absl::StrJoin(parts, ", ") << (options_.dry_run ? " (dry run)" : "")
            << "\n";
  }
}

}  // namespace baliprocess::balictl
