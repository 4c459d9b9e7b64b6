// The files of the International Aid Transparency Initiative (IATI 2.03): what is in them, and how
// it is written.
//
// Codes are those of IATI's code lists. Days are `yyyy-mm-dd`. An empty string is a value that
// isn't given.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_FILE_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baliprocess::capacity::iati {

// OrganisationType
inline constexpr char kGovernment[] = "10";
inline constexpr char kMultilateral[] = "40";

struct Organisation {
  std::string identifier;
  std::string type;
  std::string name;
};

struct Participant {
  // OrganisationRole
  enum Role { kFunding = 1, kAccountable = 2, kExtending = 3, kImplementing = 4 };
  Role role = kImplementing;
  Organisation organisation;
};

struct ActivityDate {
  // ActivityDateType
  enum Type { kPlannedStart = 1, kActualStart = 2, kPlannedEnd = 3, kActualEnd = 4 };
  Type type = kPlannedStart;
  std::string day;
  std::string note;
};

struct Sector {
  std::string vocabulary;
  std::string vocabulary_uri;
  std::string code;
  std::string percentage;
  std::string name;
};

struct DocumentLink {
  std::string uri;
  std::string title;
  std::string category;  // DocumentCategory
  std::string language;  // a tag of BCP 47
  std::string day;
};

struct Money {
  std::string currency;
  std::string value;
  std::string day;  // of the rate at which it is exchanged
};

// Whose money it is, and how it is given.
struct Aid {
  std::string flow_type;
  std::string finance_type;
  std::string aid_type;  // of the vocabulary of the DAC
};

struct Transaction {
  // TransactionType
  enum Type { kIncomingFunds = 1, kIncomingCommitment = 11, kIncomingPledge = 13 };
  Type type = kIncomingFunds;
  std::string reference;
  std::string day;
  Money money;
  std::string description;
  Organisation provider;
  Aid aid;
};

struct Budget {
  // BudgetStatus
  enum Status { kNotGiven = 0, kIndicative = 1, kCommitted = 2 };
  Status status = kNotGiven;
  std::string first_day;
  std::string last_day;
  Money money;
};

struct PlannedDisbursement {
  std::string first_day;
  std::string last_day;
  Money money;
  Organisation provider;
};

// Where to ask.
struct Contact {
  std::string phone;
  std::string email;
  std::string uri;

  bool IsGiven() const { return !phone.empty() || !email.empty() || !uri.empty(); }
};

struct RelatedActivity {
  // RelatedActivityType
  enum Type { kParent = 1, kChild = 2 };
  Type type = kParent;
  std::string identifier;
};

// An actual value of an indicator.
struct Actual {
  std::string first_day;
  std::string last_day;
  std::string value;
  std::string comment;
};

// An output. Its values are only ever added up when they aren't of what is counted once.
struct Result {
  std::string title;
  bool adds_up = true;
  // The periods of each indicator; the periods of one indicator differ.
  std::vector<std::vector<Actual>> indicators;
};

struct Activity {
  // ActivityStatus
  enum Status { kPipeline = 1, kImplementation = 2, kClosed = 4, kCancelled = 5 };
  std::string identifier;
  int hierarchy = 1;  // 1 at the top
  std::string last_updated;
  std::string title;
  std::string description;
  std::vector<Participant> participants;
  Status status = kImplementation;
  std::vector<ActivityDate> dates;
  std::string country;  // of ISO 3166-1; empty: the region
  std::vector<Sector> sectors;
  std::vector<Budget> budgets;
  std::vector<PlannedDisbursement> planned;
  std::vector<Transaction> transactions;
  std::vector<DocumentLink> documents;
  std::vector<RelatedActivity> related;
  std::vector<Result> results;
};

// The activity file. There must be an activity at least; each names the contact, if it is given.
absl::StatusOr<std::string> WriteActivityFile(const Organisation& reporter, const Contact& contact,
                                              const std::vector<Activity>& activities,
                                              absl::Time now);

// The organisation file.
absl::StatusOr<std::string> WriteOrganisationFile(const Organisation& reporter,
                                                  const std::vector<DocumentLink>& documents,
                                                  absl::Time now);

// `2024-05-02T09:00:00Z`
std::string FormatMoment(absl::Time time);

}  // namespace baliprocess::capacity::iati

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_IATI_FILE_H_
