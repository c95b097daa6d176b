#include "mls/test/vectors.h"

#include "mls/test/vectors_internal.h"

namespace kith::mls::vectors {
namespace {

struct File {
  std::string_view name;
  SuiteCheck by_suite;
  PlainCheck plain;
};

constexpr File kFiles[] = {
    {"tree-math", nullptr, tree_math},
    {"deserialization", nullptr, deserialization},
    {"messages", nullptr, messages},
    {kEdgeCasesName, edge_cases, nullptr},
    {"crypto-basics", crypto_basics, nullptr},
    {"key-schedule", key_schedule, nullptr},
    {"psk_secret", psk_secrets, nullptr},
    {"secret-tree", secret_tree, nullptr},
    {"transcript-hashes", transcript_hashes, nullptr},
    {"message-protection", message_protection, nullptr},
    {"welcome", welcome, nullptr},
    {"tree-validation", tree_validation, nullptr},
    {"tree-operations", tree_operations, nullptr},
    {"treekem", treekem, nullptr},
    {"passive-client-welcome", passive_client, nullptr},
    {"passive-client-handling-commit", passive_client, nullptr},
    {"passive-client-random", passive_client, nullptr},
};

}  // namespace

std::vector<std::string_view> names() {
  std::vector<std::string_view> out;
  for (const File& f : kFiles) {
    if (f.name != kEdgeCasesName) out.push_back(f.name);
  }
  return out;
}

Outcome run(std::string_view name, std::string_view json_text) {
  Outcome outcome;
  for (const File& file : kFiles) {
    if (file.name != name) continue;
    outcome.known = true;
    const Json cases = Json::parse(json_text, nullptr, false);
    if (!cases.is_array()) {
      outcome.failures.push_back("the file is not a list of cases");
      return outcome;
    }
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Json& one = cases[i];
      Case c(outcome, std::string(name) + " #" + std::to_string(i));
      if (file.plain != nullptr) {
        file.plain(one, c);
      } else if (const auto suite = suite_of(one)) {
        file.by_suite(*suite, one, c);
      } else {
        ++outcome.of_other_suites;
        continue;
      }
      ++outcome.cases;
    }
  }
  return outcome;
}

}  // namespace kith::mls::vectors
