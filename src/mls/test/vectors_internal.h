// What the vector checks share.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "mls/group.h"
#include "mls/test/vectors.h"

namespace kith::mls::vectors {

using Json = nlohmann::json;

// Collects failures of one case.
class Case {
 public:
  Case(Outcome& outcome, std::string name) : outcome_(outcome), name_(std::move(name)) {}

  bool check(bool holds, std::string_view what) {
    if (!holds) outcome_.failures.push_back(name_ + ": " + std::string(what));
    return holds;
  }
  bool equal(ByteView got, ByteView wanted, std::string_view what) { return check(same_bytes(got, wanted), what); }
  template <class T>
  bool ok(const Result<T>& result, std::string_view what) {
    if (result) return true;
    outcome_.failures.push_back(name_ + ": " + std::string(what) + ": " + mls::name(result.error().code) + ", " +
                                result.error().detail);
    return false;
  }

 private:
  Outcome& outcome_;
  std::string name_;
};

inline Bytes bytes_of(const Json& v) {
  return v.is_string() ? from_hex(v.get_ref<const std::string&>()).value_or(Bytes{}) : Bytes{};
}
inline Bytes bytes_of(const Json& object, const char* key) { return bytes_of(object[key]); }
inline std::uint64_t number_of(const Json& object, const char* key) { return object[key].get<std::uint64_t>(); }
inline std::size_t size_of(const Json& object, const char* key) { return object[key].get<std::size_t>(); }
inline std::string text_of(const Json& object, const char* key) { return object[key].get<std::string>(); }

// The case's suite, where this build runs it.
inline std::optional<crypto::Suite> suite_of(const Json& object) {
  return crypto::Suite::find(static_cast<std::uint16_t>(number_of(object, "cipher_suite")));
}

// A private key. Some vectors write numbers on NIST's curves without their leading zeros, which RFC 9180 keeps.
inline SecretBytes private_key_of(const crypto::Suite& suite, const Json& object, const char* key) {
  SecretBytes bytes = to_secret(bytes_of(object, key));
  const auto& p = suite.parameters();
  const bool is_number = p.kem == crypto::Kem::p256 || p.kem == crypto::Kem::p384 || p.kem == crypto::Kem::p521;
  if (is_number && bytes.size() < p.kem_private_size) bytes.insert(bytes.begin(), p.kem_private_size - bytes.size(), 0);
  return bytes;
}

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed = 1) : random_(seed) {}
  void fill(ByteSpan out) override {
    for (auto& b : out) b = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937_64 random_;
};

using SuiteCheck = void (*)(const crypto::Suite&, const Json&, Case&);
using PlainCheck = void (*)(const Json&, Case&);

void crypto_basics(const crypto::Suite&, const Json&, Case&);
void edge_cases(const crypto::Suite&, const Json&, Case&);
void key_schedule(const crypto::Suite&, const Json&, Case&);
void psk_secrets(const crypto::Suite&, const Json&, Case&);
void secret_tree(const crypto::Suite&, const Json&, Case&);
void transcript_hashes(const crypto::Suite&, const Json&, Case&);
void message_protection(const crypto::Suite&, const Json&, Case&);
void welcome(const crypto::Suite&, const Json&, Case&);
void tree_validation(const crypto::Suite&, const Json&, Case&);
void tree_operations(const crypto::Suite&, const Json&, Case&);
void treekem(const crypto::Suite&, const Json&, Case&);
void passive_client(const crypto::Suite&, const Json&, Case&);
void tree_math(const Json&, Case&);
void deserialization(const Json&, Case&);
void messages(const Json&, Case&);

}  // namespace kith::mls::vectors
