#include "client/core/invite_link.h"

#include <algorithm>

#include "wire/content.h"

namespace kith::client {
namespace {
constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kFragment = "#join=";
constexpr std::size_t kHeadBytes = 1 + ConversationId::kSize + InviteLink::kSeedBytes;
}  // namespace

std::string InviteLink::code() const {
  SecretBytes bytes{kVersion};
  for (const ByteView part : {conversation.view(), ByteView(seed), as_view(name)})
    bytes.insert(bytes.end(), part.begin(), part.end());
  return to_base64url(bytes);
}

std::optional<InviteLink> InviteLink::parse(std::string_view text) {
  if (const auto at = text.find(kFragment); at != std::string_view::npos) text.remove_prefix(at + kFragment.size());
  auto decoded = from_base64url(text);
  if (!decoded) return std::nullopt;
  const SecretBytes bytes = to_secret(*decoded);
  wipe(decoded->data(), decoded->size());
  if (bytes.size() < kHeadBytes || bytes.size() > kHeadBytes + kMaxNameBytes || bytes[0] != kVersion)
    return std::nullopt;
  const ByteView all(bytes);
  InviteLink link{.conversation = *ConversationId::from(all.subspan(1, ConversationId::kSize)),
                  .seed = to_secret(all.subspan(1 + ConversationId::kSize, kSeedBytes)),
                  .name = std::string(as_text(all.subspan(kHeadBytes)))};
  return wire::is_utf8(link.name) ? std::optional(std::move(link)) : std::nullopt;
}

crypto::SignatureKeyPair InviteLink::key() const { return *crypto::Suite::product().signature_key_from(seed); }

}  // namespace kith::client
