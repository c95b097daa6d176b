// The toy suite's one hash: four lanes of 64 bits that are multiplied, folded and stirred. Quick for the short inputs
// that MLS hashes by the thousand, and well spread; not made to withstand anybody.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/bytes.h"

namespace kith::sim {

class Mixing {
 public:
  // What is hashed for one purpose never meets what is hashed for another.
  enum class Purpose : std::uint8_t {
    hash,
    long_key,
    hmac,
    keystream,
    tag,
    scalar,
    filler,
    secret,
    signature_key,
    signature,
  };

  explicit Mixing(Purpose purpose) { lanes_[0] ^= static_cast<std::uint64_t>(purpose) * kMore; }

  Mixing& add(ByteView bytes) {
    size_ += bytes.size();
    if (held_ > 0) {
      const std::size_t taken = std::min(bytes.size(), kBlock - held_);
      copy(block_.data() + held_, bytes.first(taken));
      held_ += taken;
      bytes = bytes.subspan(taken);
      if (held_ < kBlock) return *this;
      stir(block_.data());
      held_ = 0;
    }
    for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) stir(bytes.data());
    copy(block_.data(), bytes);
    held_ = bytes.size();
    return *this;
  }

  Mixing& add(std::uint64_t number) {
    std::array<std::uint8_t, sizeof number> bytes;
    std::memcpy(bytes.data(), &number, sizeof number);
    return add(ByteView(bytes));
  }

  // Of any size; once.
  void finish(ByteSpan out) {
    std::memset(block_.data() + held_, 0, kBlock - held_);
    stir(block_.data());
    lanes_[1] ^= size_;
    lanes_[3] ^= out.size() * kMore;
    churn();
    for (;;) {
      churn();
      const std::size_t given = std::min(out.size(), kBlock);
      if (given > 0) std::memcpy(out.data(), lanes_.data(), given);
      out = out.subspan(given);
      if (out.empty()) return;
    }
  }

  std::uint64_t number() {
    std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
    finish(bytes);
    return std::bit_cast<std::uint64_t>(bytes);
  }

 private:
  static constexpr std::size_t kBlock = 32;
  // The fractions of the golden ratio and of two square roots, made odd.
  static constexpr std::uint64_t kOnce = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t kAgain = 0x6a09e667f3bcc909;
  static constexpr std::uint64_t kMore = 0xbb67ae8584caa73b;

  static void copy(std::uint8_t* to, ByteView bytes) {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }

  // Every step can be undone, so that nothing of what was added is lost on the way.
  void churn() {
    for (std::uint64_t& lane : lanes_) {
      lane *= kOnce;
      lane ^= lane >> 29U;
      lane *= kAgain;
      lane ^= lane >> 32U;
    }
    lanes_[1] += lanes_[0];
    lanes_[2] ^= std::rotl(lanes_[1], 23);
    lanes_[3] += lanes_[2];
    lanes_[0] ^= std::rotl(lanes_[3], 41);
  }

  void stir(const std::uint8_t* block) {
    std::array<std::uint64_t, 4> words;
    std::memcpy(words.data(), block, kBlock);
    for (std::size_t i = 0; i < words.size(); ++i) lanes_[i] ^= words[i];
    churn();
  }

  std::array<std::uint64_t, 4> lanes_ = {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
                                         0x082efa98ec4e6c89};
  std::array<std::uint8_t, kBlock> block_;
  std::size_t held_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace kith::sim
