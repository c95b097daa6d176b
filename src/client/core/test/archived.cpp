#include "client/core/test/archived.h"

#include <gtest/gtest.h>

#include "wire/content.h"

namespace kith::client::test {

std::vector<wire::ArchiveContent> contents_of(World& world, const Client& owner) {
  const AccountRecord account = stored_account(owner);
  const auto generation = keys::AccountGeneration::from(account.generation, account.generation_secret).value();
  std::vector<wire::ArchiveContent> contents;
  std::uint64_t seq = 0;
  for (const auto& block : archive_of(world, owner).blocks) {
    ++seq;
    if (block.erased) continue;
    const auto plain = keys::ArchiveBlock::open(account.user, {seq}, generation.archive_key(), block.payload);
    auto content = plain ? wire::decode_archive(*plain) : fail(wire::Errc::malformed);
    if (content) contents.push_back(*std::move(content));
  }
  return contents;
}

std::vector<std::string> texts_in(World& world, const Client& owner) {
  std::vector<std::string> texts;
  for (const auto& content : contents_of(world, owner)) {
    for (const auto& span : content.spans) {
      for (const auto& message : span.messages) {
        const auto text = wire::decode_padded(message.content);
        texts.push_back(text && text->text ? *text->text : "*");
      }
    }
  }
  return texts;
}

void settle(World& world) {
  std::size_t blocks = 0;
  while (true) {
    world.run_for(20'000);
    std::size_t now = 0;
    for (const auto& [user, archive] : world.server.archives) now += archive.blocks.size();
    if (now == blocks) return;
    blocks = now;
  }
}

bool await_history(World& world, Client& client) {
  return world.run_until([&] {
    const auto record = client.rows.find(row_key::archive());
    if (!client.is_running() || !client.is_online() || record == client.rows.end()) return false;
    const auto archive = mls::decoded<ArchiveRecord>(record->second);
    return archive && !archive->is_unmet && archive->below.seq.value == 0 &&
           archive->head.seq.value == archive_of(world, client).blocks.size();
  });
}

Json chat_of(Client& client, const std::string& conversation) {
  const auto answer = client.ask({{"type", "list_chats"}});
  if (!answer) return {};
  for (const Json& chat : (*answer)["chats"]) {
    if (chat["conversation"] == conversation) return chat;
  }
  return {};
}

}  // namespace kith::client::test
