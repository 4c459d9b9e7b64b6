#include "common/telemetry/tracer.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"

namespace baliprocess::telemetry {

Tracer::Tracer(TracerOptions options, std::unique_ptr<SpanWriter> writer)
    : options_(options), writer_(std::move(writer)), thread_([this] { Run(); }) {}

Tracer::~Tracer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool Tracer::SampleNew() const { return Chance(options_.ratio); }

void Tracer::Record(Span span) {
  size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting = waiting_.size();
    if (waiting < options_.max_waiting) waiting_.push_back(std::move(span));
  }
  if (waiting >= options_.max_waiting) {
    ++dropped_;
  } else if (waiting + 1 == options_.batch) {
    changed_.notify_one();
  }
}

void Tracer::Run() {
  std::vector<Span> batch;
  while (AwaitBatch(batch)) WriteBatch(batch);
  if (batch.empty()) return;
  if (last_.ok()) {
    WriteBatch(batch);
  } else {
    dropped_ += batch.size();
  }
  next_line_ = SteadyTime::min();
  LogDropped(SteadyNow());
}

bool Tracer::AwaitBatch(std::vector<Span>& batch) {
  batch.clear();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.delay),
                    [this] { return ending_ || waiting_.size() >= options_.batch; });
  const size_t count = ending_ ? waiting_.size() : std::min(waiting_.size(), options_.batch);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return !ending_;
}

void Tracer::WriteBatch(const std::vector<Span>& batch) {
  if (!batch.empty()) {
    last_ = writer_->Write(batch, options_.timeout);
    (last_.ok() ? written_ : dropped_) += batch.size();
  }
  LogDropped(SteadyNow());
}

void Tracer::LogDropped(SteadyTime now) {
  const uint64_t dropped = dropped_;
  if (dropped == dropped_told_ || now < next_line_) return;
  next_line_ = now + absl::ToChronoNanoseconds(options_.log_every);
  const std::string why = last_.ok() ? "more than could be written" : last_.ToString();
  Log(Level::kWarn, "trace", "spans dropped")
      .Field("spans", dropped - std::exchange(dropped_told_, dropped))
      .Field("error", std::string_view(why));
}

}  // namespace baliprocess::telemetry
