#include "load/conversation.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "keys/conversation.h"
#include "mls/group.h"
#include "mls/profile.h"
#include "wire/content.h"

namespace kith::load {
namespace {

constexpr std::size_t kSenderDataBytes = 12 + 16;  // leaf index, generation, reuse guard; tag

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  crypto::SystemEntropy().fill(bytes);
  return bytes;
}

ClientId random_client_id() {
  ClientId id;
  crypto::SystemEntropy().fill(id.value);
  return id;
}

std::vector<std::size_t> places_of(const ClientId& id, const Bytes& in) {
  std::vector<std::size_t> places;
  for (auto at = in.begin(); (at = std::search(at, in.end(), id.value.begin(), id.value.end())) != in.end(); ++at) {
    places.push_back(static_cast<std::size_t>(at - in.begin()));
  }
  return places;
}

Failure<Errc> failed(const Failure<mls::Errc>& cause) { return {Errc::bad_state, "MLS: " + cause.detail}; }

}  // namespace

Result<FirstCommit> make_first_commit(const Account& creator, const UserId& peer, ByteView key_package,
                                      const HistoryId& history) {
  crypto::SystemEntropy entropy;
  const auto suite = crypto::Suite::product();
  const auto key = creator.leaf_key();
  const auto conversation = keys::direct_conversation(creator.user, peer);
  const auto group = mls::Group::create(suite,
                                        {.group_id = keys::group_id(conversation, 0),
                                         .leaf = creator.leaf(),
                                         .extensions = {mls::profile::required_capabilities()}},
                                        key, entropy);
  if (!group) return std::unexpected(failed(group.error()));
  auto package =
      mls::VerifiedKeyPackage::verify_message(key_package, suite, static_cast<std::uint64_t>(unix_now_ms() / 1000));
  if (!package) return std::unexpected(failed(package.error()));

  FirstCommit first{.client_id = random_client_id(),
                    .founding = group->group_info(true),
                    .commit = {},
                    .group_info = {},
                    .welcome = {}};
  const keys::AuthenticatedData bound{.conversation = conversation,
                                      .history_id = history,
                                      .client_id = first.client_id,
                                      .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                      .last_seq = {},
                                      .last_hash = keys::kEmptyLog,
                                      .extra = {}};
  mls::CommitOptions options;
  options.adds.push_back(std::move(*package));
  options.authenticated_data = bound.encode();
  options.tree_in_welcome = false;
  auto pending = group->commit(options, entropy);
  if (!pending) return std::unexpected(failed(pending.error()));
  first.commit = std::move(pending->commit);
  first.group_info = std::move(pending->group_info);
  first.welcome = std::move(pending->welcome);
  return first;
}

std::size_t ciphertext_size(std::size_t text_bytes) {
  const std::size_t content = wire::encode_padded({.sent_ms = 1, .text = std::string(text_bytes, 'a')}).size();
  constexpr std::size_t kLengths = 2 + 2;  // of the application data and of the signature
  constexpr std::size_t kSignature = 64;
  constexpr std::size_t kTag = 16;
  return content + kLengths + kSignature + kTag;
}

PayloadTemplate::PayloadTemplate(const ConversationId& conversation, const HistoryId& history, Epoch epoch,
                                 std::size_t text_bytes) {
  const ClientId marker = random_client_id();
  const keys::AuthenticatedData bound{.conversation = conversation,
                                      .history_id = history,
                                      .client_id = marker,
                                      .kind = static_cast<std::uint8_t>(wire::EntryKind::application),
                                      .last_seq = {1},
                                      .last_hash = keys::kEmptyLog,
                                      .extra = {}};
  payload_ = mls::encoded_message(mls::PrivateMessage{.group_id = keys::group_id(conversation, 0),
                                                      .epoch = epoch.value,
                                                      .content_type = mls::ContentType::application,
                                                      .authenticated_data = bound.encode(),
                                                      .encrypted_sender_data = random_bytes(kSenderDataBytes),
                                                      .ciphertext = random_bytes(ciphertext_size(text_bytes))});
  const auto places = places_of(marker, payload_);
  KITH_CHECK(places.size() == 1);
  client_id_at_ = places.front();
}

Bytes PayloadTemplate::with(const ClientId& client_id) const {
  Bytes payload = payload_;
  std::ranges::copy(client_id.value, payload.begin() + static_cast<std::ptrdiff_t>(client_id_at_));
  return payload;
}

AppendTemplate::AppendTemplate(const ConversationId& conversation, const HistoryId& history, Epoch epoch,
                               std::size_t text_bytes) {
  const ClientId marker = random_client_id();
  const Bytes payload = PayloadTemplate(conversation, history, epoch, text_bytes).with(marker);
  payload_bytes_ = payload.size();
  const auto encode_with = [&](std::uint32_t id) {
    return wire::encode(
        {.id = id,
         .body = wire::Append{.conversation = conversation, .client_id = marker, .epoch = epoch, .payload = payload}});
  };
  constexpr std::uint32_t kId = 0x5A5A5A5A;
  frame_ = encode_with(kId);
  const Bytes other = encode_with(~kId);
  KITH_CHECK(frame_.size() == other.size());
  id_at_ = static_cast<std::size_t>(std::ranges::mismatch(frame_, other).in1 - frame_.begin());
  KITH_CHECK(id_at_ + sizeof kId <= frame_.size());
  client_id_at_ = places_of(marker, frame_);
  KITH_CHECK(client_id_at_.size() == 2);
}

ByteView AppendTemplate::frame(std::uint32_t id, const ClientId& client_id) {
  // FlatBuffers are little-endian, as this machine is.
  std::memcpy(&frame_[id_at_], &id, sizeof id);
  for (const auto at : client_id_at_) std::memcpy(&frame_[at], client_id.value.data(), client_id.value.size());
  return frame_;
}

}  // namespace kith::load
