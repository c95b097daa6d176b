#include "load/report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace kith::load {

void Report::add(std::string key, std::string label, double value, std::string unit) {
  figures_.push_back({std::move(key), std::move(label), value, std::move(unit)});
}

void Report::add_latency(const std::string& key, const std::string& label, const Histogram& latency) {
  const auto us = [&](double q) { return static_cast<double>(latency.quantile(q)) / 1000; };
  add(key + "_p50_us", label + ", median", us(0.5), "µs");
  add(key + "_p99_us", label + ", 99 %", us(0.99), "µs");
  add(key + "_p999_us", label + ", 99.9 %", us(0.999), "µs");
}

void Report::print() const {
  nlohmann::ordered_json json{{"scenario", scenario_}};
  std::printf("%s\n", scenario_.c_str());
  for (const auto& figure : figures_) {
    std::printf("  %-44s %14.*f %s\n", figure.label.c_str(), figure.value < 100 ? 2 : 0, figure.value,
                figure.unit.c_str());
    json[figure.key] = figure.value;
  }
  std::printf("%s\n", json.dump().c_str());
  std::fflush(stdout);
}

}  // namespace kith::load
