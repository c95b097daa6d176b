#include "load/conversation.h"

#include <gtest/gtest.h>

#include "keys/conversation.h"
#include "mls/framing.h"
#include "mls/group.h"
#include "wire/content.h"

namespace kith::load {
namespace {

template <class Id>
Id id_of(std::uint8_t byte) {
  Id id;
  id.value.fill(byte);
  return id;
}

TEST(AppendTemplate, every_frame_is_an_append_with_its_own_ids_and_bound_to_them) {
  const auto conversation = id_of<ConversationId>(1);
  const auto history = id_of<HistoryId>(2);
  AppendTemplate message(conversation, history, Epoch{1}, 200);
  for (const std::uint32_t id : {1U, 77U, 0xFFFFFFFFU}) {
    const auto client_id = id_of<ClientId>(static_cast<std::uint8_t>(id));
    const auto frame = wire::decode(message.frame(id, client_id));
    ASSERT_TRUE(frame) << frame.error().detail;
    EXPECT_EQ(frame->id, id);
    const auto* append = std::get_if<wire::Append>(&frame->body);
    ASSERT_NE(append, nullptr);
    EXPECT_EQ(append->conversation, conversation);
    EXPECT_EQ(append->client_id, client_id);
    EXPECT_EQ(append->epoch, Epoch{1});
    EXPECT_EQ(append->payload.size(), message.payload_bytes());
    const auto sealed = mls::decoded_message<mls::PrivateMessage>(append->payload);
    ASSERT_TRUE(sealed) << sealed.error().detail;
    EXPECT_EQ(sealed->group_id, keys::group_id(conversation, 0));
    EXPECT_EQ(sealed->epoch, 1U);
    const auto bound = keys::AuthenticatedData::decode(sealed->authenticated_data);
    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->client_id, client_id);
    EXPECT_EQ(bound->conversation, conversation);
    EXPECT_EQ(bound->history_id, history);
  }
}

Account made_up(std::uint8_t number) {
  crypto::SystemEntropy entropy;
  Account account;
  account.user = id_of<UserId>(number);
  account.device = id_of<DeviceId>(number);
  account.leaf_seed = crypto::Suite::product().generate_signature_key(entropy).private_key;
  account.credential = to_bytes("made up");
  return account;
}

TEST(FirstCommit, is_a_commit_that_leads_to_an_epoch_with_both) {
  crypto::SystemEntropy entropy;
  const auto a = made_up(1);
  const auto b = made_up(2);
  const auto package = mls::create_key_package(crypto::Suite::product(), b.leaf(), b.leaf_key(), false, entropy);
  const auto first = make_first_commit(a, b.user, mls::encoded_message(package.key_package), id_of<HistoryId>(3));
  ASSERT_TRUE(first) << first.error().detail;
  const auto info = mls::decoded_message<mls::GroupInfo>(first->group_info);
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->group_context.epoch, 1U);
  EXPECT_TRUE(mls::decoded_message<mls::PublicMessage>(first->commit));
  EXPECT_TRUE(mls::decoded_message<mls::Welcome>(first->welcome));
}

TEST(FirstCommit, a_key_package_that_is_none_is_refused) {
  const auto a = made_up(1);
  EXPECT_FALSE(make_first_commit(a, id_of<UserId>(2), to_bytes("no package"), id_of<HistoryId>(3)));
}

// The load would measure the wrong thing if its ciphertexts were smaller than real ones.
TEST(CiphertextSize, is_what_sealing_a_text_of_this_size_gives) {
  crypto::SystemEntropy entropy;
  const auto a = made_up(1);
  const auto suite = crypto::Suite::product();
  auto group =
      mls::Group::create(suite, {.group_id = Bytes(32, 1), .leaf = a.leaf(), .extensions = {}}, a.leaf_key(), entropy);
  ASSERT_TRUE(group);
  for (const std::size_t size : {std::size_t{1}, std::size_t{200}, std::size_t{5000}}) {
    const auto content = wire::encode_padded({.sent_ms = 1, .text = std::string(size, 'a')});
    const auto bytes = group->protect(to_bytes("bound"), content, entropy);
    ASSERT_TRUE(bytes);
    const auto sealed = mls::decoded_message<mls::PrivateMessage>(*bytes);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->ciphertext.size(), ciphertext_size(size)) << size;
    EXPECT_EQ(sealed->encrypted_sender_data.size(), 28U);
  }
}

}  // namespace
}  // namespace kith::load
