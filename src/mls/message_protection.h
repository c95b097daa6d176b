// Tags and encryption of messages (RFC 9420 sections 6.2 and 6.3).
#pragma once

#include "mls/framing.h"
#include "mls/secret_tree.h"

namespace kith::mls {

// Section 6.2. The membership tag is there for members only.
[[nodiscard]] PublicMessage protect_public(const crypto::Suite& suite, const AuthenticatedContent& content,
                                           const GroupContext& context, ByteView membership_key);
// Checks the tag where the sender is a member; the signature is still to be verified. Refuses application data.
[[nodiscard]] Result<AuthenticatedContent> unprotect_public(const crypto::Suite& suite, const PublicMessage& message,
                                                            const GroupContext& context, ByteView membership_key);

// Section 6.3. `padding_bytes` zeros follow the content.
[[nodiscard]] PrivateMessage protect_private(const crypto::Suite& suite, const AuthenticatedContent& content,
                                             SecretTree& tree, ByteView sender_data_secret, std::size_t padding_bytes,
                                             Entropy& entropy);

// A message that was opened with the right keys; its signature is still to be verified, and only then is its key
// consumed.
struct OpenedMessage {
  AuthenticatedContent content;
  RatchetKind kind;
  std::uint32_t generation;
};
// `own`: our own leaf, whose messages can't be opened again (own_message).
[[nodiscard]] Result<OpenedMessage> open_private(const crypto::Suite& suite, const PrivateMessage& message,
                                                 const SecretTree& tree, ByteView sender_data_secret,
                                                 std::optional<LeafIndex> own = {});

// Section 6.3.2, for the vectors: key and nonce of the sender data from a sample of the ciphertext.
struct SenderDataKey {
  SecretBytes key;
  SecretBytes nonce;
};
[[nodiscard]] SenderDataKey sender_data_key(const crypto::Suite& suite, ByteView sender_data_secret,
                                            ByteView ciphertext);

}  // namespace kith::mls
