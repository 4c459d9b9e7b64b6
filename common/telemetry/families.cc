#include "common/telemetry/families.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace baliprocess::telemetry {
namespace {

using prometheus::MetricType;

// When the program was loaded.
const double kStart = static_cast<double>(std::time(nullptr));

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenDescriptors() {
  std::error_code error;
  double count = -1;  // the one of this look
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

Families& Families::Begin(MetricType type, std::string name, std::string help) {
  families_.push_back({std::move(name), std::move(help), type, {}});
  return *this;
}

Families& Families::Counter(std::string name, std::string help) {
  return Begin(MetricType::Counter, std::move(name), std::move(help));
}

Families& Families::Gauge(std::string name, std::string help) {
  return Begin(MetricType::Gauge, std::move(name), std::move(help));
}

Families& Families::Histogram(std::string name, std::string help) {
  return Begin(MetricType::Histogram, std::move(name), std::move(help));
}

prometheus::ClientMetric& Families::AddMetric(const Labels& labels) {
  prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

void Families::Add(const Labels& labels, double value) {
  prometheus::ClientMetric& metric = AddMetric(labels);
  metric.counter.value = metric.gauge.value = value;
}

void Families::AddHistogram(const Labels& labels, const double* bounds, const uint64_t* counts,
                            size_t cells, double sum) {
  prometheus::ClientMetric::Histogram& histogram = AddMetric(labels).histogram;
  for (size_t i = 0; i + 1 < cells; ++i) {
    histogram.sample_count += counts[i];
    histogram.bucket.push_back({histogram.sample_count, bounds[i]});
  }
  histogram.sample_count += counts[cells - 1];
  histogram.sample_sum = sum;
}

void Families::AddWords(const std::string& label, const std::map<std::string, uint64_t>& counts) {
  for (const auto& [word, count] : counts) Add({{label, word}}, static_cast<double>(count));
}

void AddProcess(Families& families) {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  families.Counter("process_cpu_seconds_total", "User and system time.")
      .Add({}, Seconds(usage.ru_utime) + Seconds(usage.ru_stime));
  families.Gauge("process_resident_memory_bytes", "Memory in use.").Add({}, ResidentBytes());
  families.Gauge("process_open_fds", "Open file descriptors.").Add({}, OpenDescriptors());
  families.Gauge("process_start_time_seconds", "When the process began, since 1970.")
      .Add({}, kStart);
}

}  // namespace baliprocess::telemetry
