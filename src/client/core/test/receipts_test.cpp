// Receipts in groups: ticks, who has received and read, what is asked of the server, and how often it is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/crowd.h"

namespace kith::client::test {
namespace {

// The newest message of this client that is in the log.
Json last_own(Friends& f, Client& by) {
  const auto answer = by.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 50}});
  Json last;
  if (!answer) return last;
  for (const Json& message : (*answer)["messages"]) {
    if (message["mine"] == true && message.contains("seq")) last = message;
  }
  return last;
}

Json receipts(Friends& f, Client& by, const Json& order) {
  return by.ask({{"type", "receipts"}, {"conversation", f.conversation}, {"order", order}}).value_or(Json());
}

// Of the last own message: "read Ben; delivered Cleo; waiting".
std::string who_has(Friends& f, Client& by) {
  const Json message = last_own(f, by);
  if (message.is_null()) return "nothing sent";
  const Json told = receipts(f, by, message["order"]);
  if (told.is_null()) return "no answer";
  if (told["type"] == "failed") return told["error"];
  if (told.contains("of")) {
    return told["read_count"].dump() + " of " + told["of"].dump() + " read, " + told["delivered_count"].dump() +
           " delivered";
  }
  std::string text;
  for (const char* list : {"read", "delivered", "waiting"}) {
    const std::vector<std::string> users = told[list];
    text += (text.empty() ? "" : "; ") + std::string(list);
    for (const Client* client : {&f.ann, &f.ben, &f.cleo, &f.dan}) {
      if (std::ranges::find(users, f.id_of(*client)) != users.end()) text += " " + client->name;
    }
  }
  return text;
}

std::string state_of_last(Friends& f, Client& by) { return last_own(f, by).value("state", "none"); }

std::string reads_all(Friends& f, Client& by) {
  return f.run(by, {{"type", "mark_read"}, {"seq", f.chat(by)["head_seq"]}});
}

bool comes_to(Friends& f, Client& by, const std::string& whole) {
  return f.world.run_until([&] { return who_has(f, by) == whole; });
}

std::string open_chat(Friends& f, Client& by) { return f.run(by, {{"type", "open_chat"}}); }

int count(const Client& client, const char* type) {
  return static_cast<int>(
      std::ranges::count_if(client.events, [&](const Json& event) { return event["type"] == type; }));
}

TEST(Receipts, say_who_has_received_and_read_an_own_message) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.cleo.stop();
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.expect_all_see({&f.ben}, "Ann: hello");
  EXPECT_TRUE(comes_to(f, f.ann, "read; delivered Ben; waiting Cleo")) << who_has(f, f.ann);
  const int before = count(f.ann, "receipts_changed");
  EXPECT_EQ(reads_all(f, f.ben), "done");
  EXPECT_TRUE(comes_to(f, f.ann, "read Ben; delivered; waiting Cleo")) << who_has(f, f.ann);
  EXPECT_GT(count(f.ann, "receipts_changed"), before) << "who shows it looks again";
  f.cleo.start();
  EXPECT_TRUE(comes_to(f, f.ann, "read Ben; delivered Cleo; waiting"));
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "delivered"; }));
}

TEST(Receipts, are_those_of_own_messages_that_are_sent) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  f.expect_all_see({&f.ann}, "Ben: hello");
  EXPECT_EQ(receipts(f, f.ann, last_own(f, f.ben)["order"])["error"], "not_found") << "somebody else's";
  EXPECT_EQ(receipts(f, f.ann, 1)["error"], "not_found") << "a commit's";
  EXPECT_EQ(receipts(f, f.ann, nullptr)["error"], "invalid_argument");
  f.ann.set_network(false);
  EXPECT_EQ(f.ann.ask({{"type", "send"}, {"conversation", f.conversation}, {"text", "later"}}).value()["type"], "done");
  const auto all = f.ann.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 1}}).value();
  EXPECT_EQ(receipts(f, f.ann, all["messages"][0]["order"])["error"], "not_found") << "not sent yet";
  EXPECT_EQ(f.run(f.ann, {{"type", "receipts"}, {"conversation", std::string(64, 'a')}, {"order", 1}}),
            "unknown_conversation");
  EXPECT_EQ(f.run(f.ann, {{"type", "open_chat"}, {"conversation", std::string(64, 'a')}}), "unknown_conversation");
}

TEST(Receipts, of_a_direct_chat_are_those_of_the_other) {
  Acquainted a;
  const std::string conversation = conversation_of(a.alice, a.bob_id);
  const auto list = [&](Client& by, const Json& order) {
    return by.ask({{"type", "receipts"}, {"conversation", conversation}, {"order", order}}).value_or(Json());
  };
  const auto own = [&] {
    for (const Json& message : chat_with(a.world, a.alice, a.bob_id)) {
      if (message["mine"] == true) return message;
    }
    return Json();
  };
  EXPECT_TRUE(a.world.run_until([&] { return list(a.alice, own()["order"])["delivered"] == Json{a.bob_id}; }));
  EXPECT_TRUE(a.bob.ask({{"type", "mark_read"}, {"conversation", conversation}, {"seq", 100}}).has_value());
  EXPECT_TRUE(a.world.run_until([&] { return list(a.alice, own()["order"])["read"] == Json{a.bob_id}; }));
  EXPECT_GT(count(a.alice, "receipts_changed"), 0);
}

// Dan never connects after he was added: messages of before do not wait for him, those of after do.
TEST(Receipts, do_not_wait_for_somebody_who_came_later) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.cleo.stop();
  f.dan.stop();
  EXPECT_EQ(f.add(f.ben, {&f.dan}), "done");
  f.expect_all_see({&f.ann}, "[Ben added Dan]");
  f.cleo.start();
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "delivered"; }));
  EXPECT_TRUE(comes_to(f, f.ann, "read; delivered Ben Cleo; waiting")) << who_has(f, f.ann);
  for (Client* reader : {&f.ben, &f.cleo}) EXPECT_EQ(reads_all(f, *reader), "done");
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "read"; }));
  EXPECT_EQ(f.say(f.ann, "and now"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: and now");
  EXPECT_TRUE(comes_to(f, f.ann, "read; delivered Ben Cleo; waiting Dan")) << who_has(f, f.ann);
  f.world.run_for(10'000);
  EXPECT_EQ(state_of_last(f, f.ann), "sent");
  f.dan.start();
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "delivered"; }));
}

TEST(Receipts, do_not_wait_for_somebody_who_was_removed) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.cleo.stop();
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  EXPECT_TRUE(comes_to(f, f.ann, "read; delivered Ben; waiting Cleo")) << who_has(f, f.ann);
  f.world.run_for(10'000);
  EXPECT_EQ(state_of_last(f, f.ann), "sent");
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "delivered"; }));
  EXPECT_EQ(who_has(f, f.ann), "read; delivered Ben; waiting");
}

TEST(Receipts, come_back_after_a_restart_and_the_first_hint_completes_them) {
  Friends f;
  f.found({&f.ben, &f.cleo, &f.dan});
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  EXPECT_TRUE(comes_to(f, f.ann, "read; delivered Ben Cleo Dan; waiting"));
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "delivered"; }));
  for (Client* reader : {&f.ben, &f.cleo}) EXPECT_EQ(reads_all(f, *reader), "done");
  EXPECT_TRUE(comes_to(f, f.ann, "read Ben Cleo; delivered Dan; waiting"));
  // Long enough for the second sync and all that is told again.
  f.world.run_for(20'000);
  f.ann.crash();
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.is_online(); }));
  f.world.run_for(20'000);
  // Ann has heard of nobody in this life: what Dan has read is not what all have until she has.
  EXPECT_EQ(state_of_last(f, f.ann), "delivered");
  EXPECT_EQ(reads_all(f, f.dan), "done");
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "read"; }, 20'000)) << "long before a sync";
  EXPECT_EQ(who_has(f, f.ann), "read Ben Cleo Dan; delivered; waiting");
  f.ann.crash();
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.is_online(); }));
  EXPECT_TRUE(comes_to(f, f.ann, "read Ben Cleo Dan; delivered; waiting")) << "as the server tells";
}

TEST(Receipts, need_the_server_and_every_question_is_answered_though_the_connection_breaks) {
  // Of a crowd whose chat is not open nobody is hinted at anything: the server is asked each time.
  Crowd c(43);
  EXPECT_EQ(c.say(c.ann, "hello"), "done");
  c.expect_all_see({&c.ann}, "Ann: hello");
  const Json order = last_own(c, c.ann)["order"];
  c.ann.set_network(false);
  EXPECT_EQ(receipts(c, c.ann, order)["error"], "offline");
  c.ann.set_network(true);
  EXPECT_TRUE(c.world.run_until([&] { return c.ann.is_online(); }));
  c.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &c.ann || !std::holds_alternative<wire::Receipts>(frame.body)) return true;
    c.ann.set_network(false);
    return false;
  };
  EXPECT_EQ(receipts(c, c.ann, order)["error"], "offline");
}

TEST(Receipts, of_a_large_group_are_numbers) {
  // So large that the server counts.
  Crowd c(40);
  c.world.server.most_told = 19;
  c.cleo.stop();
  EXPECT_EQ(c.say(c.ann, "hello"), "done");
  EXPECT_TRUE(comes_to(c, c.ann, "0 of 19 read, 18 delivered")) << who_has(c, c.ann);
  EXPECT_EQ(reads_all(c, c.ben), "done");
  EXPECT_TRUE(comes_to(c, c.ann, "1 of 19 read, 18 delivered")) << who_has(c, c.ann);
}

TEST(Receipts, of_somebody_who_is_not_in_are_not_listed) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: hello");
  f.world.to_client = [](Client&, wire::Frame& frame) {
    if (auto* told = std::get_if<wire::Receipts>(&frame.body))
      told->cursors.push_back({UserId{{42}}, Seq{1'000}, Seq{1'000}});
    return true;
  };
  EXPECT_EQ(open_chat(f, f.ann), "done");
  EXPECT_TRUE(f.world.run_until([&] { return state_of_last(f, f.ann) == "delivered"; }));
  const Json told = receipts(f, f.ann, last_own(f, f.ann)["order"]);
  EXPECT_EQ(told["delivered"], Json{f.id_of(f.ben)});
  EXPECT_TRUE(told["read"].empty());
}

// Watching, and how often a crowd tells.
TEST(Receipts, of_a_crowd_are_followed_while_the_chat_is_open) {
  Crowd c(41);
  EXPECT_EQ(c.say(c.ann, "hello"), "done");
  for (Client* client : c.everybody()) c.expect_all_see({client}, "Ann: hello");
  c.world.run_for(30'000);
  EXPECT_EQ(state_of_last(c, c.ann), "sent") << "nobody has told Ann";
  EXPECT_EQ(open_chat(c, c.ann), "done");
  EXPECT_TRUE(c.world.run_until([&] { return state_of_last(c, c.ann) == "delivered"; }, 5'000));
  EXPECT_EQ(reads_all(c, c.ben), "done");
  EXPECT_TRUE(c.world.run_until([&] { return who_has(c, c.ann).starts_with("read Ben;"); }, 5'000));
  // On another connection it is watched again.
  c.ann.set_network(false);
  c.ann.set_network(true);
  EXPECT_TRUE(c.world.run_until([&] { return c.ann.is_online(); }));
  c.world.run_for(10'000);
  int hints = 0;
  c.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &c.ann && std::holds_alternative<wire::CursorsHint>(frame.body)) ++hints;
    return true;
  };
  EXPECT_EQ(reads_all(c, c.cleo), "done");
  c.world.run_for(5'000);
  EXPECT_EQ(hints, 1);
  EXPECT_EQ(c.ann.ask({{"type", "open_chat"}}).value()["type"], "done");
  c.world.run_for(1'000);
  EXPECT_EQ(reads_all(c, c.dan), "done");
  c.world.run_for(5'000);
  EXPECT_EQ(hints, 1) << "no chat is open";
  EXPECT_TRUE(who_has(c, c.ann).starts_with("read Ben Cleo Dan;")) << "asked for";
}

TEST(Receipts, of_a_crowd_are_told_by_one_after_the_other_and_not_for_each_message) {
  Crowd c(42);
  c.world.run_for(30'000);
  auto& told_at = c.world.server.cursors_set_at;
  told_at.clear();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(c.say(c.ann, "message " + std::to_string(i)), "done");
  for (Client* client : c.everybody()) c.expect_all_see({client}, "Ann: message 4");
  c.world.run_for(10'000);
  EXPECT_GE(told_at.size(), 20U);
  EXPECT_LE(told_at.size(), 40U) << "five messages, and nobody tells more than twice";
  // At 20 people the pace is 1,250 ms, and each begins somewhere in it.
  EXPECT_GT(told_at.at(18) - told_at.at(0), 500);
}

}  // namespace
}  // namespace kith::client::test
