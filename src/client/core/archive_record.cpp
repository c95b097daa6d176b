#include "client/core/archive_record.h"

#include <algorithm>

#include "client/core/record_codec.h"

namespace kith::client {

using namespace record_codec;

// The templates of record_codec find these by their arguments, so they are in the records' own namespace.
static void put(mls::Writer& w, const ArchivePlace& v) {
  put(w, v.seq);
  w.raw(v.chain);
}
static void get(mls::Reader& r, ArchivePlace& v) {
  get(r, v.seq);
  const ByteView chain = r.raw(v.chain.size());
  if (chain.size() == v.chain.size()) std::ranges::copy(chain, v.chain.begin());
}
static void put(mls::Writer& w, const HeldRange& v) {
  put(w, v.history);
  put(w, v.from);
  put(w, v.to);
  w.u64(v.base);
  put(w, v.is_shared);
}
static void get(mls::Reader& r, HeldRange& v) {
  get(r, v.history);
  get(r, v.from);
  get(r, v.to);
  v.base = r.u64();
  get(r, v.is_shared);
}
static void put(mls::Writer& w, const ArchivedRange& v) {
  put(w, v.history);
  put(w, v.from);
  put(w, v.to);
}
static void get(mls::Reader& r, ArchivedRange& v) {
  get(r, v.history);
  get(r, v.from);
  get(r, v.to);
}

void encode(mls::Writer& w, const ArchiveRecord& v) {
  version(w);
  put(w, v.history);
  put(w, v.is_unmet);
  put(w, v.head);
  put(w, v.below);
  put(w, v.total);
  put(w, v.promised);
  put(w, v.generation);
  put(w, v.below_generation);
  put(w, v.former);
  put(w, v.settings.at_ms);
  put(w, v.settings.is_on);
  put(w, v.settings_archived_ms);
  put(w, v.erase_to);
  put(w, v.erased);
  put(w, v.news_since_ms);
}
void decode(mls::Reader& r, ArchiveRecord& v) {
  version(r);
  get(r, v.history);
  get(r, v.is_unmet);
  get(r, v.head);
  get(r, v.below);
  get(r, v.total);
  get(r, v.promised);
  get(r, v.generation);
  get(r, v.below_generation);
  get(r, v.former);
  get(r, v.settings.at_ms);
  get(r, v.settings.is_on);
  get(r, v.settings_archived_ms);
  get(r, v.erase_to);
  get(r, v.erased);
  get(r, v.news_since_ms);
}

namespace record_codec {
void put(mls::Writer& w, const ChatArchiveRecord& v) {
  put(w, v.held);
  put(w, v.archived);
  w.u8(static_cast<std::uint8_t>(v.shadow));
  put(w, v.is_pinned);
  put(w, v.is_put_away);
  put(w, v.settings_ms);
  put(w, v.settings_archived_ms);
}
void get(mls::Reader& r, ChatArchiveRecord& v) {
  get(r, v.held);
  get(r, v.archived);
  v.shadow = static_cast<Shadow>(r.u8());
  if (v.shadow > Shadow::shown) r.refuse(mls::Errc::bad_value, "shadow");
  get(r, v.is_pinned);
  get(r, v.is_put_away);
  get(r, v.settings_ms);
  get(r, v.settings_archived_ms);
}
}  // namespace record_codec

}  // namespace kith::client
