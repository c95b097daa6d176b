// Races in groups: whatever happened in whatever order, those who are in agree in the end on who is in and what was
// said, and those who are out have what was said until then and nothing of after.
//
// KITH_SEEDS is how many races there are, KITH_FIRST_SEED where they begin. A failure names its seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "client/core/test/archived.h"
#include "client/core/test/race.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr int kSteps = 60;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// What is shown at one client of the group's log.
struct Shown {
  std::vector<std::string> messages;    // "17 <id>", in the order of the chat
  std::map<std::uint64_t, Json> lines;  // what an entry changed
  std::set<std::uint64_t> left;         // where it stands that this person left, before others' logs say so
};

class Checks {
 public:
  explicit Checks(Race& race) : race_(race) {}

  void all() {
    for (Client* client : race_.people) shown_[client] = shown_at(*client);
    for (Client* client : race_.people) {
      SCOPED_TRACE(client->name);
      messages_are_those_of_the_log(*client);
      nothing_hangs(*client);
      race_.is_in(*client) ? is_in(*client) : is_out(*client);
    }
    those_who_are_in_agree();
    lines_are_alike();
    nobody_was_warned();
  }

  // One that comes to this account now shows what its first one does, in the same order.
  void a_new_device_has_it_all(Client& client) {
    if (membership(client) == "none") return;
    Client& tablet = race_.world.add(client.name + "'s tablet");
    link(race_.world, client, tablet, client.account["address"]);
    ASSERT_TRUE(await_history(race_.world, tablet));
    test::settle(race_.world);
    const Shown there = shown_at(client);
    const Shown here = shown_at(tablet);
    EXPECT_THAT(here.messages, ElementsAreArray(there.messages)) << tablet.name;
    EXPECT_EQ(here.lines, there.lines) << tablet.name;
    nobody_was_warned();
  }

 private:
  Shown shown_at(Client& client) {
    Shown shown;
    for (const Json& row : race_.rows_of(client)) {
      if (row.contains("text") || row.contains("unsupported")) {
        if (row.contains("seq")) shown.messages.push_back(row["seq"].dump() + " " + row["id"].get<std::string>());
        if (!row.contains("seq")) waiting_[&client].push_back(row);
        if (row["mine"] == true) own_[&client].insert(row["id"]);
      } else if (row["notice"]["kind"] == "group") {
        const Json& changes = row["notice"]["changes"];
        const Json left = {{{"what", "left"}, {"users", {client.account["user"]}}}};
        if (changes == left) shown.left.insert(row["seq"].get<std::uint64_t>());
        if (changes != left) shown.lines[row["seq"]] = {{"by", row["notice"]["by"]}, {"changes", changes}};
      } else {
        ADD_FAILURE() << client.name << " misses something: " << row.dump();
      }
    }
    return shown;
  }

  void messages_are_those_of_the_log(Client& client) {
    std::vector<std::string> expected;
    for (const auto& entry : race_.group().log) {
      // Who was added and removed again while it was away comes in by neither: of that stay it sees nothing.
      if (entry.kind == wire::EntryKind::application && race_.users_in(entry.epoch).contains(Race::user_of(client)) &&
          !is_away(client, entry))
        expected.push_back(std::to_string(entry.seq.value) + " " + entry.client_id.text());
    }
    EXPECT_THAT(shown_[&client].messages, ElementsAreArray(expected));
  }

  void nothing_hangs(Client& client) {
    EXPECT_TRUE(client.unanswered().empty());
    for (const Json& row : waiting_[&client]) EXPECT_EQ(row["state"], "failed") << row.dump();
  }

  void is_in(Client& client) {
    EXPECT_EQ(membership(client), "member");
    const auto group = stored_group(client, race_.id);
    EXPECT_EQ(group.epoch(), race_.group().epoch.value);
    Json info = race_.ask(client, {{"type", "group_info"}})["group"];
    Json members = Json::object();
    for (const Json& member : info["members"]) members[member["user"].get<std::string>()] = member["role"];
    const Json agreed = {{"members", members},
                         {"name", info["name"]},
                         {"may", {info["may_send"], info["may_edit"], info["may_add"]}},
                         {"authenticator", to_hex(group.epoch_authenticator())}};
    agreed_.emplace_back(client.name, agreed);
    EXPECT_EQ(info["role"], members[client.account["user"].get<std::string>()]);
  }

  void is_out(Client& client) {
    const std::string here = membership(client);
    EXPECT_TRUE(here == "out" || here == "none") << here;
    const Json answer = race_.ask(client, {{"type", "send"}, {"text", "still there?"}});
    EXPECT_EQ(answer["type"], "failed");
    EXPECT_EQ(answer["error"], here == "out" ? "not_member" : "unknown_conversation");
  }

  std::string membership(Client& client) {
    for (const Json& chat : race_.ask(client, {{"type", "list_chats"}})["chats"]) {
      if (chat["conversation"] == race_.conversation) return chat["membership"];
    }
    return "none";
  }

  void those_who_are_in_agree() {
    for (const auto& [name, agreed] : agreed_)
      EXPECT_EQ(agreed, agreed_.front().second) << name << " and " << agreed_.front().first;
    for (const std::string& id : race_.taken) {
      EXPECT_TRUE(std::ranges::any_of(own_, [&](const auto& own) { return own.second.contains(id); }))
          << "a message that was taken is gone: " << id;
    }
  }

  // Whoever has left is out from there on, though its leaf stays until a commit takes it away; and an invitation that
  // was taken back before it was read, and followed by another one, brings nobody in.
  bool is_away(Client& client, const ModelServer::StoredEntry& entry) {
    const Shown& shown = shown_[&client];
    bool is_gone = false;
    for (const auto& earlier : race_.group().log) {
      if (earlier.seq > entry.seq) break;
      if (shown.left.contains(earlier.seq.value)) is_gone = true;
      if (earlier.seq == entry.seq || earlier.kind != wire::EntryKind::commit) continue;
      const UserId user = Race::user_of(client);
      const bool was_in = race_.users_in(earlier.epoch).contains(user);
      if (!was_in && race_.users_in(earlier.epoch.next()).contains(user))
        is_gone = !shown.lines.contains(earlier.seq.value);
      // Invited, and come by a link before that was read; or come back while its old leaf was still there.
      if (was_in && earlier.sender.first == user && shown.lines.contains(earlier.seq.value)) is_gone = false;
    }
    return is_gone;
  }

  // Of those who were in before and after an entry all tell the same of it. Names excepted: whoever is new is not told
  // of the first one.
  void lines_are_alike() {
    for (const auto& entry : race_.group().log) {
      const bool is_commit = entry.kind == wire::EntryKind::commit;
      std::optional<std::pair<std::string, Json>> first;
      for (Client* client : race_.people) {
        const UserId user = Race::user_of(*client);
        if (!race_.users_in(entry.epoch).contains(user) || is_away(*client, entry)) continue;
        if (is_commit && !race_.users_in(entry.epoch.next()).contains(user)) continue;
        const auto at = shown_[client].lines.find(entry.seq.value);
        const Json line = at == shown_[client].lines.end() ? Json() : at->second;
        if (!is_commit && line.is_null()) continue;
        if (!first) first.emplace(client->name, line);
        EXPECT_EQ(line, first->second) << entry.seq.value << " at " << client->name << " and " << first->first;
      }
    }
  }

  // But for what people are told who wanted what they may not.
  void nobody_was_warned() {
    for (const std::string& text : race_.world.said) {
      EXPECT_THAT(text, ::testing::AnyOf(HasSubstr("could not be added"), HasSubstr("does not show this conversation"),
                                         HasSubstr("This invite link"), HasSubstr("has to let you in"),
                                         HasSubstr("only just left")));
    }
  }

  Race& race_;
  std::map<Client*, Shown> shown_;
  std::map<Client*, std::vector<Json>> waiting_;
  std::map<Client*, std::set<std::string>> own_;
  std::vector<std::pair<std::string, Json>> agreed_;
};

TEST(Race, groups_end_in_agreement_whatever_happens_in_whatever_order) {
  const std::uint64_t first = number_from("KITH_FIRST_SEED", 1);
  const std::uint64_t count = number_from("KITH_SEEDS", 60);
  int duels = 0, stuck_owners = 0, endings = 0, joins = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Race race(seed);
    for (int i = 0; i < kSteps; ++i) race.step();
    EXPECT_TRUE(race.settle());
    Checks checks(race);
    checks.all();
    checks.a_new_device_has_it_all(*race.people[seed % race.people.size()]);
    duels += race.duels;
    stuck_owners += race.stuck_owners;
    endings += race.endings;
    joins += race.joins;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(duels, 0);
  EXPECT_GT(stuck_owners, 0);
  EXPECT_GT(joins, 0);
  EXPECT_GT(endings, 0) << "of no seed was everybody gone in the end";
}

}  // namespace
}  // namespace kith::client::test
