// The archive goes on under the account's next keys: who has those reads all of it, and who was revoked adds nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/archived.h"
#include "client/core/test/household.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// Alice with a tablet and a phone that have read her archive.
struct Rekeyed : Archived {
  Rekeyed() : Archived(1, 1) {
    for (Client* device : {&tablet, &phone}) {
      link(world, alice, *device, kAlicePhone);
      EXPECT_TRUE(await_history(world, *device));
    }
    settle(world);
    kept = tablet.rows;
  }
  std::vector<ModelServer::Archive::Block>& blocks() { return archive_of(world, alice).blocks; }
  [[nodiscard]] std::uint32_t generation_at_the_end() {
    return keys::ArchiveBlock::read(blocks().back().payload).value().generation;
  }
  // It is out, and the archive is under the next key.
  void revoke_tablet() {
    const std::size_t before = blocks().size();
    ASSERT_EQ(Household::revoke(alice, tablet), "done");
    ASSERT_TRUE(world.run_until([&] { return blocks().size() > before && generation_at_the_end() == 1; }, 2'000))
        << "at once, though nothing was said";
    ASSERT_TRUE(world.run_until([&] { return Household::generation_of(phone) == 1; }));
  }
  void say(const std::string& text) {
    write(world, bob, alice_id, {text});
    settle(world);
  }
  // What the tablet can seal with all that it kept, in the place behind the end.
  Bytes block_of_the_tablet(std::uint32_t generation) {
    wire::ArchivedMessage message{.client_id = {{7}},
                                  .seq = {900},
                                  .sender = *UserId::from_text(bob_id),
                                  .sent_ms = world.now(),
                                  .time_ms = world.now()};
    message.content = wire::encode_padded({.sent_ms = world.now(), .text = "never said"});
    wire::ArchiveContent content;
    content.spans.push_back({.conversation = id(),
                             .history = world.server.history,
                             .from = {900},
                             .to = {900},
                             .peer = *UserId::from_text(bob_id),
                             .messages = {message}});
    return sealed_by_the_tablet(generation, wire::encode_archive(content));
  }
  Bytes sealed_by_the_tablet(std::uint32_t generation, ByteView content) {
    const auto account = mls::decoded<AccountRecord>(kept.at(row_key::account())).value();
    const auto key = keys::AccountGeneration::from(account.generation, account.generation_secret).value();
    const keys::ArchiveBlock block{.before = archive_of(world, alice).chain(blocks().size()), .generation = generation};
    kith::test::SeededEntropy entropy{99};
    return block.seal(*UserId::from_text(alice_id), Seq{blocks().size() + 1}, key.archive_key(), content, entropy)
        .value();
  }
  void append(const Bytes& payload) {
    blocks().push_back({.time_ms = world.now(), .client_id = {{9}}, .payload = payload});
    for (Client* device : {&alice, &phone}) device->crash();
  }
  void expect_it_is_refused(std::uint32_t generation) {
    append(block_of_the_tablet(generation));
    for (Client* device : {&alice, &phone}) {
      EXPECT_TRUE(world.run_until([&] {
        return device->warnings["archive_forged"] + device->warnings["archive_unreadable"] > 0;
      })) << device->name;
      EXPECT_THAT(texts_with(world, *device, bob_id), Not(Contains("never said"))) << device->name;
    }
  }
  Client& phone = world.add("Alice's phone");
  std::map<Bytes, Bytes> kept;  // the tablet's rows as one of Alice's devices
};

TEST(ArchiveGenerations, the_block_behind_a_revoked_device_is_under_the_new_key_and_tells_the_one_before) {
  Rekeyed t;
  t.revoke_tablet();
  const auto contents = contents_of(t.world, t.alice);
  ASSERT_FALSE(contents.empty());
  ASSERT_TRUE(contents.back().former);
  EXPECT_EQ(contents.back().former->generation, 0U);
  const std::size_t size = t.blocks().size();
  settle(t.world);
  EXPECT_EQ(t.blocks().size(), size) << "one device does it";
}

TEST(ArchiveGenerations, a_device_of_before_reads_on_under_the_next_key_and_writes_under_it) {
  Rekeyed t;
  t.revoke_tablet();
  const std::string conversation = conversation_of(t.alice, t.bob_id);
  t.alice.ask({{"type", "pin_chat"}, {"conversation", conversation}, {"is_pinned", true}});
  EXPECT_TRUE(t.world.run_until([&] { return chat_of(t.phone, conversation)["is_pinned"] == true; }));
  t.phone.ask({{"type", "mute"}, {"conversation", conversation}, {"until_ms", nullptr}});
  EXPECT_TRUE(t.world.run_until([&] { return chat_of(t.alice, conversation)["muted"] == true; }));
  EXPECT_EQ(t.generation_at_the_end(), 1U);
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(ArchiveGenerations, a_device_that_is_linked_afterwards_reads_through_to_the_first_block) {
  Rekeyed t;
  t.revoke_tablet();
  t.say("under the new key");
  ASSERT_EQ((*t.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  t.say("under the newest");
  Client& fresh = t.world.add("Alice's laptop");
  link(t.world, t.alice, fresh, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, fresh));
  EXPECT_THAT(texts_with(t.world, fresh, t.bob_id),
              ElementsAre("first", "second", "bob 0", "under the new key", "under the newest"));
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(ArchiveGenerations, a_revoked_device_adds_no_block_that_others_take_though_the_server_helps) {
  for (const std::uint32_t generation : {0U, 1U}) {
    Rekeyed t;
    t.revoke_tablet();
    t.expect_it_is_refused(generation);
  }
}

// ---- what a stolen device writes before it is revoked ----

TEST(ArchiveGenerations, no_block_tells_the_key_of_a_generation_that_is_still_to_come) {
  Rekeyed t;
  wire::ArchiveContent planted;
  planted.former = wire::FormerKey{1, SecretBytes(32, 9)};
  t.append(t.sealed_by_the_tablet(0, wire::encode_archive(planted)));
  t.say("before");
  t.revoke_tablet();
  const auto account = stored_account(t.alice);
  const auto own = keys::AccountGeneration::from(account.generation, account.generation_secret).value();
  const std::size_t size = t.blocks().size();
  EXPECT_TRUE(keys::ArchiveBlock::open(account.user, Seq{size}, own.archive_key(), t.blocks().back().payload));
  t.say("after");
  Client& fresh = t.world.add("Alice's laptop");
  link(t.world, t.alice, fresh, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, fresh));
  EXPECT_THAT(texts_with(t.world, fresh, t.bob_id), ElementsAre("first", "second", "bob 0", "before", "after"));
}

TEST(ArchiveGenerations, a_block_that_makes_no_sense_is_left_out_and_stops_nothing) {
  Rekeyed t;
  t.append(t.sealed_by_the_tablet(0, Bytes(64, 7)));
  t.say("behind it");
  EXPECT_EQ(t.alice.warnings["archive_forged"], 0);
  EXPECT_EQ(t.alice.warnings["archive_unreadable"], 1);
  Client& fresh = t.world.add("Alice's laptop");
  link(t.world, t.alice, fresh, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, fresh));
  EXPECT_EQ(fresh.warnings["archive_unreadable"], 1);
  EXPECT_THAT(texts_with(t.world, fresh, t.bob_id), ElementsAre("first", "second", "bob 0", "behind it"));
}

TEST(ArchiveGenerations, no_block_puts_another_identity_quietly_in_a_persons_place) {
  Rekeyed t;
  wire::ArchiveContent lie;
  kith::test::SeededEntropy entropy{5};
  const auto eve = crypto::Suite::product().generate_signature_key(entropy);
  lie.people.push_back({.user = *UserId::from_text(t.bob_id),
                        .identity_key = eve.public_key,
                        .is_verified = true,
                        .name = "Bob",
                        .address = "",
                        .at_ms = t.world.now()});
  t.append(t.sealed_by_the_tablet(0, wire::encode_archive(lie)));
  ASSERT_TRUE(t.world.run_until([&] { return t.alice.warnings["identity_changed"] > 0; }));
  const auto contacts = (*t.alice.ask({{"type", "list_contacts"}}))["contacts"];
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_FALSE(contacts[0].value("verified", false));
  EXPECT_TRUE(contacts[0].value("identity_changed", false)) << "nothing is sent until the user has looked";
}

TEST(ArchiveGenerations, no_setting_of_the_future_has_the_last_word) {
  Rekeyed t;
  const std::string conversation = conversation_of(t.alice, t.bob_id);
  wire::ArchiveContent content;
  content.chats.push_back({.conversation = t.id(),
                           .at_ms = t.world.now() + 1'000'000'000'000,
                           .is_pinned = true,
                           .peer = UserId::from_text(t.bob_id)});
  t.append(t.sealed_by_the_tablet(0, wire::encode_archive(content)));
  t.say("then");
  EXPECT_EQ(chat_of(t.alice, conversation)["is_pinned"], false);
}

// ---- as rows say it ----

// The account's next generation, as a device gets it; what certifies it is another matter.
void give_generation(Client& client, std::uint32_t number) {
  AccountRecord account = stored_account(client);
  account.generation = number;
  account.generation_secret = SecretBytes(keys::AccountGeneration::kSecretBytes, static_cast<std::uint8_t>(number));
  client.rows[row_key::account()] = to_bytes(mls::encoded_secret(account));
}

TEST(ArchiveGenerations, a_device_that_missed_one_reads_it_once_the_next_one_tells_its_key) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.tablet.stop();
  const std::string conversation = conversation_of(t.alice, t.bob_id);
  const auto next = [&](std::uint32_t number, const Json& command) {
    t.alice.stop();
    give_generation(t.alice, number);
    t.alice.start();
    t.alice.ask(command);
    settle(t.world);
  };
  next(1, {{"type", "mute"}, {"conversation", conversation}, {"until_ms", nullptr}});
  next(2, {{"type", "pin_chat"}, {"conversation", conversation}, {"is_pinned", true}});
  give_generation(t.tablet, 2);
  t.tablet.start();
  EXPECT_TRUE(t.world.run_until([&] {
    const Json chat = chat_of(t.tablet, conversation);
    return !chat.is_null() && chat["is_pinned"] == true && chat["muted"] == true;
  }));
  ASSERT_TRUE(await_history(t.world, t.tablet));
  EXPECT_EQ(t.tablet.warnings["archive_forged"], 0);
}

TEST(ArchiveGenerations, a_device_waits_for_a_key_that_it_is_still_to_get) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.alice.stop();
  give_generation(t.alice, 2);
  t.alice.start();
  t.alice.ask({{"type", "mute"}, {"conversation", conversation_of(t.alice, t.bob_id)}, {"until_ms", nullptr}});
  settle(t.world);
  EXPECT_EQ(chat_of(t.tablet, conversation_of(t.alice, t.bob_id))["muted"], false);
  EXPECT_EQ(t.tablet.warnings["archive_forged"], 0);
  t.tablet.stop();
  give_generation(t.tablet, 2);
  t.tablet.start();
  EXPECT_TRUE(
      t.world.run_until([&] { return chat_of(t.tablet, conversation_of(t.alice, t.bob_id))["muted"] == true; }));
}

// ---- with the recovery key ----

struct AllLost : Rekeyed {
  void lose_all() {
    for (Client* device : {&alice, &tablet, &phone}) device->stop();
    prove(world, fresh, kAlicePhone);
    recover(world, fresh, alice.recovery_key);
  }
  Client& fresh = world.add("Alice, recovered");
};

TEST(ArchiveGenerations, who_comes_back_with_the_recovery_key_has_the_history_and_goes_on_with_it) {
  AllLost t;
  t.lose_all();
  ASSERT_TRUE(await_history(t.world, t.fresh));
  EXPECT_THAT(texts_with(t.world, t.fresh, t.bob_id), ElementsAre("first", "second", "bob 0"));
  EXPECT_TRUE(std::ranges::any_of(t.fresh.events, [](const Json& event) { return event["type"] == "history"; }));
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().leaves.size() == 5; }));
  t.say("welcome back");
  EXPECT_THAT(texts_with(t.world, t.fresh, t.bob_id), ElementsAre("first", "second", "bob 0", "welcome back"));
  EXPECT_THAT(texts_in(t.world, t.fresh), Contains("welcome back")) << "the new device writes it";
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(ArchiveGenerations, who_comes_back_after_a_revocation_reads_through_it) {
  AllLost t;
  t.revoke_tablet();
  t.say("under the new key");
  t.lose_all();
  ASSERT_TRUE(await_history(t.world, t.fresh));
  EXPECT_THAT(texts_with(t.world, t.fresh, t.bob_id), ElementsAre("first", "second", "bob 0", "under the new key"));
  EXPECT_EQ(t.fresh.warnings["archive_forged"], 0);
}

TEST(ArchiveGenerations, keys_that_changed_just_before_everything_was_lost_open_the_archive_all_the_same) {
  AllLost t;
  const std::size_t before = t.blocks().size();
  ASSERT_EQ((*t.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  for (Client* device : {&t.alice, &t.tablet, &t.phone}) device->stop();
  // What was to come behind them has not left.
  t.blocks().resize(before);
  ASSERT_EQ(t.generation_at_the_end(), 0U);
  t.lose_all();
  ASSERT_TRUE(await_history(t.world, t.fresh));
  EXPECT_THAT(texts_with(t.world, t.fresh, t.bob_id), ElementsAre("first", "second", "bob 0"));
  ASSERT_TRUE(t.world.run_until([&] { return t.generation_at_the_end() == 1; }));
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(ArchiveGenerations, who_comes_back_is_not_shown_less_than_there_was_at_the_last_change_of_keys) {
  AllLost t;
  const std::size_t size = t.blocks().size();
  ASSERT_EQ((*t.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  for (Client* device : {&t.alice, &t.tablet, &t.phone}) device->stop();
  t.blocks().resize(size - 1);
  t.lose_all();
  EXPECT_TRUE(t.world.run_until([&] { return t.fresh.warnings["archive_truncated"] > 0; }));
}

TEST(ArchiveGenerations, who_comes_back_is_told_where_a_restored_server_is_held_to_nothing) {
  AllLost t;
  ASSERT_EQ((*t.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  for (Client* device : {&t.alice, &t.tablet, &t.phone}) device->stop();
  t.blocks().pop_back();
  t.world.server.history = HistoryId{{2}};
  t.bob.crash();
  t.lose_all();
  EXPECT_TRUE(t.world.run_until([&] { return t.fresh.warnings["archive_unvouched"] == 1; }));
  EXPECT_EQ(t.fresh.warnings["archive_truncated"], 0);
}

TEST(ArchiveGenerations, nor_another_archive_of_the_same_length) {
  AllLost t;
  const auto shorter = t.blocks().size() - 1;
  ASSERT_EQ((*t.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  for (Client* device : {&t.alice, &t.tablet, &t.phone}) device->stop();
  // One that a device which has kept its keys makes for the server.
  t.blocks().resize(shorter);
  while (t.blocks().size() < shorter + 2)
    t.blocks().push_back({.time_ms = t.world.now(), .client_id = {{9}}, .payload = t.block_of_the_tablet(0)});
  t.lose_all();
  EXPECT_TRUE(t.world.run_until([&] { return t.fresh.warnings["archive_forged"] > 0; }));
  EXPECT_THAT(texts_with(t.world, t.fresh, t.bob_id), Not(Contains("never said")));
}

}  // namespace
}  // namespace kith::client::test
