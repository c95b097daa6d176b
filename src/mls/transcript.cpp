#include "mls/transcript.h"

namespace kith::mls {

Bytes confirmed_transcript_hash(const crypto::Suite& suite, ByteView interim_before,
                                const AuthenticatedContent& commit) {
  // ConfirmedTranscriptHashInput
  Writer w;
  w.raw(interim_before);
  w.u16(static_cast<std::uint16_t>(commit.wire_format));
  encode(w, commit.content);
  w.opaque(commit.auth.signature);
  return suite.hash(w.view());
}

Bytes interim_transcript_hash(const crypto::Suite& suite, ByteView confirmed, ByteView confirmation_tag) {
  // InterimTranscriptHashInput
  Writer w;
  w.raw(confirmed);
  w.opaque(confirmation_tag);
  return suite.hash(w.view());
}

}  // namespace kith::mls
