// Families of metrics in the making: prometheus-cpp's data model, by way of few words.

#ifndef BALIPROCESS_COMMON_TELEMETRY_FAMILIES_H_
#define BALIPROCESS_COMMON_TELEMETRY_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/counts.h"

namespace baliprocess::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Families {
 public:
  // Begins a family; what is added belongs to it until the next one begins. A counter's name ends
  // in `_total`.
  Families& Counter(std::string name, std::string help);
  Families& Gauge(std::string name, std::string help);
  Families& Histogram(std::string name, std::string help);

  void Add(const Labels& labels, double value);
  template <typename Measure>
  void Add(const Labels& labels, const SumOf<Measure>& sum) {
    AddHistogram(labels, Measure::kBounds.data(), sum.counts.data(), sum.counts.size(), sum.sum);
  }
  // One line for each word, with the word as this label.
  void AddWords(const std::string& label, const std::map<std::string, uint64_t>& counts);

  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  Families& Begin(prometheus::MetricType type, std::string name, std::string help);
  // One more count than bounds.
  void AddHistogram(const Labels& labels, const double* bounds, const uint64_t* counts,
                    size_t cells, double sum);
  prometheus::ClientMetric& AddMetric(const Labels& labels);

  std::vector<prometheus::MetricFamily> families_;
};

// What every process has, by the names that Prometheus's own libraries use.
void AddProcess(Families& families);

}  // namespace baliprocess::telemetry

#endif  // BALIPROCESS_COMMON_TELEMETRY_FAMILIES_H_
