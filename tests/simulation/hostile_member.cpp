#include "tests/simulation/hostile_member.h"

#include <algorithm>
#include <span>

#include "keys/broken_mark.h"
#include "keys/group_policy.h"
#include "keys/leave_note.h"
#include "mls/profile.h"
#include "wire/content.h"

namespace kith::sim {

namespace row_key = client::row_key;

HostileMember::HostileMember(World& world) : world_(world), chance_(world.chance.branch()) {
  world_.misusing.insert("P" + std::to_string(1 + chance_.below(2)));
  if (chance_.below(3) == 0) world_.misusing.insert("P3");
  world_.network.from_client = [this](const std::string& who, Bytes frame) {
    return instead_of(who, std::move(frame));
  };
  world_.network.to_client = [this](const std::string& who, Bytes& frame) { return hears(who, frame); };
}

void HostileMember::did(Fault kind, const Device& device, const ConversationId& conversation, const ClientId& client) {
  acts_.push_back({kind, device.client.name, conversation, client, world_.time.now_ms()});
  world_.trace.note(world_.time.now_ms(), device.client.name,
                    "means it no good: " + std::string(name_of(kind)) + " " + conversation.text().substr(0, 6) + " " +
                        client.text().substr(0, 6));
}

// ---- what the device has ----

std::optional<crypto::SignatureKeyPair> HostileMember::key_of(const Device& device) const {
  const auto rows = device.client.rows();
  const auto row = rows.find(row_key::account());
  const auto account =
      row == rows.end() ? std::nullopt : std::optional(mls::decoded<client::AccountRecord>(row->second).value());
  if (!account) return std::nullopt;
  const auto key = crypto::Suite::product().signature_key_from(account->leaf_key);
  return key ? std::optional(*key) : std::nullopt;
}

std::optional<mls::Group> HostileMember::group_of(const Device& device, const ConversationId& conversation) const {
  const auto rows = device.client.rows();
  const auto key = key_of(device);
  const auto head = rows.find(row_key::group_epoch(conversation));
  if (head == rows.end() || !key) return std::nullopt;
  const auto all_like = [&](Bytes from) {
    from.resize(from.size() - sizeof(std::uint64_t));
    std::vector<std::pair<mls::NodeIndex, Bytes>> found;
    for (auto row = rows.lower_bound(from); row != rows.lower_bound(row_key::end_of(from)); ++row) {
      if (const auto node = row_key::node_of(row->first)) found.emplace_back(*node, row->second);
    }
    return found;
  };
  mls::EpochChanges epoch{to_secret(head->second), {}};
  for (auto& [node, bytes] : all_like(row_key::group_node(conversation, {}))) epoch.nodes.push_back({node, bytes});
  mls::RatchetPieces pieces;
  for (auto& [node, bytes] : all_like(row_key::group_ratchet(conversation, {}))) {
    pieces.push_back({node, to_secret(bytes)});
  }
  auto group = mls::Group::restore(epoch, nullptr, pieces, *key);
  if (!group) return std::nullopt;
  return *std::move(group);
}

Bytes HostileMember::bound(const Device& device, const ConversationId& conversation, wire::EntryKind kind,
                           const ClientId& client, const std::function<void(keys::AuthenticatedData&)>& change) const {
  const auto rows = device.client.rows();
  const auto row = rows.find(row_key::chat(conversation));
  const auto chat = row == rows.end() ? client::ChatRecord{} : mls::decoded<client::ChatRecord>(row->second).value();
  const auto sync = mls::decoded<client::SyncRecord>(rows.at(row_key::sync())).value();
  keys::AuthenticatedData data{.conversation = conversation,
                               .history_id = sync.history.value_or(HistoryId{}),
                               .client_id = client,
                               .kind = static_cast<std::uint8_t>(kind),
                               .last_seq = chat.anchored ? chat.position : Seq{},
                               .last_hash = chat.anchored ? chat.hash : keys::kEmptyLog,
                               .extra = {}};
  if (change) change(data);
  return data.encode();
}

Bytes HostileMember::content(const Device& device, std::int64_t sent_ms) {
  return wire::encode_padded({.sent_ms = sent_ms, .text = device.client.name + " forges " + std::to_string(++forged_)});
}

// ---- frames ----

std::vector<Bytes> HostileMember::instead_of(const std::string& who, Bytes bytes) {
  Device* device = nullptr;
  for (Device* each : world_.people.devices()) {
    if (each->client.name == who && is(each->person) && each->was_ready) device = each;
  }
  auto frame = device == nullptr || world_.faults.is_over() ? fail(wire::Errc::malformed) : wire::decode(bytes);
  std::vector<Bytes> out;
  if (!frame) {
    out.push_back(std::move(bytes));
    return out;
  }
  made_.clear();
  std::vector<wire::Body> more;
  ConversationId conversation;
  if (auto* append = std::get_if<wire::Append>(&frame->body)) {
    conversation = append->conversation;
    forge(*device, *append, more);
  }
  if (auto* commit = std::get_if<wire::Commit>(&frame->body)) {
    conversation = commit->conversation;
    forge(*device, *commit);
  }
  if (conversation != ConversationId{}) act_up(*device, conversation, more);
  out.push_back(wire::encode(*frame));
  for (wire::Body& body : more) out.push_back(wire::encode({.id = next_request_++, .body = std::move(body)}));
  return out;
}

bool HostileMember::hears(const std::string& who, const Bytes& bytes) {
  const auto frame = wire::decode(bytes);
  if (!frame || frame->id < kFirstRequest) return true;
  const auto asked = asked_.find(frame->id);
  if (asked == asked_.end() || !asked->second.must_be_refused || std::holds_alternative<wire::Error>(frame->body))
    return false;
  // Whoever was taken away on the way is told that it is out, whatever its note says.
  const auto& conversation = world_.truth.conversations().at(asked->second.conversation);
  if (conversation.users_in(conversation.last_epoch()).contains(asked->second.by))
    world_.fail("the server took what " + who + " may not do: " + std::string(name_of(asked->second.kind)));
  return false;
}

void HostileMember::forge(Device& device, wire::Append& append, std::vector<wire::Body>& more) {
  Faults& faults = world_.faults;
  const auto kind = append.silent ? wire::EntryKind::silent : wire::EntryKind::application;
  const bool misbinds = faults.happens(Fault::message_misbound);
  const bool garbles = faults.happens(Fault::message_unreadable);
  const bool reuses = faults.happens(Fault::generation_reused);
  const bool miskinds = faults.happens(Fault::message_miskinded);
  if (!misbinds && !garbles && !reuses && !miskinds) return;
  auto group = group_of(device, append.conversation);
  if (!group || group->epoch() != append.epoch.value) return;
  const std::int64_t now_ms = world_.time.now_ms();
  if (garbles) {
    Bytes payload = to_bytes(append.payload);
    payload.back() ^= 1;
    append.payload = keep(std::move(payload));
    return did(Fault::message_unreadable, device, append.conversation, append.client_id);
  }
  if (reuses) {
    // Its program knows nothing of this one, and makes the next with the same key.
    ClientId client;
    chance_.fill(client.value);
    const Bytes data = bound(device, append.conversation, wire::EntryKind::application, client);
    wire::Append another = append;
    another.client_id = client;
    another.silent = false;
    another.payload = keep(group->protect(data, content(device, now_ms), chance_).value());
    more.emplace_back(another);
    return did(Fault::generation_reused, device, append.conversation, client);
  }
  if (miskinds) {
    append.silent = true;
    const Bytes data = bound(device, append.conversation, wire::EntryKind::silent, append.client_id);
    append.payload = keep(group->protect(data, content(device, now_ms), chance_).value());
    return did(Fault::message_miskinded, device, append.conversation, append.client_id);
  }
  const auto how = chance_.below(6);
  const Bytes data = bound(device, append.conversation, kind, append.client_id, [&](keys::AuthenticatedData& d) {
    if (how == 0) d.conversation.value[0] ^= 1;
    if (how == 1) d.client_id.value[0] ^= 1;
    if (how == 2) d.kind ^= 2;
    if (how == 3) d.last_seq.value += 1000;
    if (how == 4) d.last_hash[0] ^= 1;
    if (how == 5) d.history_id.value[0] ^= 1;
  });
  append.payload = keep(group->protect(data, content(device, now_ms), chance_).value());
  did(Fault::message_misbound, device, append.conversation, append.client_id);
}

// The same commit, with the forger's hands in it.
void HostileMember::forge(Device& device, wire::Commit& commit) {
  Faults& faults = world_.faults;
  const auto honest = mls::decoded_message<mls::PublicMessage>(commit.payload);
  const auto group = group_of(device, commit.conversation);
  const auto key = key_of(device);
  const auto* inner = honest ? std::get_if<mls::Commit>(&honest->content.content) : nullptr;
  const bool is_members = inner != nullptr && honest->content.sender.type == mls::SenderType::member;
  if (!is_members || !group || !key || group->epoch() != commit.epoch.value) return;
  kith::test::Hands hands;
  hands.has_path = inner->path.has_value();
  std::optional<Fault> kind;
  if (faults.happens(Fault::commit_mistagged)) {
    kind = Fault::commit_mistagged;
    if (chance_.below(2) == 0) {
      hands.message = [](mls::PublicMessage& message) { message.membership_tag[0] ^= 1; };
    } else {
      hands.confirmation_tag = [](Bytes& tag) { tag[0] ^= 1; };
    }
  } else if (hands.has_path && faults.happens(Fault::path_missealed)) {
    kind = Fault::path_missealed;
    hands.path_context = [](mls::GroupContext& context) { context.epoch ^= 1; };
  } else if (faults.happens(Fault::group_info_poisoned)) {
    kind = Fault::group_info_poisoned;
    hands.group_info = [this](mls::GroupInfo& info) {
      const auto nobodys = crypto::Suite::product().generate_kem_key(chance_).public_key;
      mls::set_extension(info.extensions, mls::extension_type::kExternalPub, mls::encoded(nobodys));
    };
  } else if (!commit.welcomes.empty() && faults.happens(Fault::welcome_spoiled)) {
    kind = Fault::welcome_spoiled;
    switch (chance_.below(3)) {
      case 0:
        hands.group_secrets = [](mls::GroupSecrets& secrets) { secrets.joiner_secret[0] ^= 1; };
        break;
      case 1:
        hands.joiners_info = [](mls::GroupInfo& info) { info.confirmation_tag[0] ^= 1; };
        break;
      default:
        hands.welcome = [](mls::Welcome& welcome) { welcome.encrypted_group_info.back() ^= 1; };
    }
  }
  if (!kind) return;
  kith::test::Plan plan{.authenticated_data = honest->content.authenticated_data};
  for (const auto& item : inner->proposals) {
    if (const auto* proposal = std::get_if<mls::Proposal>(&item)) plan.proposals.push_back(*proposal);
  }
  auto made = kith::test::make_commit(kith::test::known_to(*group, *key), plan, hands, chance_);
  commit.payload = keep(std::move(made.commit));
  commit.group_info = keep(std::move(made.group_info));
  const ByteView welcome = keep(std::move(made.welcome));
  for (wire::DeviceWelcome& each : commit.welcomes) each.payload = welcome;
  did(*kind, device, commit.conversation, commit.client_id);
}

// ---- what nobody asked for ----

void HostileMember::act_up(Device& device, const ConversationId& conversation, std::vector<wire::Body>& more) {
  const auto self = *UserId::from_text(device.person.user());
  const auto logged = world_.truth.conversations().find(conversation);
  // Whoever has left hears once more that it has.
  const bool is_in = logged != world_.truth.conversations().end() && logged->second.is_member(self);
  const auto add = [&](Fault kind, std::optional<wire::Body> body, bool must_be_refused) {
    if (!body) return;
    asked_[next_request_ + static_cast<std::uint32_t>(more.size())] = {kind, must_be_refused && is_in, self,
                                                                       conversation};
    more.push_back(*std::move(body));
    did(kind, device, conversation);
  };
  if (world_.faults.happens(Fault::note_forged)) {
    add(Fault::note_forged, forged_note(device, conversation), true);
  }
  if (world_.faults.happens(Fault::policy_overstepped)) {
    add(Fault::policy_overstepped, overstep(device, conversation), true);
  }
  if (chance_.below(4) == 0 && world_.faults.happens(Fault::group_info_poisoned)) {
    add(Fault::group_info_poisoned, poisoned_confirmation(device, conversation), false);
  }
}

// That somebody else leaves, or is broken, signed with the only key that there is.
std::optional<wire::Body> HostileMember::forged_note(const Device& device, const ConversationId& conversation) {
  const auto group = group_of(device, conversation);
  const auto key = key_of(device);
  if (!group || !key) return std::nullopt;
  for (const mls::Member& member : group->public_group().members()) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    if (!who || who->user.text() == device.person.user()) continue;
    const Bytes encryption_key = group->public_group().tree().leaf(member.leaf)->encryption_key;
    if (chance_.below(2) == 0) {
      keys::LeaveNote note{group->group_id(), who->user, who->device, encryption_key, {}};
      note.sign(*key);
      return wire::Leave{.conversation = conversation, .note = keep(note.encode())};
    }
    keys::BrokenMark mark{group->group_id(), who->user, who->device, encryption_key, encryption_key, {}};
    mark.sign(*key);
    return wire::MarkBroken{.conversation = conversation, .mark = keep(mark.encode()), .key_package = keep(Bytes(9))};
  }
  return std::nullopt;
}

// Makes itself the owner.
std::optional<wire::Body> HostileMember::overstep(const Device& device, const ConversationId& conversation) {
  const auto group = group_of(device, conversation);
  const auto key = key_of(device);
  const auto self = UserId::from_text(device.person.user());
  if (!group || !key || !self) return std::nullopt;
  auto policy = keys::policy_of(group->public_group().context().extensions);
  if (!policy || policy->role_of(*self) != keys::Role::member) return std::nullopt;
  policy->hand_over(*self);
  ClientId client;
  chance_.fill(client.value);
  const auto made =
      kith::test::make_commit(kith::test::known_to(*group, *key),
                              {.proposals = {mls::GroupContextExtensions{keys::group_extensions(*policy)}},
                               .authenticated_data = bound(device, conversation, wire::EntryKind::commit, client)},
                              {}, chance_);
  return wire::Commit{.conversation = conversation,
                      .client_id = client,
                      .epoch = {group->epoch()},
                      .payload = keep(made.commit),
                      .group_info = keep(made.group_info),
                      .welcomes = {}};
}

std::optional<wire::Body> HostileMember::poisoned_confirmation(const Device& device,
                                                               const ConversationId& conversation) {
  const auto group = group_of(device, conversation);
  const auto key = key_of(device);
  if (!group || !key) return std::nullopt;
  auto info = mls::decoded_message<mls::GroupInfo>(group->group_info(false));
  if (!info) return std::nullopt;
  const auto& suite = crypto::Suite::product();
  mls::set_extension(info->extensions, mls::extension_type::kExternalPub,
                     mls::encoded(suite.generate_kem_key(chance_).public_key));
  mls::sign(suite, *info, *key);
  return wire::ConfirmGroup{.conversation = conversation,
                            .epoch = {group->epoch()},
                            .group_info = keep(mls::encoded_message(*std::move(info)))};
}

}  // namespace kith::sim
