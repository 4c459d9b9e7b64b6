// What became of the spans of recorded traces.

#ifndef BALIPROCESS_COMMON_TELEMETRY_SPAN_METRICS_H_
#define BALIPROCESS_COMMON_TELEMETRY_SPAN_METRICS_H_

#include <memory>
#include <utility>

#include "common/telemetry/operators.h"
#include "common/telemetry/tracer.h"

namespace baliprocess::telemetry {

class SpanMetrics final : public Inspected {
 public:
  // Null: no trace is recorded.
  explicit SpanMetrics(std::shared_ptr<const Tracer> tracer) : tracer_(std::move(tracer)) {}

  void AddMetrics(Families& families) const override {
    const Tracer::Counts spans = tracer_ ? tracer_->counts() : Tracer::Counts();
    families.Counter("bali_spans_total", "Spans of recorded traces, by what became of them.");
    families.Add({{"result", "exported"}}, static_cast<double>(spans.written));
    families.Add({{"result", "dropped"}}, static_cast<double>(spans.dropped));
  }

 private:
  const std::shared_ptr<const Tracer> tracer_;
};

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_SPAN_METRICS_H_
