// Families of metrics in the making: prometheus-cpp's data model, by way of few words.

#ifndef BALIPROCESS_SERVICES_GATEWAY_OPERATE_FAMILIES_H_
#define BALIPROCESS_SERVICES_GATEWAY_OPERATE_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/gateway/net/counts.h"

namespace baliprocess::gateway {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Sums of Durations, which prometheus has as histograms.
struct SummedDurations {
  std::array<uint64_t, Durations::kBounds.size() + 1> counts = {};
  double seconds = 0;

  void Add(const Durations& durations);
};

class Families {
 public:
  // Begins a family; what is added belongs to it until the next one begins. A counter's name ends
  // in `_total`.
  Families& Counter(std::string name, std::string help);
  Families& Gauge(std::string name, std::string help);
  Families& Histogram(std::string name, std::string help);

  void Add(const Labels& labels, double value);
  void Add(const Labels& labels, const SummedDurations& durations);
  // One line for each word, with the word as this label.
  void AddWords(const std::string& label, const std::map<std::string, uint64_t>& counts);

  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  Families& Begin(prometheus::MetricType type, std::string name, std::string help);
  prometheus::ClientMetric& AddMetric(const Labels& labels);

  std::vector<prometheus::MetricFamily> families_;
};

// What every process has, by the names that Prometheus's own libraries use.
void AddProcess(Families& families);

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_OPERATE_FAMILIES_H_
