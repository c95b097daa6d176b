// Transcript hashes (RFC 9420 section 8.2): how an epoch binds all commits before it.
#pragma once

#include "mls/framing.h"

namespace kith::mls {

[[nodiscard]] Bytes confirmed_transcript_hash(const crypto::Suite& suite, ByteView interim_before,
                                              const AuthenticatedContent& commit);
[[nodiscard]] Bytes interim_transcript_hash(const crypto::Suite& suite, ByteView confirmed, ByteView confirmation_tag);

}  // namespace kith::mls
