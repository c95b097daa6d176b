// What the relay does without being asked.
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

// What a node leaves that dies between a commit and what follows.
class LeftLying : public testing::Test {
 public:
  LeftLying() { w_.relayed(); }
  void leave_behind() {
    w_.ok(w_.store.commit({.partition = domain::account_partition(ann_.user),
                           .outbox = {{.target = domain::account_partition(ann_.user),
                                       .writes = {{{domain::RowKind::sealed_root, {}}, Bytes{1}}}}}}));
  }
  void take_away() {
    const auto pending = w_.ok(w_.store.outbox(10));
    w_.ok(w_.store.outbox_done({pending.front().number}));
  }
  World w_;
  Person ann_ = w_.register_person("+4911");
};

TEST_F(LeftLying, is_carried_over_by_a_node_that_nobody_asks_for_anything) {
  leave_behind();
  w_.scheduler.run_for(std::chrono::seconds(11));
  EXPECT_EQ(w_.engine.outbox_size(), 0U);
  EXPECT_TRUE(w_.ok(w_.store.row(domain::account_partition(ann_.user), {domain::RowKind::sealed_root, {}})));
}

TEST_F(LeftLying, is_left_to_who_is_at_it) {
  for (int i = 0; i < 10; ++i) {
    leave_behind();
    w_.scheduler.run_for(std::chrono::seconds(4));
    EXPECT_EQ(w_.engine.outbox_size(), 1U);
    take_away();
  }
}

TEST_F(LeftLying, costs_one_read_in_five_seconds_to_look_for) {
  std::map<std::string, int> operations;
  w_.engine.fail_before = [&](std::string_view operation) {
    ++operations[std::string(operation)];
    return false;
  };
  w_.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_EQ(operations, (std::map<std::string, int>{{"outbox", 12}}));
}

}  // namespace
}  // namespace kith::server::service::test
