#include "server/service/test/group_chat.h"

#include "mls/profile.h"

namespace kith::server::service::test {
namespace {

mls::LeafIndex leaf_of(const mls::Group& group, const Person& person) {
  for (const auto& member : group.members()) {
    if (member.signature_key == person.leaf_key.public_key) return member.leaf;
  }
  throw std::runtime_error("no leaf of this device");
}

}  // namespace

GroupChat::GroupChat()
    : ann_(w_.register_person("+4911")),
      bob_(w_.register_person("+4922")),
      bobs_second_(w_.another_device(bob_)),
      cleo_(w_.register_person("+4933")),
      dan_(w_.register_person("+4944")),
      policy_(keys::GroupPolicy::founded(ann_.user, client_id(1))) {
  w_.limits.commits_per_minute = w_.limits.commits_per_member_minute = 1000;
  w_.restart();
  w_.ok(w_.node->accounts.change_devices(bob_.caller(), w_.device_change(2, {&bob_, &bobs_second_}, {&bobs_second_})));
  const Founding founded = founding(ann_, keys::group_extensions(policy_));
  w_.ok(service().create_group(ann_.caller(), founded.request()));
  groups_.emplace(ann_.device, founded.pending.next);
  policy_.set_admin(bob_.user, true);
  const auto filled = commit(ann_, {.adds = {&bob_, &bobs_second_, &cleo_}, .policy = policy_});
  KITH_CHECK(filled == "ok");
}

GroupChat::Founding GroupChat::founding(const Person& by, const mls::Extensions& extensions, const Doing& doing) {
  mls::CreateOptions create;
  create.group_id = keys::group_id(keys::group_conversation(by.user, client_id(1)), 0);
  create.leaf.credential = mls::Credential::basic(by.credential);
  create.leaf.capabilities = mls::profile::capabilities();
  create.leaf.lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(w_.scheduler.now().value / 1000));
  create.extensions = extensions;
  const auto group = *mls::Group::create(crypto::Suite::product(), create, by.leaf_key, w_.entropy);
  mls::CommitOptions options{.tree_in_welcome = false};
  for (Person* person : doing.adds)
    options.adds.push_back(
        *mls::VerifiedKeyPackage::verify_message(w_.key_package(*person), crypto::Suite::product(), {}));
  return {group.group_info(true), *group.commit(options, w_.entropy)};
}

mls::PendingCommit GroupChat::make(const Person& by, const Doing& doing) {
  const mls::Group& mine = group(by);
  mls::CommitOptions options{.tree_in_welcome = false};
  for (Person* person : doing.adds)
    options.adds.push_back(
        *mls::VerifiedKeyPackage::verify_message(w_.key_package(*person), crypto::Suite::product(), {}));
  for (const Person* person : doing.removes) options.removes.push_back(leaf_of(mine, *person));
  for (const Broken& broken : doing.replaces) {
    options.adds.push_back(*mls::VerifiedKeyPackage::verify_message(broken.key_package, crypto::Suite::product(), {}));
    options.removes.push_back(leaf_of(mine, *broken.device));
  }
  if (doing.policy) options.extensions = keys::group_extensions(*doing.policy);
  options.authenticated_data =
      keys::AuthenticatedData{
          .conversation = id(), .history_id = {}, .client_id = {}, .last_seq = {}, .extra = doing.grounds.encode()}
          .encode();
  auto pending = mine.commit(options, w_.entropy);
  KITH_CHECK(pending.has_value());
  return std::move(*pending);
}

CommitRequest GroupChat::request(const mls::PendingCommit& pending, const Doing& doing) {
  CommitRequest request{id(),           client_id(++sent_), Epoch{pending.effects.epoch - 1},
                        pending.commit, pending.group_info, {}};
  for (const Person* person : doing.adds) request.welcomes.push_back({person->caller(), pending.welcome});
  for (const Broken& broken : doing.replaces) request.welcomes.push_back({broken.device->caller(), pending.welcome});
  return request;
}

std::string GroupChat::send(const Person& by, const mls::PendingCommit& pending, const Doing& doing) {
  const auto answer = told(w_.run(service().commit(by.caller(), request(pending, doing))));
  if (answer != "ok") return answer;
  w_.relayed();
  std::map<DeviceId, mls::Group> after;
  for (const auto& [device, group] : groups_) {
    if (device == by.device) continue;
    const auto staged = group.process(pending.commit);
    KITH_CHECK(staged.has_value());
    if (staged->next) after.emplace(device, *staged->next);
  }
  after.emplace(by.device, pending.next);
  groups_ = std::move(after);
  for (const Person* person : doing.adds) groups_.emplace(person->device, join(*person, pending));
  for (const Broken& broken : doing.replaces) groups_.emplace(broken.device->device, join(*broken.device, pending));
  return answer;
}

mls::Group GroupChat::join(const Person& person, const mls::PendingCommit& pending) {
  const auto state = w_.ok(service().get_group(person.caller(), {id(), Epoch{pending.effects.epoch}}));
  const Bytes tree = mls::ratchet_tree_of(state.nodes);
  auto group = mls::Group::join(pending.welcome, person.key_packages.back(), person.leaf_key, {.tree = tree});
  KITH_CHECK(group.has_value());
  return std::move(*group);
}

std::string GroupChat::append(const Person& by, domain::EntryKind kind) { return append_in(by, group(by), kind); }

std::string GroupChat::append_in(const Person& by, mls::Group& group, domain::EntryKind kind) {
  const Bytes payload = w_.message(group, "hello");
  return told(w_.run(service().append(by.caller(), {id(), client_id(++sent_), Epoch{group.epoch()}, payload, kind})));
}

keys::LeaveNote GroupChat::note(const Person& by) {
  keys::LeaveNote note{.group_id = keys::group_id(id(), 0),
                       .user = by.user,
                       .device = by.device,
                       .encryption_key = group(by).own_leaf_node().encryption_key};
  note.sign(by.leaf_key);
  return note;
}

std::string GroupChat::leave(const Person& by, const keys::LeaveNote& note) {
  const Bytes bytes = note.encode();
  return told(w_.run(service().leave(by.caller(), id(), bytes)));
}

Doing GroupChat::taking(const std::vector<const Person*>& devices, const std::vector<keys::LeaveNote>& notes) {
  Doing doing{.removes = devices, .grounds = {.lists = {}, .leaving = notes}};
  keys::GroupPolicy policy = policy_;
  for (const auto& note : notes) policy.forget(note.user);
  if (policy != policy_) doing.policy = policy_ = policy;
  return doing;
}

Broken GroupChat::broken(Person& device) {
  Bytes package = w_.key_package(device);
  keys::BrokenMark mark{.group_id = keys::group_id(id(), 0),
                        .user = device.user,
                        .device = device.device,
                        .encryption_key = group(device).own_leaf_node().encryption_key,
                        .replacement = device.key_packages.back().key_package.leaf.encryption_key};
  mark.sign(device.leaf_key);
  return {&device, mark, std::move(package)};
}

std::string GroupChat::mark(const Broken& broken) {
  const Bytes bytes = broken.mark.encode();
  return told(w_.run(service().mark_broken(broken.device->caller(), {id(), bytes, broken.key_package})));
}

Doing GroupChat::replacing(const std::vector<Broken>& all) {
  Doing doing{.replaces = all};
  for (const Broken& broken : all) doing.grounds.broken.push_back(broken.mark);
  return doing;
}

std::vector<keys::BrokenMark> GroupChat::marks() {
  const auto told = w_.ok(service().changes(ann_.caller(), id()));
  EXPECT_EQ(told.packages.size(), told.grounds.broken.size());
  for (std::size_t i = 0; i < told.packages.size(); ++i) {
    EXPECT_EQ(mls::decoded_message<mls::KeyPackage>(told.packages[i])->leaf.encryption_key,
              told.grounds.broken[i].replacement);
  }
  return told.grounds.broken;
}

std::size_t GroupChat::stored_marks() {
  return w_.ok(w_.store.rows(domain::partition_of(id()), domain::RowKind::broken_mark, {}, {}, 1000)).size();
}

bool GroupChat::is_noted() { return w_.ok(w_.store.row(domain::partition_of(id()), domain::notes_row())).has_value(); }

std::string GroupChat::read(const Person& by, std::uint64_t after, std::size_t limit_bytes) {
  const auto result = w_.run(service().read(by.caller(), id(), Seq{after}, limit_bytes));
  if (!result && result.error().code == Errc::trimmed)
    return "trimmed " + std::to_string(result.error().first_seq.value);
  if (!result) return std::string(domain::name_of(result.error().code));
  std::string text;
  for (const auto& entry : result->entries) text += std::to_string(entry.seq.value) + " ";
  return text + "of " + std::to_string(result->head.value);
}

std::vector<std::string> GroupChat::mails(const Person& by) {
  std::vector<std::string> texts;
  for (const auto& mail : w_.ok(service().read_mailbox(by.caller(), {}, 1 << 20)).mails) {
    EXPECT_EQ(mail.conversation, id());
    const char* kind = mail.kind == domain::MailKind::welcome   ? "welcome "
                       : mail.kind == domain::MailKind::removed ? "removed "
                                                                : "declined ";
    texts.push_back(kind + std::to_string(mail.conversation_seq.value));
  }
  return texts;
}

bool GroupChat::is_listed(const Person& by) { return !w_.ok(service().sync(by.caller(), {})).heads.empty(); }

}  // namespace kith::server::service::test
