// How the fields of the core's records are written and read, for record.cpp and chat_record.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/core/record.h"

namespace kith::client::record_codec {

// 15: with since when they had been in a group who went from it. Nothing older is read.
constexpr std::uint8_t kVersion = 15;

inline void version(mls::Writer& w) { w.u8(kVersion); }
inline void version(mls::Reader& r) {
  if (r.u8() != kVersion) r.refuse(mls::Errc::unsupported_version, "a record of another version");
}

template <class Tag, std::size_t kSize>
void put(mls::Writer& w, const FixedId<Tag, kSize>& id) {
  w.raw(id.view());
}
template <class Tag, std::size_t kSize>
void get(mls::Reader& r, FixedId<Tag, kSize>& id) {
  if (const auto read = FixedId<Tag, kSize>::from(r.raw(kSize))) id = *read;
}
template <class Tag>
void put(mls::Writer& w, const StrongNumber<Tag>& v) {
  w.u64(v.value);
}
template <class Tag>
void get(mls::Reader& r, StrongNumber<Tag>& v) {
  v.value = r.u64();
}
inline void put(mls::Writer& w, const std::string& v) { w.opaque(as_view(v)); }
inline void get(mls::Reader& r, std::string& v) { v = as_text(r.opaque()); }
inline void put(mls::Writer& w, const Bytes& v) { w.opaque(v); }
inline void get(mls::Reader& r, Bytes& v) { v = to_bytes(r.opaque()); }
inline void put(mls::Writer& w, std::int64_t v) { w.u64(static_cast<std::uint64_t>(v)); }
inline void get(mls::Reader& r, std::int64_t& v) { v = static_cast<std::int64_t>(r.u64()); }
inline void put(mls::Writer& w, std::uint64_t v) { w.u64(v); }
inline void get(mls::Reader& r, std::uint64_t& v) { v = r.u64(); }
inline void put(mls::Writer& w, std::uint32_t v) { w.u32(v); }
inline void get(mls::Reader& r, std::uint32_t& v) { v = r.u32(); }
inline void put(mls::Writer& w, bool v) { w.u8(v ? 1 : 0); }
inline void get(mls::Reader& r, bool& v) { v = r.u8() != 0; }
inline void put(mls::Writer& w, const ListAge& v) {
  w.u32(v.generation);
  w.u64(v.version);
}
inline void get(mls::Reader& r, ListAge& v) {
  v.generation = r.u32();
  v.version = r.u64();
}

inline void put(mls::Writer& w, const keys::GenerationCertificate& v) { w.opaque(v.encode()); }
inline void get(mls::Reader& r, keys::GenerationCertificate& v) {
  auto certificate = keys::GenerationCertificate::decode(r.opaque());
  if (!certificate) return r.refuse(mls::Errc::bad_value, "generation");
  v = *std::move(certificate);
}
inline void put(mls::Writer& w, const keys::ListedDevice& v) {
  put(w, v.device);
  w.opaque(v.leaf_signature_key);
}
inline void get(mls::Reader& r, keys::ListedDevice& v) {
  get(r, v.device);
  v.leaf_signature_key = to_bytes(r.opaque());
}
inline void put(mls::Writer& w, const keys::DeviceList& v) { w.opaque(v.encode()); }
inline void get(mls::Reader& r, keys::DeviceList& v) {
  auto list = keys::DeviceList::decode(r.opaque());
  if (!list) return r.refuse(mls::Errc::bad_value, "device list");
  v = *std::move(list);
}

template <class T>
void put(mls::Writer& w, const std::vector<T>& list);
template <class T>
void get(mls::Reader& r, std::vector<T>& list);
template <class T>
void put(mls::Writer& w, const std::optional<T>& v);
template <class T>
void get(mls::Reader& r, std::optional<T>& v);

inline void put(mls::Writer& w, const InviteLink& v) {
  put(w, v.conversation);
  w.opaque(v.seed);
  put(w, v.name);
}
inline void get(mls::Reader& r, InviteLink& v) {
  get(r, v.conversation);
  v.seed = to_secret(r.opaque());
  get(r, v.name);
  if (v.seed.size() != InviteLink::kSeedBytes) r.refuse(mls::Errc::bad_value, "seed");
}

inline void put(mls::Writer& w, const LossRecord& v) {
  w.u32(v.count);
  put(w, v.from_ms);
  put(w, v.to_ms);
}
inline void get(mls::Reader& r, LossRecord& v) {
  v.count = r.u32();
  get(r, v.from_ms);
  get(r, v.to_ms);
}
inline void put(mls::Writer& w, const wire::Retold& v) {
  put(w, v.at);
  w.u8(v.source);
}
inline void get(mls::Reader& r, wire::Retold& v) {
  get(r, v.at);
  v.source = r.u8();
}
void put(mls::Writer& w, const wire::ReplyTo& v);
void get(mls::Reader& r, wire::ReplyTo& v);
void put(mls::Writer& w, const wire::Mention& v);
void get(mls::Reader& r, wire::Mention& v);
void put(mls::Writer& w, const LineRecord& v);
void get(mls::Reader& r, LineRecord& v);
void put(mls::Writer& w, const ChatArchiveRecord& v);
void get(mls::Reader& r, ChatArchiveRecord& v);

template <class T>
void put(mls::Writer& w, const std::vector<T>& list) {
  w.u32(static_cast<std::uint32_t>(list.size()));
  for (const T& v : list) put(w, v);
}
template <class T>
void get(mls::Reader& r, std::vector<T>& list) {
  const std::uint32_t count = r.u32();
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) get(r, list.emplace_back());
}
template <class T>
void put(mls::Writer& w, const std::optional<T>& v) {
  put(w, v.has_value());
  if (v) put(w, *v);
}
template <class T>
void get(mls::Reader& r, std::optional<T>& v) {
  bool is_there = false;
  get(r, is_there);
  if (is_there) get(r, v.emplace());
}

}  // namespace kith::client::record_codec
