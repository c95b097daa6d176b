// What a page of the archive costs: each range of rows is read once.
#include "client/core/recollection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/machine.h"
#include "client/core/test/archived.h"
#include "wire/content.h"

namespace kith::client::test {
namespace {

// Alice's tablet in another life, without a shell.
struct Bare : Archived {
  Bare() {
    link(world, alice, tablet, kAlicePhone);
    EXPECT_TRUE(await_history(world, tablet));
    world.run_for(10'000);
    tablet.stop();
    std::vector<Row> boot;
    for (const auto& [key, value] : tablet.rows) {
      if (key >= to_bytes(kBootFrom) && key < to_bytes(kBootTo)) boot.push_back({key, to_secret(value)});
    }
    machine.begin(UnixMillis{world.now()});
    machine.start(boot);
    (void)machine.finish();
    machine.begin(UnixMillis{world.now()});
  }
  // Of a history that ended before this one, five places for each span.
  wire::ArchivedSpan span(std::uint64_t number, const ClientId& name) {
    const std::uint64_t from = number * 5 + 1;
    const wire::ArchivedMessage message{.client_id = name,
                                        .seq = {from + 2},
                                        .sender = *UserId::from_text(bob_id),
                                        .sent_ms = 1,
                                        .time_ms = 2,
                                        .content = wire::encode_padded({.sent_ms = 1, .text = "of old"})};
    return {.conversation = id(),
            .history = HistoryId{{9}},
            .from = {from},
            .to = {from + 4},
            .peer = *UserId::from_text(bob_id),
            .messages = {message}};
  }
  // What lies in its rows, oldest first.
  std::vector<Row> messages() const {
    std::vector<Row> rows;
    for (const auto& [key, value] : tablet.rows) {
      if (key.front() == 'm') rows.push_back({key, to_secret(value)});
    }
    return rows;
  }
  static bool is_of_messages(const Load& load) { return load.from.front() == 'm' && !load.reverse; }
  // Of the newest ones, in a life in which nobody has asked for them.
  static bool is_of_names(const Load& load) { return load.from.front() == 'm' && load.reverse; }

  kith::test::SeededEntropy entropy{5};
  Machine machine{entropy};
};

TEST(Recollection, reads_the_rows_of_a_chat_once_for_all_of_its_spans) {
  Bare b;
  std::vector<Row> rows = b.messages();
  ASSERT_EQ(rows.size(), 2U);
  const ClientId here = mls::decoded<MessageRecord>(rows.front().value).value().id;
  std::vector<wire::ArchiveContent> page(2);
  for (std::uint64_t number = 0; number < 8; ++number)
    page[number / 4].spans.push_back(
        b.span(number, number == 6 ? here : ClientId{{0xA0, static_cast<std::uint8_t>(number)}}));
  std::vector<ConversationId> changed;
  b.machine.archive.recollection.take(page, [&](const auto& ids) { changed = ids; });
  EXPECT_TRUE(b.machine.archive.recollection.is_busy());
  const Output asked = b.machine.finish();
  ASSERT_EQ(std::ranges::count_if(asked.load, Bare::is_of_messages), 1);
  ASSERT_EQ(std::ranges::count_if(asked.load, Bare::is_of_names), 1);
  const auto load = std::ranges::find_if(asked.load, Bare::is_of_messages);
  const auto names = std::ranges::find_if(asked.load, Bare::is_of_names);

  b.machine.begin(UnixMillis{b.world.now()});
  b.machine.loads.answer(load->id, rows);
  EXPECT_TRUE(b.machine.archive.recollection.is_busy());
  std::ranges::reverse(rows);
  b.machine.loads.answer(names->id, rows);
  EXPECT_FALSE(b.machine.archive.recollection.is_busy());
  EXPECT_THAT(changed, testing::ElementsAre(b.id()));
  const Output taken = b.machine.finish();
  const auto is_message = [](const Write& write) { return write.key.front() == 'm'; };
  EXPECT_EQ(std::ranges::count_if(taken.persist.writes, is_message), 7) << "what is here is not taken again";
}

// The device that wrote the block was told another place.
TEST(Recollection, does_not_take_what_is_here_by_its_name_in_a_life_in_which_the_chat_was_not_needed) {
  Bare b;
  std::vector<Row> rows = b.messages();
  std::ranges::reverse(rows);
  const auto here = mls::decoded<MessageRecord>(rows.front().value).value();
  wire::ArchivedSpan span = b.span(100, here.id);
  span.history = b.machine.chats.find(b.id())->record().history;
  span.messages.front().sender = here.sender;
  std::optional<std::size_t> changed;
  b.machine.archive.recollection.take({{.spans = {span}}}, [&](const auto& ids) { changed = ids.size(); });
  const Output asked = b.machine.finish();
  EXPECT_EQ(std::ranges::count_if(asked.load, Bare::is_of_names), 1);

  b.machine.begin(UnixMillis{b.world.now()});
  for (const Load& load : asked.load)
    b.machine.loads.answer(load.id, Bare::is_of_names(load) ? rows : std::vector<Row>{});
  EXPECT_EQ(changed, 0U);
  const Output taken = b.machine.finish();
  EXPECT_FALSE(std::ranges::any_of(taken.persist.writes, [](const Write& write) { return write.key.front() == 'm'; }));
}

}  // namespace
}  // namespace kith::client::test
