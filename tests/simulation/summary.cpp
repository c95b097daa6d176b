#include "tests/simulation/summary.h"

#include <cstdio>

namespace kith::sim {

void Summary::add(const Job& job, const Report& report) {
  ++seeds_;
  virtual_ms_ += report.outcome.virtual_ms;
  clients_ += report.outcome.clients;
  messages_ += report.outcome.messages;
  entries_ += report.outcome.entries;
  events_ += report.outcome.events;
  for (std::size_t i = 0; i < kFaults; ++i) {
    happened_[i] += report.outcome.happened[i];
    points_[i] += report.outcome.points[i];
  }
  if (report.has_failed()) replays_.push_back(replay_of(job) + "\n    " + report.outcome.failures.front());
}

std::string Summary::text(double seconds) const {
  char line[256];
  std::snprintf(line, sizeof line,
                "%zu seeds, %zu failed; %.1f virtual hours, %zu clients, %zu messages, %zu entries, %llu events; "
                "%.1f s, %.1f seeds/s\n",
                seeds_, failed(), static_cast<double>(virtual_ms_) / 3.6e6, clients_, messages_, entries_,
                static_cast<unsigned long long>(events_), seconds, static_cast<double>(seeds_) / seconds);
  std::string text = line;
  std::string unreached;
  std::string spared;
  text += "faults:";
  for (std::size_t i = 0; i < kFaults; ++i) {
    const std::string name(name_of(static_cast<Fault>(i)));
    if (happened_[i] > 0) text += " " + name + " " + std::to_string(happened_[i]);
    if (points_[i] == 0) unreached += " " + name;
    if (points_[i] > 0 && happened_[i] == 0) spared += " " + name;
  }
  text += "\n";
  if (!spared.empty()) text += "reached, and never happened:" + spared + "\n";
  if (!unreached.empty()) text += "never reached:" + unreached + "\n";
  for (const std::string& replay : replays_) text += "failed: " + replay + "\n";
  return text;
}

}  // namespace kith::sim
