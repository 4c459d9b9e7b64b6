#include "common/storage/postgres_hosts.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/status_macros.h"
#include "common/storage/internal.h"
#include "common/storage/postgres_errors.h"
#include "common/storage/store_error.h"

namespace baliprocess::storage {
namespace {

// Of one host, when the URL doesn't say (connect_timeout).
constexpr absl::Duration kConnectLimit = absl::Seconds(2);
constexpr absl::Duration kProbeLimit = absl::Seconds(1);

// The parameters that the URL gives, by keyword.
absl::StatusOr<std::map<std::string, std::string>> ParametersOf(const std::string& url) {
  // The driver's message would quote the URL, and with it a password.
  PQconninfoOption* const parsed = PQconninfoParse(url.c_str(), nullptr);
  if (parsed == nullptr) return StoreError(ErrorClass::kOther, "the URL of the store is malformed");
  std::map<std::string, std::string> parameters;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  return parameters;
}

// The part of a list for the i-th host: a list of one is for all.
std::string PartOf(const std::string& list, size_t i) {
  const std::vector<std::string> parts = absl::StrSplit(list, ',');
  if (parts.size() == 1) return parts[0];
  return i < parts.size() ? parts[i] : "";
}

// Whether the server takes neither this user nor this password.
bool IsRefused(const absl::Status& status) {
  return CodeIn(Text(status.message())).starts_with("28");
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresHosts>> PostgresHosts::OfOther(const std::string& url,
                                                                      PasswordSource password,
                                                                      const std::string& session) {
  auto hosts = Of(url, std::move(password), session);
  if (hosts.ok()) return hosts;
  auto with_its_own = Of(url, nullptr, session);
  return with_its_own.ok() ? std::move(with_its_own) : std::move(hosts);
}

absl::StatusOr<std::unique_ptr<PostgresHosts>> PostgresHosts::Of(const std::string& url,
                                                                 PasswordSource password,
                                                                 const std::string& session) {
  ASSIGN_OR_RETURN(auto parameters, ParametersOf(url));
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    return StoreError(ErrorClass::kOther, "where the store is must be a postgresql:// URL");
  }
  if (password != nullptr && !parameters["password"].empty()) {
    return StoreError(ErrorClass::kOther,
                      "the URL of the store has a password, and a file gives one");
  }
  const std::string& host = parameters["host"];
  const std::string& hostaddr = parameters["hostaddr"];
  const auto count = [](const std::string& list) {
    return std::count(list.begin(), list.end(), ',');
  };
  const size_t hosts = 1 + static_cast<size_t>(std::max(count(host), count(hostaddr)));
  std::vector<PostgresAddress> addresses;
  if (hosts == 1) {
    addresses.push_back({url, "", "", "", "", session});
  } else {
    for (size_t i = 0; i < hosts; ++i) {
      addresses.push_back(
          {url, PartOf(host, i), PartOf(hostaddr, i), PartOf(parameters["port"], i), "", session});
    }
  }
  int seconds = 0;
  const bool said = absl::SimpleAtoi(parameters["connect_timeout"], &seconds) && seconds > 0;
  return std::unique_ptr<PostgresHosts>(new PostgresHosts(
      std::move(addresses), std::move(password), said ? absl::Seconds(seconds) : kConnectLimit));
}

size_t PostgresHosts::preferred() const {
  const std::lock_guard lock(mutex_);
  return preferred_;
}

std::string PostgresHosts::good_password() const {
  const std::lock_guard lock(mutex_);
  return good_password_;
}

absl::StatusOr<PostgresHosts::Opened> PostgresHosts::Open(
    const PostgresConnection::WaitCheck& check) {
  const size_t first = preferred();
  absl::Status failed;
  for (size_t i = 0; i < addresses_.size(); ++i) {
    const size_t host = (first + i) % addresses_.size();
    const SteadyTime since = SteadyNow();
    auto connection = Connect(host, check);
    if (connection.ok()) {
      const std::lock_guard lock(mutex_);
      preferred_ = host;
      return Opened{*std::move(connection), host, since};
    }
    const bool full = ClassOf(failed) == ErrorClass::kTimeout;
    if (!full) failed = connection.status();
    if (check != nullptr) RETURN_IF_ERROR(check(absl::ZeroDuration()));
  }
  return failed;
}

// With the password that was good last as the second choice.
absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresHosts::Connect(
    size_t host, const PostgresConnection::WaitCheck& check) {
  PostgresAddress address = addresses_[host];
  if (password_ == nullptr) return PostgresConnection::Open(address, connect_limit_, check);
  const std::string good = good_password();
  const absl::StatusOr<std::string> given = password_();
  if (!given.ok() && good.empty()) {
    return StoreError(ErrorClass::kConnectionLost, Text(given.status().message()));
  }
  address.password = given.ok() ? *given : good;
  auto connection = PostgresConnection::Open(address, connect_limit_, check);
  if (IsRefused(connection.status()) && !good.empty() && good != address.password) {
    address.password = good;
    connection = PostgresConnection::Open(address, connect_limit_, check);
  }
  if (connection.ok()) {
    const std::lock_guard lock(mutex_);
    good_password_ = address.password;
  }
  return connection;
}

absl::Status PostgresHosts::Probe(const Opened& waiting,
                                  const PostgresConnection::WaitCheck& check) {
  const std::unique_lock one(probing_, std::try_to_lock);
  if (!one.owns_lock() || !IsDue(waiting.host)) return absl::OkStatus();
  const SteadyTime begun = SteadyNow();
  PostgresAddress address = addresses_[waiting.host];
  if (password_ != nullptr) address.password = good_password();
  const absl::Status probed = PostgresConnection::Probe(address, kProbeLimit, check);
  if (probed.ok()) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  Drop(waiting.host, begun);
  return probed;
}

void PostgresHosts::Drop(size_t host, SteadyTime before) {
  dropped_[host] = before;
  if (preferred_ == host) preferred_ = (preferred_ + 1) % addresses_.size();
}

void PostgresHosts::Leave() {
  const std::lock_guard lock(mutex_);
  if (addresses_.size() > 1) Drop(preferred_, SteadyNow());
}

// Whether it is time to probe the host, which then counts as probed.
bool PostgresHosts::IsDue(size_t host) {
  const std::lock_guard lock(mutex_);
  const bool due = probed_[host] == SteadyTime::min() || Since(probed_[host]) >= kPatience;
  if (due) probed_[host] = SteadyNow();
  return due;
}

bool PostgresHosts::IsDropped(const Opened& opened) const {
  const std::lock_guard lock(mutex_);
  return opened.since <= dropped_[opened.host];
}

}  // namespace baliprocess::storage
