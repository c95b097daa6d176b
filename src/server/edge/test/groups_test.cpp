// The story of a group over live sockets: it is founded, people come and talk, one leaves, and one is removed.
#include <gtest/gtest.h>

#include "keys/grounds.h"
#include "server/edge/test/person.h"
#include "server/edge/ws/translate.h"

namespace kith::server::edge::test {
namespace {

using wire::ErrorCode;

class GroupOverSockets : public ::testing::Test {
 protected:
  GroupOverSockets() {
    for (const auto& [socket, person] : {std::pair{&adas, &ada}, {&bobs, &bob}, {&cleos, &cleo}})
      EXPECT_TRUE(socket->greet(person->access_token));
  }
  ErrorCode refused(SocketClient& socket, wire::Body body) {
    const auto error = socket.ask<wire::Error>(std::move(body));
    EXPECT_TRUE(error.has_value());
    return error ? error->code : ErrorCode::internal;
  }
  // The next hint of this kind, others left out.
  template <class Hint>
  static std::optional<Hint> hears(SocketClient& socket) {
    while (const auto frame = socket.receive()) {
      if (const auto* hint = std::get_if<Hint>(&frame->body)) return *hint;
    }
    return std::nullopt;
  }
  void joins(SocketClient& socket, Person& person) {
    ASSERT_TRUE(hears<wire::MailHint>(socket).has_value());
    const auto mails = socket.ask<wire::Mails>(wire::ReadMailbox{});
    ASSERT_TRUE(mails.has_value());
    ASSERT_EQ(mails->mails.size(), 1U);
    EXPECT_EQ(mails->mails[0].kind, wire::MailKind::welcome);
    const Bytes welcome = to_bytes(mails->mails[0].payload);
    wire::Mail mail = mails->mails[0];
    mail.payload = welcome;
    const auto shown = socket.ask<wire::Group>(wire::GetGroup{.conversation = mail.conversation, .epoch = Epoch{2}});
    ASSERT_TRUE(shown.has_value());
    person.join(mail, *shown);
    ASSERT_TRUE(person.group.has_value());
  }
  std::vector<std::uint64_t> reads(SocketClient& socket, Seq after) {
    const auto entries = socket.ask<wire::Entries>(wire::Read{.conversation = ada.conversation, .after_seq = after});
    std::vector<std::uint64_t> seqs;
    if (!entries) return seqs;
    for (const auto& entry : entries->entries) seqs.push_back(entry.seq.value);
    return seqs;
  }

  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");
  Person cleo = registered(server, "+493");
  SocketClient adas{server.port()}, bobs{server.port()}, cleos{server.port()};
};

TEST_F(GroupOverSockets, is_founded_talks_is_left_and_takes_somebody_away) {
  const auto founding = ada.found_group();
  const auto founded = adas.ask<wire::Appended>(founding);
  ASSERT_TRUE(founded.has_value());
  EXPECT_EQ(founded->seq, Seq{1});
  const auto again = adas.ask<wire::Appended>(founding);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->duplicate);

  ASSERT_TRUE(adas.ask<wire::Appended>(ada.commit({.adds = {&bob, &cleo}}, http, 2)).has_value());
  ada.accept();
  joins(bobs, bob);
  joins(cleos, cleo);

  ASSERT_TRUE(adas.ask<wire::Appended>(ada.message("hello all", 3)).has_value());
  for (SocketClient* socket : {&bobs, &cleos}) {
    auto hint = hears<wire::EntryHint>(*socket);
    while (hint && hint->entry.seq < Seq{3}) hint = hears<wire::EntryHint>(*socket);
    ASSERT_TRUE(hint.has_value());
    EXPECT_EQ(hint->entry.kind, wire::EntryKind::application);
  }
  wire::Append silent = cleo.message("not to be shown", 4);
  silent.silent = true;
  ASSERT_TRUE(cleos.ask<wire::Appended>(silent).has_value());
  const auto heard = hears<wire::EntryHint>(bobs);
  ASSERT_TRUE(heard.has_value());
  EXPECT_EQ(heard->entry.kind, wire::EntryKind::silent);

  EXPECT_EQ(refused(adas, ada.leave()), ErrorCode::last_owner);
  EXPECT_EQ(refused(bobs, bob.commit({.removes = {&cleo}}, http, 5)), ErrorCode::not_allowed);
  ASSERT_TRUE(cleos.ask<wire::Ok>(cleo.leave()).has_value());
  const auto gone = hears<wire::MailHint>(cleos);
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ(gone->mail.kind, wire::MailKind::removed);
  EXPECT_EQ(gone->mail.conversation_seq, Seq{0});
  ASSERT_TRUE(hears<wire::ChangesHint>(bobs).has_value());
  EXPECT_EQ(refused(bobs, bob.message("too early", 6)), ErrorCode::commit_first);
  EXPECT_EQ(refused(cleos, cleo.message("too late", 7)), ErrorCode::not_member);
  const auto changes = bobs.ask<wire::Changes>(wire::GetChanges{.conversation = ada.conversation});
  ASSERT_TRUE(changes.has_value());
  const auto grounds = keys::Grounds::decode(changes->grounds);
  ASSERT_TRUE(grounds.has_value());
  const auto taking = bob.commit({.removes = {&cleo}, .grounds = *grounds}, http, 8);
  const Bytes taken = to_bytes(taking.payload);
  ASSERT_TRUE(bobs.ask<wire::Appended>(taking).has_value());
  bob.accept();
  ada.follow(taken);
  ASSERT_TRUE(bobs.ask<wire::Appended>(bob.message("now", 9)).has_value());

  ASSERT_TRUE(adas.ask<wire::Appended>(ada.commit({.removes = {&bob}}, http, 10)).has_value());
  ada.accept();
  const auto removed = hears<wire::MailHint>(bobs);
  ASSERT_TRUE(removed.has_value());
  EXPECT_EQ(removed->mail.kind, wire::MailKind::removed);
  EXPECT_EQ(removed->mail.conversation_seq, Seq{7});
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.message("alone", 11)).has_value());
  EXPECT_EQ(refused(bobs, bob.message("too late", 12)), ErrorCode::not_member);

  EXPECT_EQ(reads(adas, Seq{0}), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(reads(bobs, Seq{2}), (std::vector<std::uint64_t>{3, 4, 5, 6, 7}));
  EXPECT_EQ(reads(cleos, Seq{2}), (std::vector<std::uint64_t>{3, 4, 5}));
}

TEST_F(GroupOverSockets, brings_back_a_device_that_cannot_follow) {
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.found_group()).has_value());
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.commit({.adds = {&bob, &cleo}}, http, 2)).has_value());
  ada.accept();
  joins(bobs, bob);
  joins(cleos, cleo);

  auto marking = bob.mark_broken();
  EXPECT_EQ(refused(cleos, marking), ErrorCode::invalid_argument);
  marking.key_package = marking.mark;
  EXPECT_EQ(refused(bobs, marking), ErrorCode::invalid_argument);
  ASSERT_TRUE(bobs.ask<wire::Ok>(bob.mark_broken()).has_value());
  ASSERT_TRUE(hears<wire::ChangesHint>(adas).has_value());
  const auto changes = adas.ask<wire::Changes>(wire::GetChanges{.conversation = ada.conversation});
  ASSERT_TRUE(changes.has_value());
  ASSERT_EQ(changes->packages.size(), 1U);
  const auto grounds = keys::Grounds::decode(changes->grounds);
  ASSERT_TRUE(grounds.has_value());
  EXPECT_EQ(grounds->broken.size(), 1U);
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.message("nobody has to wait", 3)).has_value());
  const auto replacing =
      ada.commit({.removes = {&bob}, .grounds = *grounds, .brings_back = {{&bob, changes->packages[0]}}}, http, 4);
  ASSERT_TRUE(adas.ask<wire::Appended>(replacing).has_value());
  ada.accept();

  const auto welcomed = hears<wire::MailHint>(bobs);
  ASSERT_TRUE(welcomed.has_value());
  EXPECT_EQ(welcomed->mail.kind, wire::MailKind::welcome);
  const Bytes welcome = to_bytes(welcomed->mail.payload);
  wire::Mail mail = welcomed->mail;
  mail.payload = welcome;
  const auto shown = bobs.ask<wire::Group>(wire::GetGroup{.conversation = bob.conversation, .epoch = Epoch{3}});
  ASSERT_TRUE(shown.has_value());
  bob.join(mail, *shown);
  ASSERT_TRUE(bobs.ask<wire::Appended>(bob.message("here again", 5)).has_value());
  EXPECT_EQ(reads(bobs, Seq{2}), (std::vector<std::uint64_t>{3, 4, 5}));
  const auto after = adas.ask<wire::Changes>(wire::GetChanges{.conversation = ada.conversation});
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->packages.empty());
}

TEST_F(GroupOverSockets, tells_of_receipts_when_asked_and_hints_at_what_moves) {
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.found_group()).has_value());
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.commit({.adds = {&bob}}, http, 2)).has_value());
  ada.accept();
  joins(bobs, bob);
  const auto get = [&](bool watch) { return wire::GetReceipts{.conversation = ada.conversation, .watch = watch}; };
  EXPECT_EQ(refused(cleos, get(true)), ErrorCode::not_member);
  const auto none = adas.ask<wire::Receipts>(get(true));
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->cursors.empty());
  EXPECT_FALSE(none->counted);
  ASSERT_TRUE(bobs.ask<wire::Ok>(wire::SetCursor{ada.conversation, Seq{2}, Seq{1}}).has_value());
  const auto hint = hears<wire::CursorsHint>(adas);
  ASSERT_TRUE(hint.has_value());
  EXPECT_EQ(hint->conversation, ada.conversation);
  ASSERT_EQ(hint->cursors.size(), 1U);
  EXPECT_EQ(hint->cursors[0].user, bob.user);
  EXPECT_EQ(hint->cursors[0].delivered, Seq{2});
  EXPECT_EQ(hint->cursors[0].read, Seq{1});
  const auto now = adas.ask<wire::Receipts>(get(false));
  ASSERT_TRUE(now.has_value());
  ASSERT_EQ(now->cursors.size(), 1U);
  EXPECT_EQ(now->cursors[0].delivered, Seq{2});
}

TEST_F(GroupOverSockets, hints_for_those_who_watch_reach_the_sockets_that_do) {
  ASSERT_TRUE(adas.ask<wire::Appended>(ada.found_group()).has_value());
  SocketClient other(server.port());
  ASSERT_TRUE(other.greet(ada.access_token));
  const auto hint_at = [&](std::uint64_t seq) {
    const wire::Cursor cursor{ada.user, Seq{seq}, {}};
    server.publish(ada.user, {.frame = shared_message({0, wire::CursorsHint{ada.conversation, {cursor}}}),
                              .watched = ada.conversation});
  };
  const auto watch = [&](bool on) {
    return adas.ask<wire::Receipts>(wire::GetReceipts{.conversation = ada.conversation, .watch = on}).has_value();
  };
  ASSERT_TRUE(watch(true));
  hint_at(1);
  auto heard = hears<wire::CursorsHint>(adas);
  ASSERT_TRUE(heard.has_value());
  EXPECT_EQ(heard->cursors.at(0).delivered, Seq{1});
  ASSERT_TRUE(watch(false));
  hint_at(2);
  ASSERT_TRUE(watch(true));
  hint_at(3);
  heard = hears<wire::CursorsHint>(adas);
  ASSERT_TRUE(heard.has_value());
  EXPECT_EQ(heard->cursors.at(0).delivered, Seq{3}) << "nothing while it did not";
  server.publish(ada.user, {.frame = shared_message({0, wire::CursorsHint{ada.conversation, {}}})});
  const auto first = hears<wire::CursorsHint>(other);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->cursors.empty());
}

TEST_F(GroupOverSockets, that_is_full_says_so) {
  auto options = RunningServer::quick();
  options.limits.max_group_members = 1;
  RunningServer small(options);
  Person dan = registered(small, "+494");
  const Person eve = registered(small, "+495");
  HttpClient there(small.port());
  SocketClient socket(small.port());
  ASSERT_TRUE(socket.greet(dan.access_token));
  ASSERT_TRUE(socket.ask<wire::Appended>(dan.found_group()).has_value());
  EXPECT_EQ(refused(socket, dan.commit({.adds = {&eve}}, there, 2)), ErrorCode::group_full);
}

// More than are told one by one.
class CrowdOverSockets : public ::testing::Test {
 protected:
  static constexpr std::size_t kMembers = 70;
  // What founds the group. Whoever comes online right behind it may still hear of it.
  static constexpr Seq kFounded{3};

  CrowdOverSockets() {
    people.reserve(kMembers);
    for (std::size_t i = 0; i < kMembers; ++i) people.push_back(registered(server, "+49" + std::to_string(100 + i)));
  }
  Person& ada() { return people[0]; }
  void found() {
    SocketClient socket(server.port());
    ASSERT_TRUE(socket.greet(ada().access_token));
    ASSERT_TRUE(socket.ask<wire::Appended>(ada().found_group()).has_value());
    // In two commits, since a frame carries only so many Welcomes.
    for (std::uint8_t half = 0; half < 2; ++half) {
      Person::Change change;
      for (std::size_t i = 1 + half; i < kMembers; i += 2) change.adds.push_back(&people[i]);
      ASSERT_TRUE(
          socket.ask<wire::Appended>(ada().commit(change, http, static_cast<std::uint8_t>(2 + half))).has_value());
      ada().accept();
    }
  }
  std::unique_ptr<SocketClient> online(const Person& person, int receive_buffer_bytes = 0) {
    auto socket = std::make_unique<SocketClient>(server.port(), receive_buffer_bytes);
    EXPECT_TRUE(socket->greet(person.access_token));
    return socket;
  }
  static std::optional<wire::EntryHint> hears(SocketClient& socket) {
    while (const auto frame = socket.receive()) {
      const auto* hint = std::get_if<wire::EntryHint>(&frame->body);
      if (hint != nullptr && hint->entry.seq > kFounded) return *hint;
    }
    return std::nullopt;
  }
  // The entries of which it hears until a Ping is answered.
  static std::vector<std::uint64_t> heard(SocketClient& socket) {
    std::vector<std::uint64_t> seqs;
    const auto ping = socket.send(wire::Ping{});
    while (const auto frame = socket.receive()) {
      if (frame->id == ping) break;
      if (const auto* hint = std::get_if<wire::EntryHint>(&frame->body)) seqs.push_back(hint->entry.seq.value);
    }
    return seqs;
  }

  static Options of_two_threads() {
    Options options = RunningServer::quick();
    options.io_threads = 2;
    options.limits.open_requests_per_source_second = 1e6;
    return options;
  }

  RunningServer server{of_two_threads()};
  HttpClient http{server.port()};
  std::vector<Person> people;
};

TEST_F(CrowdOverSockets, hears_each_message_once_until_one_is_out) {
  found();
  std::vector<std::unique_ptr<SocketClient>> sockets;
  for (const Person& person : people) sockets.push_back(online(person));
  const Person dan = registered(server, "+4999");
  const auto dans = online(dan);
  const auto until = [&](std::uint64_t seq) {
    // Everybody who is to hear of it does, however long that takes.
    for (std::size_t i = 1; i < kMembers; ++i) {
      if (i == 9 && seq == 6) continue;
      const auto hint = hears(*sockets[i]);
      ASSERT_TRUE(hint.has_value()) << i;
      EXPECT_EQ(hint->entry.seq.value, seq) << i;
    }
  };
  ASSERT_TRUE(sockets[0]->ask<wire::Appended>(ada().message("hello all", 4)).has_value());
  until(4);
  EXPECT_EQ(heard(*sockets[0]), std::vector<std::uint64_t>{}) << "it knows";
  ASSERT_TRUE(
      sockets[0]->ask<wire::Appended>(ada().commit({.adds = {&dan}, .removes = {&people[9]}}, http, 5)).has_value());
  ada().accept();
  until(5);
  ASSERT_TRUE(sockets[0]->ask<wire::Appended>(ada().message("hello others", 6)).has_value());
  until(6);
  EXPECT_EQ(heard(*sockets[9]), std::vector<std::uint64_t>{});
  for (const std::uint64_t seq : {5U, 6U}) {
    const auto hint = hears(*dans);
    ASSERT_TRUE(hint.has_value());
    EXPECT_EQ(hint->entry.seq.value, seq);
  }
}

TEST_F(CrowdOverSockets, does_not_wait_for_a_slow_one_who_is_told_to_look_for_itself) {
  found();
  const auto adas = online(ada());
  const auto slow = online(people[1], 4096);
  const auto reads = online(people[2]);
  const std::string text(20'000, 'x');
  for (std::uint8_t i = 4; i < 204; ++i) {
    ASSERT_TRUE(adas->ask<wire::Appended>(ada().message(text, i)).has_value());
    bool has_it = false;
    while (!has_it) {
      const auto frame = reads->receive();
      ASSERT_TRUE(frame.has_value());
      const auto* hint = std::get_if<wire::EntryHint>(&frame->body);
      has_it = hint != nullptr && hint->entry.seq.value == i;
    }
  }
  std::size_t heard = 0;
  while (const auto frame = slow->receive()) {
    if (std::holds_alternative<wire::Resync>(frame->body)) break;
    ++heard;
  }
  EXPECT_LT(heard, 200U);
  EXPECT_TRUE(slow->ask<wire::Pong>(wire::Ping{}).has_value());
}

TEST(GroupOverSocketsQuota, refuses_commits_of_a_member_over_its_rate_and_goes_on) {
  auto options = RunningServer::quick();
  options.limits.commits_per_member_minute = 1;
  RunningServer strict(options);
  Person eve = registered(strict, "+4998");
  HttpClient there(strict.port());
  SocketClient socket(strict.port());
  ASSERT_TRUE(socket.greet(eve.access_token));
  ASSERT_TRUE(socket.ask<wire::Appended>(eve.found_group()).has_value());
  ASSERT_TRUE(socket.ask<wire::Appended>(eve.commit({}, there, 2)).has_value());
  eve.accept();
  const auto error = socket.ask<wire::Error>(eve.commit({}, there, 3));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::rate_limited);
  EXPECT_GT(error->retry_after_ms, 50'000U);
  EXPECT_TRUE(socket.ask<wire::Appended>(eve.message("still here", 4)).has_value());
}

}  // namespace
}  // namespace kith::server::edge::test
