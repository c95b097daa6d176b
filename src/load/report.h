// What a scenario found: a small table for people, then the same as one line of JSON for bench/run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "load/histogram.h"

namespace kith::load {

class Report {
 public:
  explicit Report(std::string scenario) : scenario_(std::move(scenario)) {}

  // `key` names the figure in JSON, `label` in the table.
  void add(std::string key, std::string label, double value, std::string unit);
  // Percentiles in microseconds: key_p50_us, key_p99_us, key_p999_us.
  void add_latency(const std::string& key, const std::string& label, const Histogram& latency);
  void print() const;

 private:
  struct Figure {
    std::string key;
    std::string label;
    double value;
    std::string unit;
  };
  std::string scenario_;
  std::vector<Figure> figures_;
};

}  // namespace kith::load
