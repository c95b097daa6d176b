// Who is in a conversation, and what has to go before anything is sent.
#include "server/domain/conversation.h"

#include <gtest/gtest.h>

namespace kith::server::domain {
namespace {

template <class Id>
Id filled(std::uint8_t with) {
  Id id;
  id.value.fill(with);
  return id;
}

// Users 1 and 2 with a device each, user 3 with two.
ConversationState state_of_three() {
  GroupRecord group{.kind = ConversationKind::group, .incarnation = 0, .epoch = {}, .seats = {}};
  for (const auto& [user, device] : {std::pair<std::uint8_t, std::uint8_t>{3, 3}, {1, 1}, {3, 4}, {2, 2}}) {
    const auto leaf = static_cast<std::uint32_t>(group.seats.size());
    group.seats.push_back({{leaf}, filled<UserId>(user), filled<DeviceId>(device)});
  }
  return ConversationState::from({}, std::move(group), 1);
}

TEST(ConversationState, has_for_members_those_with_leaves_who_do_not_leave) {
  auto state = state_of_three();
  const Caller third{filled<UserId>(3), filled<DeviceId>(4)};
  EXPECT_EQ(state.members, (std::vector{filled<UserId>(1), filled<UserId>(2), filled<UserId>(3)}));
  EXPECT_TRUE(state.has_leaf(third));
  EXPECT_FALSE(state.needs_commit());
  Notes notes;
  notes.leaving[third.user] = {};
  state.note(notes, 2);
  EXPECT_EQ(state.members, (std::vector{filled<UserId>(1), filled<UserId>(2)}));
  EXPECT_FALSE(state.has_member(third.user));
  EXPECT_FALSE(state.has_leaf(third));
  EXPECT_TRUE(state.needs_commit());
  state.note({}, 0);
  EXPECT_TRUE(state.has_leaf(third));
}

TEST(ConversationState, counts_each_leaf_that_has_to_go_once) {
  const auto state = state_of_three();
  Notes notes;
  EXPECT_EQ(seats_to_go(state.group.seats, notes).size(), 0U);
  auto& list = notes.lists[filled<UserId>(3)].list;
  list.user = filled<UserId>(3);
  list.devices = {{filled<DeviceId>(3), {}}};
  EXPECT_EQ(seats_to_go(state.group.seats, notes).size(), 1U);
  notes.leaving[filled<UserId>(3)] = {};
  notes.leaving[filled<UserId>(9)] = {};
  EXPECT_EQ(seats_to_go(state.group.seats, notes).size(), 2U);
}

TEST(Mail, of_a_removal_has_an_id_of_its_own_for_each_cause_and_device) {
  const Caller to{filled<UserId>(1), filled<DeviceId>(2)};
  const auto id = filled<ConversationId>(3);
  const auto commit = filled<ClientId>(4);
  const auto removal = removal_client_id(id, commit.view(), to);
  EXPECT_EQ(removal, removal_client_id(id, commit.view(), to));
  EXPECT_NE(removal, welcome_client_id(id, commit, to));
  EXPECT_NE(removal, removal_client_id(id, as_view("a note"), to));
  EXPECT_NE(removal, removal_client_id(id, commit.view(), {to.user, filled<DeviceId>(5)}));
  EXPECT_NE(removal, removal_client_id(filled<ConversationId>(6), commit.view(), to));
}

}  // namespace
}  // namespace kith::server::domain
