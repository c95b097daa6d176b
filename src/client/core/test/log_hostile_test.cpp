// A server that says of the log, or of what it did with an entry, what is not so: nothing of it lasts longer than the
// lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/outbox.h"
#include "client/core/test/friends.h"
#include "client/core/test/linked.h"
#include "keys/conversation.h"
#include "mls/framing.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;

struct Lied : Friends {
  explicit Lied(std::uint64_t seed) : Friends(seed) { found({&ben, &cleo}); }

  // Changes what this client is told of entries, by whichever way it comes.
  void tell_wrongly(Client& victim, std::function<void(wire::Entry&)> change) {
    world.to_client = [&victim, change = std::move(change)](Client& client, wire::Frame& frame) {
      if (&client != &victim) return true;
      if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) change(hint->entry);
      if (auto* entries = std::get_if<wire::Entries>(&frame.body)) {
        for (wire::Entry& entry : entries->entries) change(entry);
      }
      return true;
    };
  }
  // The first answer to an entry of this client's is this one instead, though the entry is in the log.
  void answer_wrongly(Client& victim, wire::Error error) {
    world.to_client = [this, &victim, error = std::move(error)](Client& client, wire::Frame& frame) {
      if (&client != &victim || !std::holds_alternative<wire::Appended>(frame.body) || was_answered) return true;
      was_answered = true;
      frame.body = error;
      return true;
    };
  }
  std::string change_policy() { return run(ann, {{"type", "set_group"}, {"may_add", "admins"}}); }
  static wire::Error error(wire::ErrorCode code) {
    return {.code = code, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = {}};
  }
  bool was_answered = false;
};

TEST(LogHostile, a_commit_that_is_told_wrongly_is_asked_for_until_it_is_told_rightly) {
  const Bytes garbage = to_bytes("garbage");
  Bytes altered;
  const std::vector<std::function<void(wire::Entry&)>> lies{
      [](wire::Entry& entry) { entry.kind = wire::EntryKind::application; },
      [](wire::Entry& entry) { entry.epoch = entry.epoch.next(); },
      [&](wire::Entry& entry) { entry.payload = garbage; },
      [&](wire::Entry& entry) {
        altered = to_bytes(entry.payload);
        altered[altered.size() / 2] ^= 1;
        entry.payload = altered;
      },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    SCOPED_TRACE(i);
    Lied f(60 + i);
    f.tell_wrongly(f.ben, [&](wire::Entry& entry) {
      if (entry.kind == wire::EntryKind::commit) lies[i](entry);
    });
    EXPECT_EQ(f.change_policy(), "done");
    EXPECT_EQ(f.say(f.ann, "behind it"), "done");
    f.world.run_for(3'000);
    EXPECT_EQ(f.ben.warnings["entry_refused"], 1);
    f.world.to_client = nullptr;
    f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: behind it");
    EXPECT_EQ(f.ben.warnings["rejoining"], 0) << "nothing was lost";
  }
}

TEST(LogHostile, a_device_that_is_never_told_of_a_commit_comes_back_from_outside) {
  Lied f(64);
  f.tell_wrongly(f.ben, [](wire::Entry& entry) {
    if (entry.kind == wire::EntryKind::commit) entry.kind = wire::EntryKind::application;
  });
  EXPECT_EQ(f.change_policy(), "done");
  EXPECT_EQ(f.say(f.ann, "behind it"), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.ben.warnings["rejoining"] > 0; }));
  ASSERT_TRUE(f.await(f.ben, "Ann: behind it"));
  EXPECT_EQ(f.say(f.ben, "again"), "done");
  EXPECT_TRUE(f.await(f.cleo, "Ben: again"));
}

// The tablet is told a place too early for its way in; Dan comes behind it, and his word is what the server shows then.
TEST(LogHostile, a_new_device_at_a_wrong_place_comes_back_to_those_who_came_meanwhile) {
  Lied f(78);
  const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
  ASSERT_TRUE(made.has_value());
  for (const char* text : {"one", "two", "three", "four"}) EXPECT_EQ(f.say(f.ann, text), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: four");
  Client& tablet = f.world.add("Ben's tablet");
  Bytes word;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &tablet) return true;
    auto* appended = std::get_if<wire::Appended>(&frame.body);
    if (appended != nullptr && !std::exchange(f.was_answered, true)) appended->seq.value -= 3;
    auto* group = std::get_if<wire::Group>(&frame.body);
    if (group != nullptr && !word.empty()) group->group_info = word;
    return true;
  };
  link(f.world, f.ben, tablet, "+41790000002");
  ASSERT_TRUE(f.world.run_until([&] { return f.was_answered; }));
  const auto joined = f.dan.ask({{"type", "join_group"}, {"link", (*made)["invite"]["link"]}});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ((*joined)["joined"], true) << joined->dump();
  word = stored_group(f.dan, f.id()).group_info(false);
  ASSERT_TRUE(f.world.run_until([&] { return tablet.warnings["rejoining"] > 0; }));
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(tablet)["membership"] == "member"; }));
  EXPECT_EQ(tablet.warnings["group_refused"], 0);
  EXPECT_EQ(f.say(tablet, "here"), "done");
  EXPECT_TRUE(f.await(f.ann, "Ben: here"));
}

TEST(LogHostile, an_answer_that_names_a_place_further_on_puts_nothing_there) {
  Lied f(65);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* appended = std::get_if<wire::Appended>(&frame.body); &client == &f.ann && appended != nullptr)
      appended->seq.value += 2;
    return true;
  };
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  EXPECT_EQ(f.say(f.ben, "two"), "done");
  EXPECT_EQ(f.say(f.cleo, "three"), "done");
  f.world.run_for(5'000);
  EXPECT_EQ(f.say(f.ben, "four"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: four");
  EXPECT_EQ(f.ann.warnings["entry_refused"], 0);
}

TEST(LogHostile, a_message_that_is_in_the_log_is_sent_whatever_the_server_answered) {
  for (const wire::ErrorCode code : {wire::ErrorCode::stale_epoch, wire::ErrorCode::invalid_argument,
                                     wire::ErrorCode::not_allowed, wire::ErrorCode::client_id_reused}) {
    SCOPED_TRACE(static_cast<int>(code));
    Lied f(66);
    f.answer_wrongly(f.ann, Lied::error(code));
    f.ann.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "mine"}});
    ASSERT_TRUE(f.await(f.ben, "Ann: mine"));
    EXPECT_EQ(f.say(f.ben, "heard"), "done");
    f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: heard");
    EXPECT_TRUE(f.was_answered);
    // There was no commit, and that is named.
    EXPECT_EQ(f.ann.warnings["entry_refused"], code == wire::ErrorCode::stale_epoch ? 1 : 0);
    EXPECT_EQ(f.ann.warnings["rejoining"], 0);
  }
}

TEST(LogHostile, an_own_message_that_the_log_was_told_without_is_put_in_its_place_by_the_next_answer) {
  Lied f(71);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ann) return true;
    if (std::holds_alternative<wire::Appended>(frame.body) && !std::exchange(f.was_answered, true))
      frame.body = Lied::error(wire::ErrorCode::internal);
    const UserId self = Friends::device_of(f.ann).first;
    const auto rename = [&](wire::Entry& entry) {
      if (entry.sender_user == self) entry.client_id.value[0] ^= 1;
    };
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) rename(hint->entry);
    if (auto* entries = std::get_if<wire::Entries>(&frame.body)) std::ranges::for_each(entries->entries, rename);
    return true;
  };
  f.ann.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "mine"}});
  f.world.run_for(200);
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "theirs"}});
  f.world.run_for(700);
  EXPECT_EQ(f.ann.warnings["entry_refused"], 1) << "it was shown under another name";
  f.world.to_client = nullptr;
  ASSERT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.ann), "Ann: mine") == 1; }));
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: theirs");
}

// Dan came later, so he has nothing at the first place.
TEST(LogHostile, an_answer_that_names_a_place_from_before_a_device_came_is_not_believed) {
  Lied f(73);
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.dan) return true;
    auto* appended = std::get_if<wire::Appended>(&frame.body);
    if (appended != nullptr && !std::exchange(f.was_answered, true)) {
      appended->seq = {1};
      f.group().log.pop_back();
    }
    const auto* hint = std::get_if<wire::EntryHint>(&frame.body);
    return hint == nullptr || hint->entry.sender_device != Friends::device_of(f.dan).second;
  };
  EXPECT_EQ(f.say(f.dan, "mine"), "done");
  const auto is_dans = [&](const ModelServer::StoredEntry& entry) { return entry.sender == Friends::device_of(f.dan); };
  EXPECT_TRUE(f.world.run_until([&] { return f.was_answered; }));
  EXPECT_TRUE(f.world.run_until([&] { return std::ranges::count_if(f.group().log, is_dans) == 1; }));
  EXPECT_EQ(f.say(f.ben, "heard"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo, &f.dan}, "Ben: heard");
  for (Client* client : {&f.ann, &f.ben, &f.cleo, &f.dan}) {
    const auto seen = f.seen(*client);
    ASSERT_GE(seen.size(), 2U);
    EXPECT_EQ(seen[seen.size() - 2], "Dan: mine") << client->name;
    EXPECT_EQ(std::ranges::count(seen, "Dan: mine"), 1) << client->name;
  }
}

// The server takes it, says that it did not, keeps that from the author, and takes what comes then as well.
TEST(LogHostile, a_message_that_stands_in_the_log_twice_is_shown_once) {
  Lied f(74);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ann || !std::holds_alternative<wire::Appended>(frame.body) || std::exchange(f.was_answered, true))
      return true;
    f.group().log.back().client_id.value[0] ^= 1;
    frame.body = Lied::error(wire::ErrorCode::stale_epoch);
    return true;
  };
  f.ann.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "mine"}});
  ASSERT_TRUE(f.await(f.ben, "Ann: mine"));
  ASSERT_TRUE(f.await(f.cleo, "Ann: mine"));
  f.cleo.crash();
  ASSERT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.ann), "Ann: mine") == 1; }));
  const auto is_anns = [&](const ModelServer::StoredEntry& entry) {
    return entry.kind == wire::EntryKind::application && entry.sender == Friends::device_of(f.ann);
  };
  EXPECT_EQ(std::ranges::count_if(f.group().log, is_anns), 2);
  EXPECT_EQ(f.say(f.ben, "heard"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: heard");
  for (Client* client : {&f.ben, &f.cleo}) {
    EXPECT_EQ(std::ranges::count(f.seen(*client), "Ann: mine"), 1) << client->name;
    EXPECT_GT(client->warnings["entry_refused"], 0) << client->name;
  }
}

TEST(LogHostile, what_left_first_under_a_name_is_known_in_the_log_however_often_it_was_encrypted_anew) {
  Lied f(75);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_answer =
        std::holds_alternative<wire::Appended>(frame.body) || std::holds_alternative<wire::Error>(frame.body);
    if (&client == &f.ann && is_answer) frame.body = Lied::error(wire::ErrorCode::not_allowed);
    return &client != &f.ann || !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  f.ann.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "mine"}});
  ASSERT_TRUE(f.await(f.ben, "Ann: mine"));
  const auto failed = [&]() -> std::string {
    for (const auto& [id, message] : f.ann.messages) {
      if (message.contains("failure")) return id;
    }
    return "";
  };
  for (std::size_t i = 0; i < Outbox::kMaxFormer + 2; ++i) {
    ASSERT_TRUE(f.world.run_until([&] { return !failed().empty(); })) << i;
    EXPECT_EQ(f.run(f.ann, {{"type", "retry"}, {"message", failed()}}), "done");
  }
  f.world.to_client = nullptr;
  EXPECT_EQ(f.say(f.ben, "heard"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: heard");
  EXPECT_EQ(std::ranges::count(f.seen(f.ann), "Ann: mine"), 1);
}

TEST(LogHostile, a_group_that_was_founded_is_there_though_the_server_first_says_no) {
  Friends f(72);
  bool is_told = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &f.ann && std::holds_alternative<wire::Appended>(frame.body) && !std::exchange(is_told, true))
      frame.body = Lied::error(wire::ErrorCode::not_allowed);
    return true;
  };
  f.found({&f.ben});
  EXPECT_TRUE(is_told);
  EXPECT_EQ(f.say(f.ann, "here"), "done");
  EXPECT_TRUE(f.await(f.ben, "Ann: here"));
}

TEST(LogHostile, a_change_that_is_in_the_log_is_done_whatever_the_server_answered) {
  for (const wire::ErrorCode code :
       {wire::ErrorCode::invalid_commit, wire::ErrorCode::commit_first, wire::ErrorCode::stale_epoch}) {
    SCOPED_TRACE(static_cast<int>(code));
    Lied f(67);
    f.answer_wrongly(f.ann, Lied::error(code));
    EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
    EXPECT_TRUE(f.was_answered);
    EXPECT_EQ(f.ann.warnings["rejoining"], 0);
    EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.cleo) == "Ann owner, Ben admin, Cleo member"; }));
  }
}

// Her answer is lost, and where the commit stands she is shown what stands before it: she has read beyond its place.
TEST(LogHostile, who_is_shown_something_else_in_the_place_of_an_own_commit_comes_back_from_outside) {
  Lied f(77);
  f.world.run_for(5'000);
  bool has_crashed = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ann || f.ann.warnings["rejoining"] > 0) return true;
    if (auto* read = std::get_if<wire::Entries>(&frame.body)) {
      auto& entries = read->entries;
      for (std::size_t i = 1; i < entries.size(); ++i) {
        if (entries[i].kind != wire::EntryKind::commit) continue;
        entries[i] = entries[i - 1];
        entries[i].seq = entries[i - 1].seq.next();
      }
    }
    if (std::holds_alternative<wire::Appended>(frame.body)) return has_crashed;
    return !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  EXPECT_EQ(f.say(f.ben, "before it"), "done");
  f.ann.tell({{"type", "set_group"}, {"conversation", f.conversation}, {"may_add", "admins"}});
  ASSERT_TRUE(f.world.run_until([&] { return f.group().log.back().kind == wire::EntryKind::commit; }));
  has_crashed = true;
  f.ann.crash();
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.warnings["rejoining"] > 0; }));
  EXPECT_EQ(f.say(f.ann, "back"), "done");
  for (Client* client : {&f.ben, &f.cleo}) EXPECT_TRUE(f.await(*client, "Ann: back")) << client->name;
}

TEST(LogHostile, who_is_out_by_the_servers_word_alone_comes_back_when_it_tells_of_the_group_again) {
  Lied f(68);
  f.ben.stop();
  f.ben.rows.erase(row_key::group_epoch(f.id()));
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &f.ben && std::holds_alternative<wire::Group>(frame.body))
      frame.body = Lied::error(wire::ErrorCode::not_member);
    return true;
  };
  f.ben.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  f.world.to_client = nullptr;
  EXPECT_EQ(f.say(f.ann, "where are you?"), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "member"; }));
  EXPECT_EQ(f.say(f.ben, "here"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: here");
}

// Nothing tells him of it again once the mail that says so is done with.
TEST(LogHostile, who_was_removed_is_out_though_the_log_is_shown_without_it_at_first) {
  Lied f(76);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ben) return true;
    if (const auto* hint = std::get_if<wire::EntryHint>(&frame.body))
      return hint->entry.kind != wire::EntryKind::commit;
    if (auto* read = std::get_if<wire::Entries>(&frame.body)) {
      read->entries.clear();
      read->head_seq = Seq{f.group().log.size() - 1};
    }
    return true;
  };
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.world.run_for(15'000);
  EXPECT_EQ(f.chat(f.ben)["membership"], "member");
  f.world.to_client = nullptr;
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
}

TEST(LogHostile, who_was_removed_stays_out_though_the_server_tells_of_the_group) {
  Lied f(69);
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  const Seq head = f.group().log.back().seq;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* sync = std::get_if<wire::SyncOk>(&frame.body);
    if (&client == &f.ben && sync != nullptr)
      sync->heads.push_back({.conversation = f.id(), .head_seq = head.next(), .epoch = {9}, .cursors = {}});
    return true;
  };
  f.ben.crash();
  f.world.run_for(60'000);
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
  EXPECT_EQ(f.ben.warnings["rejoining"], 0);
}

// Ben tells the server a key for newcomers that nobody has: whoever comes in by it makes a commit that no member can
// apply, and is in the tree, where nobody but those who saw that commit knows it.
TEST(LogHostile, members_come_back_to_a_group_that_only_a_newcomer_they_could_not_follow_signs) {
  Lied f(70);
  const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
  ASSERT_TRUE(made.has_value());
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann: invite_made]");
  const auto& suite = crypto::Suite::product();
  kith::test::SeededEntropy entropy(5);
  auto info = *mls::decoded_message<mls::GroupInfo>(stored_group(f.ben, f.id()).group_info(false));
  mls::set_extension(info.extensions, mls::extension_type::kExternalPub,
                     mls::encoded(suite.generate_kem_key(entropy).public_key));
  mls::sign(suite, info, *suite.signature_key_from(stored_account(f.ben).leaf_key));
  const Bytes poisoned = mls::encoded_message(info);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* group = std::get_if<wire::Group>(&frame.body);
    if (group != nullptr && &client == &f.dan) group->group_info = poisoned;
    return true;
  };
  const auto joined = f.dan.ask({{"type", "join_group"}, {"link", (*made)["invite"]["link"]}});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ((*joined)["joined"], true) << joined->dump();
  f.world.to_client = nullptr;
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.warnings["rejoining"] > 0; }));
  for (Client* client : {&f.ann, &f.ben, &f.cleo}) {
    EXPECT_TRUE(f.world.run_until([&] { return f.chat(*client)["membership"] == "member"; }, 300'000)) << client->name;
  }
  EXPECT_EQ(f.say(f.cleo, "all here?"), "done");
  for (Client* client : {&f.ann, &f.ben, &f.dan}) {
    EXPECT_TRUE(f.world.run_until([&] {
      return !f.seen(*client).empty() && f.seen(*client).back() == "Cleo: all here?";
    })) << client->name;
  }
}

}  // namespace
}  // namespace kith::client::test
