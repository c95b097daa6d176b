// What a revoked device can do with all that it kept, alone and with a server that helps it: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/household.h"

namespace kith::client::test {
namespace {

// The tablet's rows as they were when it was a device of Alice.
struct Thief : Household {
  Thief() : kept(tablet.rows), knows(tablet) {
    add_phone();
    phones_list = world.server.device_list_of(*UserId::from_text(alice_id));
  }
  void revoke_tablet() {
    ASSERT_EQ(revoke(alice, tablet), "done");
    ASSERT_TRUE(world.run_until([&] { return generation_of(phone) == 1; }));
    ASSERT_TRUE(world.run_until([&] { return seats() == 3; }));
  }
  // A generation beside the account's, which it makes of the secret that it kept.
  keys::AccountGeneration beside(std::uint32_t number = 1) {
    return keys::AccountGeneration::generate(number, knows.entropy);
  }
  [[nodiscard]] keys::GenerationCertificate certificate_of(const keys::AccountGeneration& generation) const {
    return knows.credential.generation.next(generation, knows.generation).value();
  }
  // A device of its making is at the end of the log, by an external commit that this list justifies.
  void bring_in(const DevicesOf::Device& device, const keys::FollowedList& list) {
    const auto info = *mls::decoded_message<mls::GroupInfo>(conversation().group_info);
    const ClientId client{{0xAB}};
    const keys::AuthenticatedData bound{.conversation = id(),
                                        .history_id = world.server.history,
                                        .client_id = client,
                                        .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                        .last_seq = {},
                                        .extra = keys::Grounds{.lists = {list}}.encode()};
    const mls::LeafParameters leaf{.credential = device.package.key_package.leaf.credential,
                                   .capabilities = mls::profile::capabilities(),
                                   .lifetime = {},
                                   .extensions = {}};
    const auto pending =
        *mls::Group::join_external(ModelServer::shown(conversation()), info,
                                   {.leaf = leaf, .authenticated_data = bound.encode()}, device.key, knows.entropy);
    auto& log = conversation().log;
    log.push_back({.seq = log.back().seq.next(),
                   .time_ms = world.now(),
                   .sender = {knows.record.user, device.id},
                   .client_id = client,
                   .kind = wire::EntryKind::commit,
                   .epoch = conversation().epoch,
                   .payload = pending.commit});
    ModelServer::follow(conversation(), {id(), client, conversation().epoch, pending.commit, pending.group_info, {}});
    conversation().change += 1'000;
  }
  // Nobody who was there writes to it, while the server shows this list to all who ask; nor when it is honest again,
  // before it is gone.
  void expect_that_nobody_writes(const keys::FollowedList& shown) {
    const std::string newest = world.server.device_list_of(*UserId::from_text(alice_id));
    world.http_to_client = [&, newest](ModelServer::HttpReply& reply) {
      Json body = Json::parse(reply.body, nullptr, false);
      if (!body.is_object() || body.value("device_list", "") != newest) return;
      body["device_list"] = to_base64url(shown.list.encode());
      body["generation"] = to_base64url(shown.certificate.encode());
      reply.body = body.dump();
    };
    const auto before = messages_in_log();
    for (Client* client : {&alice, &bob}) client->crash();
    world.run_for(10'000);
    alice.tell({{"type", "send"}, {"user", bob_id}, {"text", "secret of Alice"}});
    bob.tell({{"type", "send"}, {"user", alice_id}, {"text", "secret of Bob"}});
    world.run_for(180'000);
    EXPECT_EQ(messages_in_log(), before);
    EXPECT_GE(alice.warnings["device_list_refused"], 1);
    EXPECT_GE(bob.warnings["device_list_refused"], 1);
    world.http_to_client = nullptr;
    for (Client* client : {&alice, &bob}) client->crash();
    ASSERT_TRUE(comes_to_bob("secret of Alice"));
    EXPECT_EQ(seats(), 3U) << "it is out first";
  }

  const std::map<Bytes, Bytes> kept;
  DevicesOf knows;
  std::string phones_list;
};

TEST(Revoked, a_device_reads_nothing_that_follows_with_all_that_it_kept) {
  Thief t;
  t.revoke_tablet();
  write(t.world, t.bob, t.alice_id, {"third"});
  write(t.world, t.alice, t.bob_id, {"fourth"});
  ASSERT_TRUE(t.comes_to_bob("fourth"));
  t.tablet.stop();
  t.tablet.rows = t.kept;
  mls::Group group = stored_group(t.tablet, t.id());
  int unread = 0;
  bool is_out = false;
  for (const auto& entry : t.conversation().log) {
    if (entry.epoch.value < group.epoch()) continue;
    if (entry.kind != wire::EntryKind::commit) {
      EXPECT_FALSE(group.unprotect(entry.payload)) << entry.seq.value;
      ++unread;
      continue;
    }
    const auto staged = group.process(entry.payload);
    if (!staged) continue;  // of an epoch that it cannot come to
    is_out = is_out || !staged->next;
    if (staged->next) group = *staged->next;
  }
  EXPECT_TRUE(is_out) << "the commit that removed it gives it nothing to go on with";
  EXPECT_EQ(unread, 2);
}

TEST(Revoked, a_device_opens_no_generation_that_was_handed_to_others) {
  Thief t;
  std::vector<Bytes> handed;
  t.world.to_client = [&](Client&, wire::Frame& frame) {
    if (const auto* hint = std::get_if<wire::MailHint>(&frame.body);
        hint != nullptr && hint->mail.kind == wire::MailKind::generation)
      handed.push_back(to_bytes(hint->mail.payload));
    return true;
  };
  t.revoke_tablet();
  ASSERT_EQ(handed.size(), 1U);
  const auto mail = keys::GenerationMail::decode(handed.front()).value();
  int tried = 0;
  for (const auto& [key, value] : t.kept) {
    if (key.front() != 'k') continue;
    const auto secrets = mls::decoded<mls::KeyPackageSecrets>(value).value();
    const crypto::KemKeyPair pair{secrets.init_private_key, secrets.key_package.init_key};
    for (const DeviceId& to : t.world.server.devices_of(t.knows.record.user)) {
      EXPECT_FALSE(keys::HandedGeneration::open(pair, {.user = t.knows.record.user, .device = to},
                                                t.knows.credential.identity_key, mail.sealed));
    }
    ++tried;
  }
  EXPECT_GT(tried, 10);
}

TEST(Revoked, a_device_that_it_certifies_is_not_written_to_though_the_server_helps) {
  Thief t;
  const auto accomplice = t.knows.device(7);
  t.revoke_tablet();
  auto list = keys::DeviceList::decode(*from_base64url(t.phones_list)).value();
  list.version = 99;
  list.devices.push_back({accomplice.id, accomplice.key.public_key});
  list.sign(t.knows.generation);
  const keys::FollowedList shown{t.knows.credential.generation, list};
  t.bring_in(accomplice, shown);
  t.expect_that_nobody_writes(shown);
}

TEST(Revoked, a_generation_that_it_begins_beside_the_accounts_moves_nobody) {
  Thief t;
  const auto accomplice = t.knows.device(7);
  t.revoke_tablet();
  const auto own = t.beside();
  auto list = keys::DeviceList::decode(*from_base64url(t.phones_list)).value();
  list.version = 99;
  list.devices.push_back({accomplice.id, accomplice.key.public_key});
  list.sign(own);
  const keys::FollowedList shown{t.certificate_of(own), list};
  t.bring_in(accomplice, shown);
  t.expect_that_nobody_writes(shown);
  EXPECT_EQ(Household::generation_of(t.alice), 1U);
  EXPECT_EQ(Household::generation_of(t.phone), 1U);
}

TEST(Revoked, a_generation_that_it_hands_over_is_refused) {
  Thief t;
  t.revoke_tablet();
  const auto before = stored_account(t.phone).generation_secret;
  int sealed_so_far = 0;
  const auto seal = [&](const keys::GenerationCertificate& certificate, const keys::AccountGeneration& generation) {
    int skipped = 0;
    for (const auto& [key, value] : t.phone.rows) {
      if (key.front() != 'k' || skipped++ < sealed_so_far) continue;
      ++sealed_so_far;
      const auto secrets = mls::decoded<mls::KeyPackageSecrets>(value).value();
      const keys::HandedGeneration handed{.certificate = certificate, .secret = to_secret(generation.secret())};
      const auto sealed =
          handed.seal(secrets.key_package.init_key,
                      {.user = t.knows.record.user, .device = stored_account(t.phone).device}, t.knows.entropy);
      return keys::GenerationMail{.key_package = secrets.ref, .sealed = sealed.value()}.encode();
    }
    return Bytes{};
  };
  const ModelServer::Device phone{t.knows.record.user, stored_account(t.phone).device};
  const auto first = t.beside();
  const auto second = t.beside(2);
  const auto chain = t.certificate_of(first).next(second, first).value();
  const std::vector<Bytes> mails{seal(t.certificate_of(first), first), seal(chain, second),
                                 seal(t.knows.credential.generation, t.knows.generation), Bytes{1, 2, 3}};
  for (const Bytes& mail : mails) {
    t.world.server.tell_generation(phone, mail);
    t.world.deliver_sent();
    t.world.run_for(2'000);
    EXPECT_EQ(stored_account(t.phone).generation_secret, before);
  }
  EXPECT_EQ(t.phone.warnings["generation_refused"], 3) << "the one that it had before is none of news";
}

}  // namespace
}  // namespace kith::client::test
