#include "services/capacity/iati/iati_funding.h"

#include <algorithm>
#include <set>

#include "baliprocess/capacity/v1/commitment.pb.h"
#include "baliprocess/capacity/v1/disbursement.pb.h"
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

Transaction TransactionOf(const Record& record, const Commitment& commitment, std::string day) {
  return {commitment.kind() == Commitment::PLEDGE ? Transaction::kIncomingPledge
                                                  : Transaction::kIncomingCommitment,
          commitment.name(),
          std::move(day),
          commitment.amount().currency_code(),
          ValueOf(commitment.amount()),
          commitment.summary(),
          PartyOf(record, commitment.funder())};
}

Transaction TransactionOf(const Organisation& provider, const Disbursement& disbursement,
                          std::string day) {
  return {Transaction::kIncomingFunds,
          disbursement.name(),
          std::move(day),
          disbursement.amount().currency_code(),
          ValueOf(disbursement.amount()),
          disbursement.purpose(),
          provider};
}

void AddDisbursements(const Record& record, const Commitment& commitment,
                      std::vector<Transaction>& transactions, Omissions& omissions) {
  const std::string prefix = commitment.name() + "/";
  for (const Disbursement& disbursement : record.disbursements) {
    if (!disbursement.name().starts_with(prefix)) continue;
    if (const auto day = DayOf(disbursement.disburse_date())) {
      transactions.push_back(TransactionOf(PartyOf(record, commitment.funder()), disbursement, *day));
    } else {
      Omit(disbursement.name(), IatiExport::NO_DATE, omissions);
    }
  }
}

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
    const auto day = DayOf(commitment.commit_date());
    if (!commitment.has_amount()) {
      Omit(commitment.name(), IatiExport::NO_AMOUNT, omissions);
    } else if (!day) {
      Omit(commitment.name(), IatiExport::NO_DATE, omissions);
    } else {
      transactions.push_back(TransactionOf(record, commitment, *day));
    }
    AddDisbursements(record, commitment, transactions, omissions);
  }
  return transactions;
}

}  // namespace baliprocess::capacity::iati
