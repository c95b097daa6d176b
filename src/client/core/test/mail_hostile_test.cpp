// A server that says of an invitation what is not so: its bytes say what it is, and to which group.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/archived.h"

namespace kith::client::test {
namespace {

struct Mailed : Friends {
  explicit Mailed(std::uint64_t seed) : Friends(seed) { found({&ben, &cleo}); }

  // Changes the mail that this client is told of, by whichever way it comes.
  void tell_wrongly(Client& victim, std::function<void(wire::Mail&)> change) {
    world.to_client = [&victim, change = std::move(change)](Client& client, wire::Frame& frame) {
      if (&client != &victim) return true;
      if (auto* hint = std::get_if<wire::MailHint>(&frame.body)) change(hint->mail);
      if (auto* mails = std::get_if<wire::Mails>(&frame.body)) std::ranges::for_each(mails->mails, change);
      return true;
    };
  }
};

TEST(MailHostile, an_invitation_under_the_name_of_another_group_is_to_the_one_that_its_bytes_name) {
  Mailed f(80);
  bool was_told = false;
  f.tell_wrongly(f.dan, [&](wire::Mail& mail) {
    was_told = true;
    mail.conversation.value[0] ^= 1;
  });
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  EXPECT_TRUE(was_told);
  EXPECT_EQ(f.say(f.dan, "here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Dan: here");
}

TEST(MailHostile, an_invitation_is_one_whatever_the_server_calls_it) {
  Mailed f(81);
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  f.tell_wrongly(f.ben, [](wire::Mail& mail) {
    if (mail.kind == wire::MailKind::welcome) mail.kind = wire::MailKind::removed;
  });
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: back");
}

// He was away, and nothing else tells him.
TEST(MailHostile, who_was_removed_is_out_though_the_server_calls_it_an_invitation) {
  Mailed f(85);
  f.ben.stop();
  f.tell_wrongly(f.ben, [](wire::Mail& mail) {
    if (mail.kind == wire::MailKind::removed) mail.kind = wire::MailKind::welcome;
  });
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
}

// Which he has read, and is still in.
TEST(MailHostile, who_was_removed_is_out_though_the_server_names_an_earlier_place) {
  Mailed f(86);
  f.world.run_for(5'000);
  f.ben.stop();
  f.tell_wrongly(f.ben, [](wire::Mail& mail) {
    if (mail.kind == wire::MailKind::removed) mail.conversation_seq.value -= 1;
  });
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
}

// Cleo's message stands there a second time: as far as he can know that is her fault, and no reason to ask for the log.
TEST(MailHostile, who_was_removed_is_out_though_the_server_shows_a_message_in_the_place_of_the_commit) {
  Mailed f(88);
  f.world.run_for(5'000);
  EXPECT_EQ(f.say(f.cleo, "hello"), "done");
  ASSERT_TRUE(f.await(f.ben, "Cleo: hello"));
  const ModelServer::StoredEntry instead = f.group().log.back();
  ASSERT_EQ(instead.sender, Friends::device_of(f.cleo));
  const auto change = [&](wire::Entry& entry) {
    if (entry.kind != wire::EntryKind::commit) return;
    entry.kind = instead.kind;
    entry.sender_user = instead.sender.first;
    entry.sender_device = instead.sender.second;
    entry.client_id = instead.client_id;
    entry.payload = instead.payload;
  };
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ben) return true;
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) change(hint->entry);
    if (auto* entries = std::get_if<wire::Entries>(&frame.body)) std::ranges::for_each(entries->entries, change);
    return true;
  };
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  EXPECT_EQ(f.ben.warnings["entry_unreadable"], 1);
  // By the server's word: an invitation brings him back.
  f.world.to_client = nullptr;
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: back");
}

// He was away, and nothing else tells him of this group.
TEST(MailHostile, who_was_removed_is_out_though_the_server_names_another_conversation) {
  const auto unknown = [](Mailed&) { return std::string(64, '7'); };
  const auto direct = [](Mailed& f) {
    write(f.world, f.ben, find(f.world, f.ben, "+41790000001"), {"hello"});
    return conversation_of(f.ben, f.id_of(f.ann));
  };
  // Longer than the one that he is removed from.
  const auto group = [](Mailed& f) {
    const auto made = f.ann.ask({{"type", "create_group"}, {"name", "Other"}, {"members", {f.id_of(f.ben)}}});
    const std::string other = made.value()["chat"]["conversation"];
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(f.run(f.ann, {{"type", "send"}, {"conversation", other}, {"text", "again"}}), "done");
    EXPECT_TRUE(f.world.run_until([&] {
      const Json chat = chat_of(f.ben, other);
      return chat.is_object() && chat["membership"] == "member";
    }));
    return other;
  };
  const auto left = [&](Mailed& f) {
    const std::string other = group(f);
    EXPECT_EQ(f.run(f.ann, {{"type", "remove_member"}, {"conversation", other}, {"user", f.id_of(f.ben)}}), "done");
    EXPECT_TRUE(f.world.run_until([&] { return chat_of(f.ben, other)["membership"] == "out"; }));
    return other;
  };
  for (const std::function<std::string(Mailed&)>& name :
       std::vector<std::function<std::string(Mailed&)>>{unknown, direct, group, left}) {
    Mailed f(89);
    const std::string other = name(f);
    f.world.run_for(5'000);
    const Json before = chat_of(f.ben, other);
    f.ben.stop();
    f.tell_wrongly(f.ben, [&](wire::Mail& mail) {
      if (mail.kind == wire::MailKind::removed) mail.conversation = *ConversationId::from_text(other);
    });
    EXPECT_EQ(f.remove(f.ann, f.ben), "done");
    f.ben.start();
    EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]")) << other;
    EXPECT_EQ(f.chat(f.ben)["membership"], "out");
    const Json after = chat_of(f.ben, other);
    EXPECT_EQ(after.is_object(), before.is_object());
    if (after.is_object()) EXPECT_EQ(after["membership"], before["membership"]);
  }
}

TEST(MailHostile, who_had_left_comes_back_though_the_server_says_that_the_invitation_is_of_before) {
  Mailed f(87);
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
  EXPECT_EQ(f.say(f.ann, "without you"), "done");
  ASSERT_TRUE(f.await(f.ann, "[Ben left]"));
  bool was_told = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ben || was_told || !std::holds_alternative<wire::Group>(frame.body)) return true;
    frame.body =
        wire::Error{.code = wire::ErrorCode::trimmed, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = {}};
    was_told = true;
    return true;
  };
  EXPECT_EQ(f.run(f.ann, {{"type", "add_members"}, {"users", {f.id_of(f.ben)}}}), "done");
  ASSERT_TRUE(f.world.run_until([&] { return was_told; }));
  EXPECT_EQ(f.say(f.ann, "with you"), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "member"; }));
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: back");
}

TEST(MailHostile, a_leave_note_of_another_device_is_one_whatever_the_server_makes_of_it) {
  Bytes former;
  Bytes invitation;
  const auto for_a_while = [](const Bytes& instead) {
    return [&instead, until = std::int64_t{0}](Mailed& f, wire::Mail& mail) mutable {
      if (until == 0) until = f.world.now() + 10'000;
      if (f.world.now() < until) mail.payload = instead;
    };
  };
  const Bytes nothing;
  const std::vector<std::function<void(Mailed&, wire::Mail&)>> changes{
      [](Mailed&, wire::Mail& mail) { mail.kind = wire::MailKind::welcome; },
      [](Mailed&, wire::Mail& mail) { mail.conversation.value[0] ^= 1; },
      [](Mailed&, wire::Mail& mail) { mail.conversation_seq = {40}; },
      for_a_while(nothing),
      for_a_while(former),
      for_a_while(invitation)};
  for (const auto& change : changes) {
    Mailed f(83);
    Client& tablet = f.world.add("Ben's tablet");
    link(f.world, f.ben, tablet, "+41790000002");
    const auto comes_to = [&](Client& client, const std::string& conversation, const char* membership) {
      return f.world.run_until([&] {
        const Json chat = chat_of(client, conversation);
        return chat.is_object() && chat["membership"] == membership;
      });
    };
    const auto made = f.ann.ask({{"type", "create_group"}, {"name", "Other"}, {"members", {f.id_of(f.ben)}}});
    ASSERT_TRUE(made.has_value());
    const std::string other = (*made)["chat"]["conversation"];
    for (Client* device : {&f.ben, &tablet})
      ASSERT_TRUE(comes_to(*device, other, "member") && comes_to(*device, f.conversation, "member"));
    // Which it never uses.
    f.tell_wrongly(tablet, [&](wire::Mail& mail) {
      invitation = to_bytes(mail.payload);
      mail.kind = wire::MailKind::unknown;
      mail.payload = nothing;
    });
    f.ann.ask({{"type", "create_group"}, {"name", "Third"}, {"members", {f.id_of(f.ben)}}});
    f.world.run_for(1'000);
    f.tell_wrongly(tablet, [&](wire::Mail& mail) { former = to_bytes(mail.payload); });
    EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}, {"conversation", other}}), "done");
    EXPECT_TRUE(comes_to(tablet, other, "out"));
    f.tell_wrongly(tablet, [&](wire::Mail& mail) { change(f, mail); });
    EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
    EXPECT_TRUE(comes_to(tablet, f.conversation, "out"));
  }
}

TEST(MailHostile, what_is_left_out_in_the_middle_of_the_mail_is_not_passed_over) {
  Mailed f(84);
  f.dan.stop();
  const auto made = f.ann.ask({{"type", "create_group"}, {"name", "Other"}, {"members", {f.id_of(f.dan)}}});
  ASSERT_TRUE(made.has_value());
  const std::string other = (*made)["chat"]["conversation"];
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  int left_out = 0;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* mails = std::get_if<wire::Mails>(&frame.body);
    if (&client != &f.dan || mails == nullptr || mails->mails.size() < 2 || left_out == 1) return true;
    ++left_out;
    mails->mails.erase(mails->mails.begin());
    return true;
  };
  f.dan.start();
  for (const std::string& conversation : {other, f.conversation}) {
    EXPECT_TRUE(f.world.run_until([&] {
      const Json chat = chat_of(f.dan, conversation);
      return chat.is_object() && chat["membership"] == "member";
    }));
  }
  EXPECT_EQ(left_out, 1);
  EXPECT_EQ(f.dan.warnings["rejoining"], 0);
}

TEST(MailHostile, that_mail_of_a_time_to_come_is_gone_hides_none_that_comes) {
  Mailed f(85);
  bool has_lied = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* mails = std::get_if<wire::Mails>(&frame.body);
    if (&client != &f.dan || mails == nullptr || std::exchange(has_lied, true)) return true;
    frame.body =
        wire::Error{.code = wire::ErrorCode::trimmed, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = {53}};
    return true;
  };
  f.world.server.tell_declined(*UserId::from_text(f.id_of(f.dan)), {});
  f.dan.crash();
  ASSERT_TRUE(f.world.run_until([&] { return has_lied; }));
  f.world.run_for(5'000);
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  EXPECT_EQ(f.say(f.dan, "here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Dan: here");
}

// He comes by a link to a group that is shown wrongly; then Ann adds him, and the server keeps the invitation back.
TEST(MailHostile, who_could_not_come_by_a_link_is_in_once_the_server_tells_of_the_log) {
  Mailed f(82);
  const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
  ASSERT_TRUE(made.has_value());
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* group = std::get_if<wire::Group>(&frame.body);
    if (&client == &f.dan && group != nullptr) group->nodes = {};
    return true;
  };
  const auto joined = f.dan.ask({{"type", "join_group"}, {"link", (*made)["invite"]["link"]}});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ((*joined)["error"], "group_refused");
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* mails = std::get_if<wire::Mails>(&frame.body); &client == &f.dan && mails != nullptr)
      mails->mails.clear();
    return &client != &f.dan || !std::holds_alternative<wire::MailHint>(frame.body);
  };
  EXPECT_EQ(f.run(f.ann, {{"type", "add_members"}, {"users", {f.id_of(f.dan)}}}), "done");
  EXPECT_EQ(f.say(f.ben, "welcome"), "done");
  ASSERT_TRUE(f.world.run_until([&] {
    const Json chat = f.chat(f.dan);
    return chat.is_object() && chat["membership"] == "member";
  }));
  EXPECT_EQ(f.say(f.dan, "here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Dan: here");
  EXPECT_EQ(f.dan.warnings["rejoining"], 0) << "he had not been in";
}

}  // namespace
}  // namespace kith::client::test
