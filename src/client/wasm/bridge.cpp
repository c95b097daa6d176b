// The exports of kith.wasm: one call for each input of the core (src/client/core/core.h), no behaviour. bridge.js is
// the other side.
//
// Every input call answers the address of its Output in the layout below, valid until the next call on the same core.
// Arguments that are byte strings lie in memory of kith_alloc, which the caller frees. Numbers are little-endian;
// `bytes` is a uint32 length and that many bytes; times are doubles, in milliseconds. The caller is this page's own
// worker: what it passes is trusted to have the right shape.
//
//   rows    uint32 count, then key bytes, value bytes each
//   output  uint32 size of all that follows
//           uint64 generation, uint32 count of writes: key bytes, uint8 present, value bytes where present
//           uint32 count of transmits: uint8 kind (0 open, 1 frame, 2 close, 3 http), uint32 socket or request,
//             then 1: frame bytes; 2: uint32 code; 3: method, path, bearer, body bytes
//           uint32 count of events: bytes each
//           uint32 count of loads: uint32 id, from bytes, to bytes, uint32 limit, uint8 reverse
//           uint8 present, double wake_at where present
#include <cstdlib>
#include <memory>

#include "client/core/core.h"
#include "crypto/crypto.h"

namespace {

using kith::Bytes;
using kith::ByteView;
using kith::UnixMillis;

class OutputWriter {
 public:
  explicit OutputWriter(kith::SecretBytes& out) : out_(out) {
    out_.clear();
    u32(0);
  }
  ~OutputWriter() {
    const auto size = static_cast<std::uint32_t>(out_.size() - sizeof(std::uint32_t));
    std::memcpy(out_.data(), &size, sizeof(size));
  }
  OutputWriter(const OutputWriter&) = delete;
  OutputWriter& operator=(const OutputWriter&) = delete;

  void u8(std::uint8_t v) { out_.push_back(v); }
  void u32(std::uint32_t v) { raw(&v, sizeof(v)); }
  void u64(std::uint64_t v) { raw(&v, sizeof(v)); }
  void f64(double v) { raw(&v, sizeof(v)); }
  void bytes(ByteView v) {
    u32(static_cast<std::uint32_t>(v.size()));
    raw(v.data(), v.size());
  }
  void text(const std::string& v) { bytes(kith::as_view(v)); }

 private:
  void raw(const void* data, std::size_t size) {
    const auto* p = static_cast<const std::uint8_t*>(data);
    out_.insert(out_.end(), p, p + size);
  }
  kith::SecretBytes& out_;
};

void write(OutputWriter& w, const kith::client::Transmit& what) {
  w.u8(static_cast<std::uint8_t>(what.index()));
  if (const auto* open = std::get_if<kith::client::OpenSocket>(&what)) {
    w.u32(open->socket);
  } else if (const auto* send = std::get_if<kith::client::SendFrame>(&what)) {
    w.u32(send->socket);
    w.bytes(send->frame);
  } else if (const auto* close = std::get_if<kith::client::CloseSocket>(&what)) {
    w.u32(close->socket);
    w.u32(close->code);
  } else if (const auto* http = std::get_if<kith::client::HttpRequest>(&what)) {
    w.u32(http->id);
    for (const auto* part : {&http->method, &http->path, &http->bearer, &http->body}) w.text(*part);
  }
}

void write(OutputWriter& w, const kith::client::Output& output) {
  w.u64(output.persist.generation);
  w.u32(static_cast<std::uint32_t>(output.persist.writes.size()));
  for (const auto& [key, value] : output.persist.writes) {
    w.bytes(key);
    w.u8(value ? 1 : 0);
    if (value) w.bytes(*value);
  }
  w.u32(static_cast<std::uint32_t>(output.transmit.size()));
  for (const auto& what : output.transmit) write(w, what);
  w.u32(static_cast<std::uint32_t>(output.show.size()));
  for (const auto& event : output.show) w.text(event);
  w.u32(static_cast<std::uint32_t>(output.load.size()));
  for (const auto& load : output.load) {
    w.u32(load.id);
    w.bytes(load.from);
    w.bytes(load.to);
    w.u32(load.limit);
    w.u8(load.reverse ? 1 : 0);
  }
  w.u8(output.wake_at ? 1 : 0);
  if (output.wake_at) w.f64(static_cast<double>(output.wake_at->value));
}

std::vector<kith::client::Row> read_rows(const std::uint8_t* at) {
  const auto number = [&at] {
    std::uint32_t v = 0;
    std::memcpy(&v, at, sizeof(v));
    at += sizeof(v);
    return v;
  };
  const auto bytes = [&at, &number] {
    const std::uint32_t size = number();
    const ByteView v(at, size);
    at += size;
    return v;
  };
  std::vector<kith::client::Row> rows(number());
  for (auto& row : rows) {
    row.key = kith::to_bytes(bytes());
    row.value = kith::to_secret(bytes());
  }
  return rows;
}

struct Instance {
  kith::crypto::SystemEntropy entropy;
  kith::client::Core core{entropy};
  kith::SecretBytes output;

  const std::uint8_t* give(const kith::client::Output& from) {
    write(from);
    return output.data();
  }
  void write(const kith::client::Output& from) {
    OutputWriter w(output);
    ::write(w, from);
  }
};

UnixMillis time(double ms) { return {static_cast<std::int64_t>(ms)}; }
std::string_view text(const char* data, std::uint32_t size) { return {data, size}; }

}  // namespace

#define KITH_EXPORT(name) extern "C" __attribute__((export_name(#name))) auto name

KITH_EXPORT(kith_alloc)(std::uint32_t size)->void* { return std::malloc(size == 0 ? 1 : size); }
KITH_EXPORT(kith_free)(void* address)->void { std::free(address); }
KITH_EXPORT(kith_create)()->Instance* { return new Instance; }
KITH_EXPORT(kith_destroy)(Instance* instance)->void { delete instance; }

KITH_EXPORT(kith_start)(Instance* instance, double now, const std::uint8_t* rows)->const std::uint8_t* {
  return instance->give(instance->core.start(time(now), read_rows(rows)));
}
KITH_EXPORT(kith_command)(Instance* instance, double now, const char* json, std::uint32_t size)->const std::uint8_t* {
  return instance->give(instance->core.command(time(now), text(json, size)));
}
KITH_EXPORT(kith_socket_opened)(Instance* instance, double now, std::uint32_t socket)->const std::uint8_t* {
  return instance->give(instance->core.socket_opened(time(now), socket));
}
KITH_EXPORT(kith_socket_frame)
(Instance* instance, double now, std::uint32_t socket, const std::uint8_t* frame, std::uint32_t size)
    ->const std::uint8_t* {
  return instance->give(instance->core.socket_frame(time(now), socket, {frame, size}));
}
KITH_EXPORT(kith_socket_closed)(Instance* instance, double now, std::uint32_t socket)->const std::uint8_t* {
  return instance->give(instance->core.socket_closed(time(now), socket));
}
KITH_EXPORT(kith_http_response)
(Instance* instance, double now, std::uint32_t request, std::int32_t status, const char* body, std::uint32_t size)
    ->const std::uint8_t* {
  return instance->give(instance->core.http_response(time(now), request, status, text(body, size)));
}
KITH_EXPORT(kith_loaded)(Instance* instance, double now, std::uint32_t load, const std::uint8_t* rows)
    ->const std::uint8_t* {
  return instance->give(instance->core.loaded(time(now), load, read_rows(rows)));
}
KITH_EXPORT(kith_tick)(Instance* instance, double now)->const std::uint8_t* {
  return instance->give(instance->core.tick(time(now)));
}
