#include "tests/simulation/truth.h"

#include <algorithm>

#include "keys/conversation.h"
#include "mls/framing.h"
#include "server/domain/records.h"
#include "server/domain/stored_group.h"

namespace kith::sim {

using server::domain::Committed;
using server::domain::EntryKind;
using server::domain::PartitionKind;
using server::domain::RowKind;
using server::domain::Transaction;

namespace {
// Authenticated, and for everybody to read.
Seq seen_by_sender_of(ByteView payload) {
  Bytes data;
  if (const auto message = mls::decoded_message<mls::PrivateMessage>(payload)) data = message->authenticated_data;
  if (const auto commit = mls::decoded_message<mls::PublicMessage>(payload)) data = commit->content.authenticated_data;
  const auto read = keys::AuthenticatedData::decode(data);
  return read ? read->last_seq : Seq{};
}
}  // namespace

std::set<UserId> LoggedConversation::users_in(Epoch epoch) const {
  std::set<UserId> users;
  const auto at = seats.find(epoch);
  if (at == seats.end()) return users;
  for (const auto& seat : at->second) users.insert(seat.user);
  return users;
}

bool LoggedConversation::has_device_in(Epoch epoch, const server::domain::Caller& device) const {
  const auto at = seats.find(epoch);
  return at != seats.end() && std::ranges::any_of(at->second, [&](const keys::Seat& seat) {
           return seat.user == device.user && seat.device == device.device;
         });
}

std::optional<Seq> LoggedConversation::brought_in(Epoch epoch, const server::domain::Caller& device) const {
  if (!has_device_in(epoch, device)) return std::nullopt;
  Seq at;
  for (const LoggedEntry& entry : log) {
    if (entry.kind != EntryKind::commit || entry.epoch >= epoch) continue;
    if (!has_device_in(entry.epoch, device) && has_device_in(entry.epoch.next(), device)) at = entry.seq;
  }
  return at;
}

bool LoggedConversation::has_revoked_device() const {
  const auto at = seats.find(last_epoch());
  return at != seats.end() && std::ranges::any_of(at->second, [&](const keys::Seat& seat) {
           const auto note = noted.find(seat.user);
           return note != noted.end() && note->second.find(seat.device) == nullptr;
         });
}

bool LoggedConversation::is_member(const UserId& user) const {
  return users_in(last_epoch()).contains(user) && !leaving.contains(user);
}

std::set<UserId> LoggedConversation::acquaintances(const UserId& user, Seq read) const {
  if (read.value == 0 || read.value > log.size()) return {};
  const LoggedEntry& last = log[read.value - 1];
  std::set<UserId> known = users_in(last.kind == EntryKind::commit ? last.epoch.next() : last.epoch);
  std::erase_if(known, [&](const UserId& other) { return other == user || !is_member(other); });
  return known;
}

bool LoggedConversation::has_stayed(const UserId& user, Epoch since) const {
  return is_member(user) && std::ranges::all_of(seats, [&](const auto& at) {
           return at.first < since || users_in(at.first).contains(user);
         });
}

bool LoggedConversation::had_left(const UserId& user, Seq seq) const {
  const auto note = leaving.find(user);
  if (note != leaving.end() && seq > note->second) return true;
  const auto past = gone.find(user);
  return past != gone.end() &&
         std::ranges::any_of(past->second, [&](const auto& stay) { return seq > stay.first && seq <= stay.second; });
}

bool LoggedConversation::is_vouched_for(const LoggedEntry& entry, const UserId& user) const {
  for (const LoggedEntry& later : log) {
    if (later.seq <= entry.seq) continue;
    if (!users_in(later.epoch).contains(user)) return false;
    if (later.seen >= entry.seq) return true;
  }
  return false;
}

void Truth::committed(const Transaction& transaction, const Committed& committed) {
  if (transaction.partition.kind == PartitionKind::conversation) return conversation_changed(transaction, committed);
  if (transaction.partition.kind != PartitionKind::account) return;
  for (const auto& write : transaction.writes) {
    if (write.key.kind == RowKind::device && write.value)
      devices_.insert({*UserId::from(transaction.partition.id), *DeviceId::from(write.key.id)});
  }
}

void Truth::conversation_changed(const Transaction& transaction, const Committed& committed) {
  auto& conversation = conversations_[*ConversationId::from(transaction.partition.id)];
  for (std::size_t i = 0; i < transaction.appends.size(); ++i) {
    const auto& append = transaction.appends[i];
    const auto entry = server::domain::entry_of(committed.seqs[i], committed.time, append.client_id, *append.body);
    KITH_CHECK(entry && entry->seq.value == conversation.log.size() + 1);
    conversation.log.push_back(
        {entry->seq, entry->client_id, entry->kind, entry->epoch, entry->sender, seen_by_sender_of(entry->payload)});
    if (entry->kind != EntryKind::commit && conversation.has_revoked_device())
      conversation.overheard.push_back(entry->seq);
    ++entries_;
  }
  const Seq head{conversation.log.size()};
  for (const auto& write : transaction.writes) {
    if (write.key.kind == RowKind::group && write.value) {
      const auto row = server::domain::decode_group_row(*write.value);
      KITH_CHECK(row && row->pages == 0);
      conversation.kind = row->group.kind;
      conversation.seats[row->group.epoch] = row->group.seats;
    }
  }
  for (const auto& write : transaction.writes) {
    if (write.key.kind != RowKind::noted_list) continue;
    const auto note = write.value ? server::domain::decode_note(*write.value) : std::nullopt;
    conversation.noted.erase(*UserId::from(write.key.id));
    if (note) conversation.noted.emplace(note->list.user, note->list);
  }
  for (const auto& write : transaction.writes) {
    if (write.key.kind != RowKind::leave_note) continue;
    const auto user = *UserId::from(write.key.id);
    if (write.value) {
      conversation.leaving.emplace(user, head);
    } else if (const auto note = conversation.leaving.find(user); note != conversation.leaving.end()) {
      conversation.gone[user].emplace_back(note->second, head);
      conversation.leaving.erase(note);
    }
  }
}

const LoggedConversation* Truth::conversation(const std::string& text) const {
  const auto id = ConversationId::from_text(text);
  const auto at = id ? conversations_.find(*id) : conversations_.end();
  return at == conversations_.end() ? nullptr : &at->second;
}

}  // namespace kith::sim
