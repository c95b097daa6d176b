#include "tests/simulation/truth.h"

#include <gtest/gtest.h>

namespace kith::sim {
namespace {

using server::domain::Caller;
using server::domain::EntryKind;

Caller device(std::uint8_t n) {
  Caller device;
  device.user.value[0] = n;
  device.device.value[0] = n;
  return device;
}

keys::Seat seat(std::uint8_t n) { return {.leaf = {n}, .user = device(n).user, .device = device(n).device}; }

void append(LoggedConversation& conversation, EntryKind kind, std::uint64_t epoch) {
  conversation.log.push_back({.seq = {conversation.log.size() + 1},
                              .client_id = {},
                              .kind = kind,
                              .epoch = {epoch},
                              .sender = device(1),
                              .seen = {}});
}

void commit(LoggedConversation& conversation, std::vector<keys::Seat> seats) {
  const Epoch before = conversation.last_epoch();
  append(conversation, EntryKind::commit, before.value);
  conversation.seats[before.next()] = std::move(seats);
}

TEST(Truth, knows_which_commit_brought_a_device_in) {
  LoggedConversation conversation;
  commit(conversation, {seat(1)});
  append(conversation, EntryKind::application, 1);
  commit(conversation, {seat(1), seat(2)});           // 3
  commit(conversation, {seat(1), seat(2), seat(3)});  // 4
  commit(conversation, {seat(1), seat(3)});           // 5
  append(conversation, EntryKind::application, 4);
  commit(conversation, {seat(1), seat(2), seat(3)});  // 7
  EXPECT_EQ(conversation.brought_in({1}, device(1)), Seq{1});
  EXPECT_EQ(conversation.brought_in({5}, device(1)), Seq{1});
  EXPECT_EQ(conversation.brought_in({1}, device(2)), std::nullopt);
  EXPECT_EQ(conversation.brought_in({3}, device(2)), Seq{3});
  EXPECT_EQ(conversation.brought_in({4}, device(2)), std::nullopt);
  EXPECT_EQ(conversation.brought_in({5}, device(2)), Seq{7});
  EXPECT_EQ(conversation.brought_in({5}, device(3)), Seq{4});
}

}  // namespace
}  // namespace kith::sim
