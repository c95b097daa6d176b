// Alice and Bob who talked, and Bob who misses something: away past the log's retention, or with a group that his disk
// lost.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/test/people.h"
#include "keys/conversation.h"

namespace kith::client::test {

struct Away : Acquainted {
  using Acquainted::Acquainted;
  // Bob is away while Alice writes these.
  void bob_misses(const std::vector<std::string>& texts) {
    bob.stop();
    const std::size_t before = messages_in_log();
    write(world, alice, bob_id, texts);
    ASSERT_TRUE(
        world.run_until([&] { return messages_in_log() == before + texts.size() && stored_chat(alice).pending == 0; }));
  }
  // Then he is back, and has to come in from outside: his disk lost the group, ...
  void bob_comes_back() {
    lose_group(bob);
    bob.start();
  }
  // ... or the log does not go back as far as his.
  void bob_comes_back_too_late() {
    keep_log_from(conversation().log.back().seq.next());
    bob.start();
  }
  void lose_group(Client& client) {
    client.stop();
    const Bytes from = row_key::group(id());
    std::erase_if(client.rows, [&](const auto& row) {
      return row.first.size() > from.size() && std::equal(from.begin(), from.end(), row.first.begin()) &&
             row.first[from.size()] != 'q';
    });
  }
  // And it knows so: it comes in from outside though there is nothing to read.
  void know_group_lost(Client& client) {
    lose_group(client);
    ChatRecord record = stored_chat(client);
    record.membership = Membership::lost;
    client.rows[row_key::chat(id())] = to_bytes(mls::encoded_secret(record));
  }
  // The server has no entry before this one any more, for Bob.
  void keep_log_from(Seq first) {
    world.to_client = [this, first](Client& client, wire::Frame& frame) {
      const auto* entries = std::get_if<wire::Entries>(&frame.body);
      if (&client != &bob || entries == nullptr || entries->entries.empty() || entries->entries.front().seq >= first)
        return true;
      wire::Error error;
      error.code = wire::ErrorCode::trimmed;
      error.first_seq = first;
      frame.body = error;
      return true;
    };
  }
  // A message of Alice's is on her disk no more.
  void alice_loses(const std::string& text) {
    alice.stop();
    const auto is_it = [&](const auto& row) {
      if (row.first[0] != 'm') return false;
      const auto message = mls::decoded<MessageRecord>(row.second);
      return message && message->text == text;
    };
    EXPECT_EQ(std::erase_if(alice.rows, is_it), 1U);
    alice.start();
  }
  // Alice's client is changed: it sends these too, whatever they are.
  void alice_sends(std::vector<OutgoingRecord> extra) {
    alice.stop();
    const std::size_t before = messages_in_log();
    auto chat = *mls::decoded<ChatRecord>(alice.rows[row_key::chat(id())]);
    for (OutgoingRecord& record : extra) {
      record.order = (std::uint64_t{1} << 52) + 100'000 + ++extras;
      record.sent_ms = world.now();
      record.id.value = {0xE7, static_cast<std::uint8_t>(extras), static_cast<std::uint8_t>(extras >> 8)};
      alice.rows[row_key::outgoing(id(), record.order)] = mls::encoded(record);
      ++chat.pending;
    }
    alice.rows[row_key::chat(id())] = mls::encoded(chat);
    alice.start();
    ASSERT_TRUE(world.run_until([&] { return messages_in_log() == before + extra.size(); }));
  }

  ChatRecord stored_chat(Client& client) { return *mls::decoded<ChatRecord>(client.rows[row_key::chat(id())]); }
  std::vector<std::string> bob_sees() { return texts_with(world, bob, alice_id); }
  std::vector<std::string> alice_sees() { return texts_with(world, alice, bob_id); }
  bool await(const std::vector<std::string>& texts) {
    for (int i = 0; i < 600; ++i, world.run_for(200)) {
      if (bob_sees() == texts) return true;
    }
    return false;
  }
  // The line that says what is lost, as list_messages tells it; null where there is none, a failure where there are
  // more.
  Json line() {
    Json line;
    for (const Json& message : chat_with(world, bob, alice_id)) {
      if (!message.contains("notice")) continue;
      EXPECT_TRUE(line.is_null()) << "two lines";
      line = message;
    }
    return line;
  }
  // Whether Bob's client has said in this life that something is lost.
  bool was_said() const {
    return std::ranges::any_of(bob.events, [](const Json& event) {
      return event["type"] == "message_gone" || (event["type"] == "message" && event["message"].contains("notice"));
    });
  }
  std::uint64_t extras = 0;
};

}  // namespace kith::client::test
