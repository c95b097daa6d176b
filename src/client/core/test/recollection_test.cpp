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
  static bool is_of_messages(const Load& load) { return load.from.front() == 'm'; }

  kith::test::SeededEntropy entropy{5};
  Machine machine{entropy};
};

TEST(Recollection, reads_the_rows_of_a_chat_once_for_all_of_its_spans) {
  Bare b;
  std::vector<Row> rows;
  for (const auto& [key, value] : b.tablet.rows) {
    if (key.front() == 'm') rows.push_back({key, to_secret(value)});
  }
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
  const auto load = std::ranges::find_if(asked.load, Bare::is_of_messages);

  b.machine.begin(UnixMillis{b.world.now()});
  b.machine.loads.answer(load->id, rows);
  EXPECT_FALSE(b.machine.archive.recollection.is_busy());
  EXPECT_THAT(changed, testing::ElementsAre(b.id()));
  const Output taken = b.machine.finish();
  const auto is_message = [](const Write& write) { return write.key.front() == 'm'; };
  EXPECT_EQ(std::ranges::count_if(taken.persist.writes, is_message), 7) << "what is here is not taken again";
}

}  // namespace
}  // namespace kith::client::test
