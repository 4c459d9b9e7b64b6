#include "services/gateway/listen/peers.h"

#include <utility>

#include "common/telemetry/log.h"

namespace baliprocess::gateway {
namespace {

constexpr std::chrono::seconds kSweepEvery{10};

constexpr char kTooMany[] = "too many connections";
constexpr char kTooManyOfAddress[] = "too many connections of this address";
constexpr char kNameless[] = "no PROXY header";
constexpr char kSuspect[] = "connections of this address were cut off repeatedly";

void LogRefusal(const std::string& address, const char* why) {
  telemetry::Log(telemetry::Level::kWarn, "gateway", "connection refused")
      .Field("peer", address)
      .Field("reason", why);
}

}  // namespace

Peers::Answer Peers::Admit(const std::string& address, SteadyTime now, bool is_proxy) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ForgetOld(now);
  if (total_ >= limits_.max_connections) {
    refused_.Add(kTooMany);
    if (refusals_.Take(now)) LogRefusal(address, kTooMany);
    return {};
  }
  Entry& entry = Find(address, now, is_proxy);
  Peer& peer = *entry.peer;
  if (!is_proxy && entry.connections >= limits_.max_connections_per_address) {
    refused_.Add(kTooManyOfAddress);
    if (peer.MayLog(Peer::Topic::kConnection, now)) LogRefusal(address, kTooManyOfAddress);
    return {};
  }
  if (peer.suspect(now) && !peer.MayConnect(now)) return {.peer = nullptr, .later = true};
  ++entry.connections;
  ++total_;
  return {.peer = {&peer, [this, held = entry.peer](Peer*) { Leave(*held, &Entry::connections); }}};
}

std::shared_ptr<Peer> Peers::Behind(const std::string& address, SteadyTime now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ForgetOld(now);
  Entry& entry = Find(address, now);
  ++entry.requests;
  return {entry.peer.get(), [this, held = entry.peer](Peer*) { Leave(*held, &Entry::requests); }};
}

Peers::Entry& Peers::Find(const std::string& address, SteadyTime now, bool is_proxy) {
  Entry& entry = entries_[{address, is_proxy}];
  if (!entry.peer) entry.peer = std::make_shared<Peer>(address, limits_, pools_, now, is_proxy);
  return entry;
}

void Peers::RefuseWaiting(const std::string& address, SteadyTime now, bool is_proxy) {
  const std::lock_guard<std::mutex> lock(mutex_);
  refused_.Add(kSuspect);
  if (!Find(address, now, is_proxy).peer->MayLog(Peer::Topic::kConnection, now)) return;
  LogRefusal(address, kSuspect);
}

bool Peers::IsCrowded() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return total_ >= limits_.max_connections - limits_.max_connections / 10;
}

void Peers::CountNameless() {
  const std::lock_guard<std::mutex> lock(mutex_);
  refused_.Add(kNameless);
}

void Peers::Leave(const Peer& peer, int Entry::*what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = entries_.find({peer.address(), peer.is_proxy()});
  Entry& entry = it->second;
  if (what == &Entry::connections) --total_;
  --(entry.*what);
  if (entry.unused() && entry.peer->clean(SteadyNow())) entries_.erase(it);
}

// Who was cut off is remembered beyond the connection, until it is forgiven.
void Peers::ForgetOld(SteadyTime now) {
  if (now - swept_ < kSweepEvery) return;
  swept_ = now;
  std::erase_if(entries_, [now](const auto& pair) {
    return pair.second.unused() && pair.second.peer->clean(now);
  });
}

}  // namespace baliprocess::gateway
