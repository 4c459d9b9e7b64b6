#include "services/capacity/iati/iati_funding.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/capacity/v1/disbursement.pb.h"
#include "common/base/date.h"
#include "common/base/money.h"
#include "common/base/party.h"

namespace baliprocess::capacity::iati {
namespace {

using v1::Commitment;
using v1::Disbursement;
using v1::IatiExport;

// Those whom `funds` selects, each once.
template <typename Predicate>
std::vector<Participant> Funders(const Record& record, Predicate funds) {
  std::vector<Participant> funders;
  std::set<std::string> seen;
  for (const Commitment& commitment : record.commitments) {
    if (!funds(commitment) || !seen.insert(KeyOf(commitment.funder())).second) continue;
    funders.push_back({Participant::kFunding, PartyOf(record, commitment.funder())});
  }
  return funders;
}

// The bodies other than the one that reports whose work is paid for.
std::set<std::string> PaidBodies(const Record& record) {
  std::set<std::string> bodies;
  for (const Commitment& commitment : record.commitments) {
    for (const auto& purpose : commitment.purposes()) bodies.insert(purpose.body());
  }
  bodies.erase("");
  bodies.erase(record.body.name());
  return bodies;
}

void AddReporter(const Record& record, std::vector<Participant>& participants) {
  participants.push_back({Participant::kAccountable, record.reporter});
  participants.push_back({Participant::kImplementing, record.reporter});
}

// `1250.50`
std::string ValueOf(const google::type::Money& money) {
  return FormatMoney(money).substr(money.currency_code().size() + 1);
}

std::string AidTypeOf(Commitment::AidType type) {
  switch (type) {
    case Commitment::GENERAL_BUDGET_SUPPORT:
      return "A01";
    case Commitment::SECTOR_BUDGET_SUPPORT:
      return "A02";
    case Commitment::CORE_SUPPORT:
      return "B01";
    case Commitment::MULTILATERAL_CORE:
      return "B02";
    case Commitment::SPECIFIC_PROGRAMME:
      return "B03";
    case Commitment::POOLED_FUNDING:
      return "B04";
    case Commitment::PROJECT:
      return "C01";
    case Commitment::DONOR_PERSONNEL:
      return "D01";
    case Commitment::TECHNICAL_ASSISTANCE:
      return "D02";
    case Commitment::SCHOLARSHIP:
      return "E01";
    case Commitment::ADMINISTRATION:
      return "G01";
    default:  // not recorded, or of a newer contract
      return "";
  }
}

// The numbers of the contract are IATI's codes.
std::string CodeOf(int number) { return number == 0 ? "" : absl::StrCat(number); }

Aid AidOf(const Commitment& commitment) {
  return {CodeOf(commitment.flow_type()), CodeOf(commitment.finance_type()),
          AidTypeOf(commitment.aid_type())};
}

Money MoneyOf(const google::type::Money& money, std::string day) {
  return {money.currency_code(), ValueOf(money), std::move(day)};
}

Transaction TransactionOf(const Record& record, const Commitment& commitment,
                          const std::string& day) {
  return {commitment.kind() == Commitment::PLEDGE ? Transaction::kIncomingPledge
                                                  : Transaction::kIncomingCommitment,
          commitment.name(),
          day,
          MoneyOf(commitment.amount(), day),
          commitment.summary(),
          PartyOf(record, commitment.funder()),
          AidOf(commitment)};
}

Transaction TransactionOf(const Record& record, const Commitment& commitment,
                          const Disbursement& disbursement, const std::string& day) {
  return {Transaction::kIncomingFunds,
          disbursement.name(),
          day,
          MoneyOf(disbursement.amount(), day),
          disbursement.purpose(),
          PartyOf(record, commitment.funder()),
          AidOf(commitment)};
}

// Whether a date certainly lies ahead.
bool IsAhead(const Record& record, const google::type::Date& date) {
  return DaysOf(date).first > TodayOf(record);
}

// Why a transaction of that date isn't one of IATI's; nullopt when it is.
std::optional<IatiExport::Reason> WhyNot(const Record& record, const google::type::Date& date,
                                         bool is_dated) {
  if (!is_dated) return IatiExport::NO_DATE;
  if (IsAhead(record, date)) return IatiExport::IN_FUTURE;
  if (!DayOf(date)) return IatiExport::NO_DATE;
  return std::nullopt;
}

// Calls `visit` with each disbursement of a commitment.
template <typename Visit>
void ForEachDisbursement(const Record& record, const Commitment& commitment, const Visit& visit) {
  const std::string prefix = commitment.name() + "/";
  for (const Disbursement& disbursement : record.disbursements) {
    if (disbursement.name().starts_with(prefix)) visit(disbursement);
  }
}

void AddDisbursements(const Record& record, const Commitment& commitment,
                      std::vector<Transaction>& transactions, Omissions& omissions) {
  ForEachDisbursement(record, commitment, [&](const Disbursement& disbursement) {
    const auto why = WhyNot(record, disbursement.disburse_date(), true);
    if (why) return Omit(disbursement.name(), *why, omissions);
    transactions.push_back(
        TransactionOf(record, commitment, disbursement, *DayOf(disbursement.disburse_date())));
  });
}

std::string TextOf(int32_t day) { return FormatDate(DateOf({day, day})); }

}  // namespace

void Omit(const std::string& resource, IatiExport::Reason reason, Omissions& omissions) {
  IatiExport::Omission& omission = *omissions.Add();
  omission.set_resource(resource);
  omission.set_reason(reason);
}

std::vector<Participant> ParticipantsOf(const Record& record) {
  auto participants = Funders(record, [](const Commitment&) { return true; });
  AddReporter(record, participants);
  const std::set<std::string> paid = PaidBodies(record);
  if (!paid.empty()) participants.push_back({Participant::kExtending, record.reporter});
  for (const std::string& body : paid) {
    participants.push_back({Participant::kImplementing, record.parties.at(body)});
  }
  return participants;
}

std::vector<Participant> ParticipantsOf(const Record& record, const v1::Programme& programme) {
  auto participants = Funders(record, [&programme](const Commitment& commitment) {
    return std::any_of(
        commitment.purposes().begin(), commitment.purposes().end(),
        [&programme](const auto& purpose) { return purpose.programme() == programme.name(); });
  });
  AddReporter(record, participants);
  return participants;
}

std::vector<Participant> ParticipantsOf(const Record& record, const v1::Activity& activity) {
  std::vector<Participant> participants;
  AddReporter(record, participants);
  for (const auto& partner : activity.partners()) {
    participants.push_back({Participant::kImplementing, PartyOf(record, partner.party())});
  }
  return participants;
}

std::vector<Transaction> TransactionsOf(const Record& record, Omissions& omissions) {
  std::vector<Transaction> transactions;
  for (const Commitment& commitment : record.commitments) {
    const auto why = commitment.has_amount()
                         ? WhyNot(record, commitment.commit_date(), commitment.has_commit_date())
                         : IatiExport::NO_AMOUNT;
    if (why) {
      Omit(commitment.name(), *why, omissions);
    } else {
      transactions.push_back(TransactionOf(record, commitment, *DayOf(commitment.commit_date())));
    }
    AddDisbursements(record, commitment, transactions, omissions);
  }
  return transactions;
}

std::vector<PlannedDisbursement> PlannedDisbursementsOf(const Record& record) {
  std::vector<PlannedDisbursement> planned;
  for (const Commitment& commitment : record.commitments) {
    ForEachDisbursement(record, commitment, [&](const Disbursement& disbursement) {
      if (!IsAhead(record, disbursement.disburse_date())) return;
      const DayRange days = DaysOf(disbursement.disburse_date());
      const std::string first_day = TextOf(days.first);
      planned.push_back({first_day, TextOf(days.last), MoneyOf(disbursement.amount(), first_day),
                         PartyOf(record, commitment.funder())});
    });
  }
  return planned;
}

std::vector<Budget> BudgetsOf(const std::string& resource,
                              const google::protobuf::RepeatedPtrField<v1::Budget>& budgets,
                              Omissions& omissions) {
  std::vector<Budget> found;
  for (const v1::Budget& budget : budgets) {
    // A period is made of whole months or years where it isn't told in days.
    const int32_t first = DaysOf(budget.period().start_date()).first;
    const int32_t last = DaysOf(budget.period().end_date()).last;
    if (last < first || last >= AddMonths(first, 12)) {
      Omit(resource, IatiExport::BUDGET_PERIOD, omissions);
      continue;
    }
    found.push_back({static_cast<Budget::Status>(budget.status()), TextOf(first), TextOf(last),
                     MoneyOf(budget.amount(), TextOf(first))});
  }
  return found;
}

}  // namespace baliprocess::capacity::iati
