// What one device of an account was not shown, or could not believe, its other devices have: it comes from the archive,
// once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/chat_archive.h"
#include "client/core/missing.h"
#include "client/core/repeats.h"
#include "client/core/test/archived.h"
#include "client/core/test/restored.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;

TEST(ArchiveGap, what_was_shown_wrongly_to_one_device_it_has_from_another_one) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  ASSERT_TRUE(t.world.run_until([&] { return keys::seats_of(*t.conversation().group).value().size() == 3; }));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto spoil = [](wire::Entry& entry) {
      if (entry.kind == wire::EntryKind::application) entry.client_id.value[0] ^= 1;
    };
    if (&client != &t.alice) return true;
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) spoil(hint->entry);
    if (auto* entries = std::get_if<wire::Entries>(&frame.body)) std::ranges::for_each(entries->entries, spoil);
    return true;
  };
  write(t.world, t.bob, t.alice_id, {"hidden"});
  ASSERT_TRUE(t.world.run_until([&] { return t.alice.warnings["entry_refused"] == 1; }));
  t.world.to_client = nullptr;
  write(t.world, t.bob, t.alice_id, {"seen"});
  settle(t.world);
  t.expect_same_history();
  EXPECT_THAT(texts_with(t.world, t.alice, t.bob_id), ::testing::IsSupersetOf({"hidden", "seen"}));
}

TEST(ArchiveGap, what_the_archive_had_before_the_log_was_looked_at_is_not_waited_for) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  settle(t.world);
  t.tablet.stop();
  write(t.world, t.bob, t.alice_id, {"missed"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.alice, t.bob_id, "missed"); }));
  settle(t.world);
  t.bob.stop();  // he sends nothing again
  t.tablet.rows.erase(row_key::group_epoch(t.id()));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  t.tablet.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "missed"); }));
  const auto before = t.conversation().epoch;
  t.world.to_client = nullptr;
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().epoch > before; }));
  t.world.run_for(Missing::kPatienceMs + 86'400'000);
  t.expect_same_history();
}

// Its invitation is useless, so it comes in from outside, and what was said before is sent to it once more.
TEST(ArchiveGap, what_came_again_is_not_shown_once_more_from_the_archive) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  link(p.world, p.alice, tablet, kAlicePhone);
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto move = [](wire::Mail& mail) {
      if (mail.kind == wire::MailKind::welcome) mail.conversation_seq.value += 1;
    };
    if (&client != &p.alice) return true;
    if (auto* hint = std::get_if<wire::MailHint>(&frame.body)) move(hint->mail);
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) std::ranges::for_each(mails->mails, move);
    return true;
  };
  write(p.world, p.bob, p.alice_id, {"one", "two"});
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "two"); }));
  EXPECT_GT(p.alice.warnings["rejoining"], 0);
  settle(p.world);
  p.world.run_for(60'000);
  EXPECT_THAT(texts_with(p.world, p.alice, p.bob_id), ElementsAre("one", "two"));
  EXPECT_THAT(texts_with(p.world, tablet, p.bob_id), ElementsAre("one", "two"));
}

// Alice was shown "two" in the place of "one", and archived it there; her tablet missed both.
struct Misled : Archived {
  Misled() {
    link(world, alice, tablet, kAlicePhone);
    EXPECT_TRUE(await_history(world, tablet));
    EXPECT_TRUE(world.run_until([&] { return keys::seats_of(*conversation().group).value().size() == 3; }));
    settle(world);
    tablet.stop();
    const Seq place = conversation().log.back().seq.next();
    world.to_client = [this, place](Client& client, wire::Frame& frame) {
      if (&client != &alice) return true;
      if (const auto* hint = std::get_if<wire::EntryHint>(&frame.body)) return hint->entry.seq != place;
      auto* read = std::get_if<wire::Entries>(&frame.body);
      if (read == nullptr || read->entries.size() < 2 || read->entries[0].seq != place) return true;
      read->entries[0] = read->entries[1];
      read->entries[0].seq = place;
      return true;
    };
    // Neither was written with the other one read.
    for (const char* text : {"one", "two"}) bob.tell({{"type", "send"}, {"user", alice_id}, {"text", text}});
    EXPECT_TRUE(world.run_until([&] { return has_text(world, alice, bob_id, "two"); }));
    settle(world);
    EXPECT_FALSE(has_text(world, alice, bob_id, "one"));
    EXPECT_EQ(alice.warnings["entry_unreadable"], 1) << "it is not in its own place again";
  }
};

// The tablet has that place from the archive.
TEST(ArchiveGap, what_the_archive_has_something_else_for_is_shown_when_its_author_sends_it_again) {
  Misled t;
  // The archive is faster than the way back.
  t.tablet.rows.erase(row_key::group_epoch(t.id()));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  t.tablet.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "two"); }));
  t.world.to_client = nullptr;
  EXPECT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "one"); }));
  t.world.run_for(60'000);
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id),
              ::testing::UnorderedElementsAre("first", "second", "one", "two"));
}

// The tablet was shown the truth, and archives "two" where Alice could not read it. Her phone has it from before, and
// begins anew: there is nothing to be done in that chat but to take what comes from the archive.
TEST(ArchiveGap, what_the_archive_has_in_two_places_is_shown_once_though_the_chat_was_not_needed_in_this_life) {
  Misled t;
  t.world.to_client = nullptr;
  Client& phone = t.world.add("Alice's phone");
  link(t.world, t.alice, phone, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, phone));
  ASSERT_TRUE(t.world.run_until([&] { return keys::seats_of(*t.conversation().group).value().size() == 4; }));
  settle(t.world);
  phone.stop();
  const std::size_t log = t.conversation().log.size();
  // The log is faster than the archive.
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::ArchiveBlocks>(frame.body);
  };
  t.tablet.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "two"); }));
  t.world.to_client = nullptr;
  t.tablet.crash();
  settle(t.world);
  const auto archived = texts_in(t.world, t.alice);
  ASSERT_EQ(std::ranges::count(archived, "two"), 2);
  ASSERT_EQ(t.conversation().log.size(), log) << "nothing for the phone to read";
  phone.start();
  ASSERT_TRUE(await_history(t.world, phone));
  t.world.run_for(1'000);
  EXPECT_THAT(texts_with(t.world, phone, t.bob_id), ElementsAre("first", "second", "two"));
}

// The tablet was told once that something else is at its place, and is sent it again; the phone has it from both.
TEST(ArchiveGap, what_came_again_under_its_name_alone_is_not_shown_twice_to_those_that_come_in_later) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  ASSERT_TRUE(t.world.run_until([&] { return keys::seats_of(*t.conversation().group).value().size() == 3; }));
  settle(t.world);
  t.tablet.stop();
  const Seq place = t.conversation().log.back().seq.next();
  write(t.world, t.bob, t.alice_id, {"one"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.alice, t.bob_id, "one"); }));
  settle(t.world);
  ASSERT_THAT(texts_in(t.world, t.alice), ::testing::Contains("one"));
  auto chat = *mls::decoded<ChatRecord>(t.tablet.rows[row_key::chat(t.id())]);
  chat.archive.held.push_back({.history = chat.history, .from = place, .to = place, .base = chat.order_base});
  t.tablet.rows[row_key::chat(t.id())] = mls::encoded(chat);
  t.tablet.rows.erase(row_key::group_epoch(t.id()));
  t.tablet.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "one"); }));
  settle(t.world);
  Client& phone = t.world.add("Alice's phone");
  link(t.world, t.alice, phone, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, phone));
  EXPECT_THAT(texts_with(t.world, phone, t.bob_id), ::testing::UnorderedElementsAre("first", "second", "one"));
}

// She came back and is sent what she missed; her tablet came in since, and waits for nothing.
TEST(ArchiveGap, what_came_again_for_one_device_comes_from_it_to_those_that_came_in_since) {
  Archived t;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  link(t.world, t.alice, t.tablet, kAlicePhone);
  t.alice.stop();
  write(t.world, t.bob, t.alice_id, {"missed"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 3));
  // Alice does not come to write, since she waits for a block that there is not.
  bool waits = true;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (!waits || &client != &t.alice) return true;
    if (auto* told = std::get_if<wire::SyncOk>(&frame.body)) ++told->archive_head.value;
    return !std::holds_alternative<wire::ArchiveBlocks>(frame.body);
  };
  t.tablet.crash();
  ASSERT_TRUE(t.world.run_until([&] { return keys::seats_of(*t.conversation().group).value().size() == 3; }));
  t.alice.rows.erase(row_key::group_epoch(t.id()));
  t.alice.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.alice, t.bob_id, "missed"); }));
  write(t.world, t.bob, t.alice_id, {"seen"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "seen"); }));
  settle(t.world);
  ASSERT_THAT(texts_in(t.world, t.alice), ::testing::Contains("seen")) << "by the tablet";
  waits = false;
  t.alice.crash();
  EXPECT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "missed"); }));
  settle(t.world);
  t.expect_same_history();
  EXPECT_THAT(texts_with(t.world, t.alice, t.bob_id), ElementsAre("first", "second", "missed", "seen"));
}

// Two histories of the server have other entries at the same places; Alice was away since the first.
struct Parted : Archived {
  Parted() {
    link(world, alice, tablet, kAlicePhone);
    EXPECT_TRUE(await_history(world, tablet));
    EXPECT_TRUE(world.run_until([&] { return keys::seats_of(*conversation().group).value().size() == 3; }));
    settle(world);
    const auto backup = world.server.conversations;
    write(world, bob, alice_id, {"lost 1", "lost 2"});
    for (Client* client : {&alice, &tablet})
      EXPECT_TRUE(world.run_until([&] { return has_text(world, *client, bob_id, "lost 2"); }));
    alice.stop();
    for (Client* client : {&bob, &tablet}) client->set_network(false);
    world.server.conversations = backup;
    ++world.server.history.value[0];
    for (Client* client : {&bob, &tablet}) client->set_network(true);
    write(world, bob, alice_id, {"new 1", "new 2"});
    EXPECT_TRUE(world.run_until([&] { return has_text(world, tablet, bob_id, "new 2"); }));
    settle(world);
    EXPECT_THAT(texts_in(world, alice), ::testing::Contains("new 2")) << "by the tablet";
    bob.stop();  // he sends nothing again
    alice.rows.erase(row_key::group_epoch(id()));
  }
  void expect_all() {
    EXPECT_TRUE(world.run_until([&] { return has_text(world, alice, bob_id, "new 2"); }));
    settle(world);
    EXPECT_THAT(texts_with(world, alice, bob_id), ElementsAre("first", "second", "lost 1", "lost 2", "new 1", "new 2"));
  }
};

// The archive comes when she is in again, behind what the tablet was shown.
TEST(ArchiveGap, what_came_instead_of_what_a_server_lost_has_places_of_its_own) {
  Parted t;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.alice || !std::holds_alternative<wire::ArchiveBlocks>(frame.body);
  };
  const auto before = t.conversation().epoch;
  t.alice.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().epoch > before; }));
  t.world.run_for(1'000);
  t.world.to_client = nullptr;
  t.alice.crash();
  t.expect_all();
}

// The archive is faster than the log.
TEST(ArchiveGap, what_came_instead_is_placed_when_it_is_known_where_the_histories_part) {
  Parted t;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.alice || !std::holds_alternative<wire::Entries>(frame.body);
  };
  t.alice.start();
  t.world.run_for(10'000);
  t.world.to_client = nullptr;
  t.alice.crash();
  t.expect_all();
}

bool await_archived(World& world, const Client& owner, const std::string& text) {
  return world.run_until([&] { return std::ranges::count(texts_in(world, owner), text) == 1; });
}

// It was on its way in, and has read of no log where the histories part.
TEST(ArchiveGap, what_came_instead_has_places_of_its_own_on_a_device_that_is_still_to_come_in) {
  Archived t;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.tablet.stop();
  const auto backup = t.world.server.conversations;
  write(t.world, t.bob, t.alice_id, {"lost 1", "lost 2"});
  ASSERT_TRUE(await_archived(t.world, t.alice, "lost 2"));
  restore(t.world, backup, {&t.alice, &t.bob});
  write(t.world, t.bob, t.alice_id, {"new 1", "new 2"});
  ASSERT_TRUE(await_archived(t.world, t.alice, "new 2"));
  ASSERT_EQ(keys::seats_of(*t.conversation().group).value().size(), 2U);
  t.world.to_client = nullptr;
  t.tablet.start();
  EXPECT_TRUE(t.world.run_until([&] { return keys::seats_of(*t.conversation().group).value().size() == 3; }));
  settle(t.world);
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id),
              ElementsAre("first", "second", "lost 1", "lost 2", "new 1", "new 2"));
}

// Cleo was removed, and her tablet alone is in again: what is said there she has by the archive.
TEST(ArchiveGap, what_came_instead_has_places_of_its_own_with_who_is_out) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: one");
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "out"; }));
  Client& tablet = f.world.add("Cleo's tablet");
  link(f.world, f.cleo, tablet, "+41790000003");
  const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
  ASSERT_TRUE(made && made->contains("invite"));
  const auto joined = tablet.ask({{"type", "join_group"}, {"link", (*made)["invite"]["link"]}});
  ASSERT_TRUE(joined && joined->value("joined", false)) << joined.value_or(Json());
  f.world.run_for(10'000);
  const auto backup = f.world.server.conversations;
  for (const std::string& text : numbered("lost ", 5)) EXPECT_EQ(f.say(f.ann, text), "done");
  ASSERT_TRUE(f.await(f.cleo, "Ann: lost 4")) << "by the archive";
  ASSERT_EQ(f.chat(f.cleo)["membership"], "out");
  f.cleo.stop();
  restore(f.world, backup, {&f.ann, &f.ben, &tablet});
  for (const std::string& text : numbered("new ", 5)) EXPECT_EQ(f.say(f.ann, text), "done");
  ASSERT_TRUE(await_archived(f.world, f.cleo, "new 4")) << "by her tablet";
  f.cleo.start();
  for (const std::string& text : numbered("new ", 5)) {
    EXPECT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.cleo), "Ann: " + text) == 1; })) << text;
  }
  for (const std::string& text : numbered("lost ", 5))
    EXPECT_EQ(std::ranges::count(f.seen(f.cleo), "Ann: " + text), 1) << text;
}

// Her tablet archived it before she came back behind it.
TEST(ArchiveGap, an_own_message_that_the_archive_has_is_sent_though_its_author_was_away) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  settle(t.world);
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.alice || !std::holds_alternative<wire::Appended>(frame.body);
  };
  t.alice.tell({{"type", "send"}, {"user", t.bob_id}, {"text", "mine"}});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.bob, t.alice_id, "mine"); }));
  t.alice.stop();
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.alice || !std::holds_alternative<wire::Group>(frame.body);
  };
  settle(t.world);
  t.alice.rows.erase(row_key::group_epoch(t.id()));
  t.alice.start();
  t.world.run_for(5'000);
  t.world.to_client = nullptr;
  t.world.run_for(120'000);
  const auto chat = chat_with(t.world, t.alice, t.bob_id);
  const auto is_mine = [](const Json& message) { return message.value("text", "") == "mine"; };
  EXPECT_EQ(std::ranges::count_if(chat, is_mine), 1) << Json(chat).dump(1);
}

// The server said that it did not take it; her tablet sends it to her again.
TEST(ArchiveGap, an_own_message_that_another_device_sends_again_is_not_one_that_failed) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  settle(t.world);
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.alice || !std::holds_alternative<wire::Appended>(frame.body)) return true;
    wire::Error refused;
    refused.code = wire::ErrorCode::invalid_argument;
    frame.body = refused;
    return true;
  };
  t.alice.tell({{"type", "send"}, {"user", t.bob_id}, {"text", "mine"}});
  ASSERT_TRUE(t.world.run_until([&] {
    return std::ranges::any_of(t.alice.messages, [](const auto& item) { return item.second["state"] == "failed"; });
  }));
  t.alice.stop();
  t.world.to_client = nullptr;
  t.alice.rows.erase(row_key::group_epoch(t.id()));
  t.alice.start();
  t.world.run_for(120'000);
  const auto chat = chat_with(t.world, t.alice, t.bob_id);
  const auto is_mine = [](const Json& message) { return message.value("text", "") == "mine"; };
  EXPECT_EQ(std::ranges::count_if(chat, is_mine), 1) << Json(chat).dump(1);
}

// Ben leaves before he hears that it is in the log, where his tablet has read it.
TEST(ArchiveGap, an_own_message_that_another_device_has_is_not_one_that_failed_when_its_user_left) {
  Friends f;
  f.found({&f.ben});
  Client& tablet = f.world.add("Ben's tablet");
  link(f.world, f.ben, tablet, "+41790000002");
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }));
  ASSERT_TRUE(
      f.world.run_until([&] { return f.chat(tablet).is_object() && f.chat(tablet)["membership"] == "member"; }));
  settle(f.world);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &f.ben || !std::holds_alternative<wire::Appended>(frame.body);
  };
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "mine"}});
  ASSERT_TRUE(f.await(tablet, "Ben: mine"));
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
  f.world.to_client = nullptr;
  settle(f.world);
  for (const bool is_next_life : {false, true}) {
    const auto page = f.ben.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 50}});
    ASSERT_TRUE(page && (*page)["type"] == "done");
    const auto is_mine = [](const Json& message) { return message.value("text", "") == "mine"; };
    EXPECT_EQ(std::ranges::count_if((*page)["messages"], is_mine), 1) << is_next_life << page->dump(1);
    f.ben.stop();
    f.ben.start();
  }
}

// Alice comes back from outside and is sent what she missed; long afterwards her tablet, which was away, archives it at
// the place where it was said first. She was lied to at some time, and looks it up by its name.
TEST(ArchiveGap, what_came_again_far_behind_its_place_is_not_shown_once_more_to_whoever_was_lied_to) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  settle(t.world);
  t.alice.stop();
  t.tablet.set_network(false);
  write(t.world, t.bob, t.alice_id, {"one"});
  t.world.run_for(5'000);
  t.alice.rows.erase(row_key::group_epoch(t.id()));
  t.alice.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.alice, t.bob_id, "one"); }));
  t.world.run_for(5'000);
  t.alice.stop();
  auto chat = *mls::decoded<ChatRecord>(t.alice.rows[row_key::chat(t.id())]);
  ASSERT_TRUE(chat.has_again);
  chat.is_doubted = true;
  std::optional<MessageRecord> again;
  for (const auto& [key, value] : t.alice.rows) {
    const auto message = key[0] == 'm' ? mls::decoded<MessageRecord>(value) : fail(mls::Errc::bad_value);
    if (message && message->is_again) again = *message;
  }
  ASSERT_TRUE(again.has_value());
  t.alice.rows.erase(row_key::message(t.id(), again->order));
  again->order += 2 * ChatArchive::kDoubtedPlaces;
  t.alice.rows[row_key::message(t.id(), again->order)] = mls::encoded(*again);
  // More than it remembers.
  for (std::uint32_t i = 1; i <= Repeats::kKept; ++i) {
    const MessageRecord other{.id = {.value = {0xE7, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}},
                              .seq = {again->seq.value + i},
                              .order = again->order + i,
                              .sender = again->sender,
                              .text = "other"};
    t.alice.rows[row_key::message(t.id(), other.order)] = mls::encoded(other);
  }
  t.alice.rows[row_key::chat(t.id())] = mls::encoded(chat);
  t.alice.start();
  t.tablet.set_network(true);
  settle(t.world);
  const auto texts = texts_with(t.world, t.alice, t.bob_id);
  EXPECT_EQ(std::ranges::count(texts, "one"), 1);
  EXPECT_EQ(std::ranges::count(texts, "other"), Repeats::kKept);
}

}  // namespace
}  // namespace kith::client::test
