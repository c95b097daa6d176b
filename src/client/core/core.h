// The client as a pure machine: all behaviour of a Kith client, and no I/O. A shell (a process, a web worker, a test)
// owns sockets, disk, clock and screen, feeds what happens and carries out what comes back.
//
// The contract of the shell
//  1. Every call returns an Output. Outputs are carried out strictly in the order in which they were returned, each one
//  as
//     persist -> transmit -> show: the batch atomically and durably first, and only then anything of it leaves or is
//     shown.
//  2. Inputs may be fed while earlier outputs are still being carried out; there is no "persisted" callback.
//  Neighbouring
//     outputs may be merged: all their writes as one atomic batch, then all that they transmit, then all that they
//     show.
//  3. If a batch cannot be persisted, the shell destroys the Core, shows {"type":"stopped","reason":"storage_failed"}
//  and starts
//     again from what is stored. A crash at any moment is the same thing. Nothing else needs to be told to the Core.
//  4. A Load is answered by loaded() with the rows of [from, to) as they are after all batches of outputs up to and
//     including the one that asked (later ones may or may not be in it: the core lays its own later writes over it).
//     Every Load is answered, once.
//  5. Fencing: one writer. start() moves the generation row from Batch::generation to the next number; every batch says
//  which
//     generation the row kGenerationKey must hold for it to be written (0: no such row). The shell compares inside the
//     transaction; if it differs, another process or tab took over: destroy the Core and show
//     {"type":"stopped","reason":"taken_over"}.
//  6. Sockets are named by numbers that the core chooses, never reused in its life. OpenSocket is answered by
//  socket_opened() or
//     socket_closed(); after CloseSocket nothing needs to be told any more (what is told is ignored). A HttpRequest is
//     answered by http_response() once; status 0 says that there was no answer. Losing answers in a crash is fine.
//  7. tick() is called at Output::wake_at or soon after; the newest Output's wake_at replaces all earlier ones
//  (nullopt: no need).
//
// Invariants: the same inputs and entropy give the same outputs. Everything that a transmitted message depends on
// (ratchets, the message's own bytes, tokens, keys) is in that or an earlier batch. Memory is bounded by the user's own
// chats, never by what a server sends. No exceptions, threads, clocks, globals or hidden entropy.
//
// The attacker is the server and the network: any bytes may come in. They can delay and withhold; they cannot crash the
// core, make it forget, or make it show an entry that its sender did not make at that place (see docs/security.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/entropy.h"
#include "base/scheduler.h"

namespace kith::client {

// A row of the shell's store: a plain map of byte keys (at most 64 bytes) to byte values, ordered by key bytes.
// Values hold keys, so they are wiped wherever they are.
struct Row {
  Bytes key;
  SecretBytes value;
};

// nullopt deletes; deleting what is not there is fine.
struct Write {
  Bytes key;
  std::optional<SecretBytes> value;
};

// The rows that start() needs: all keys k with kBootFrom <= k < kBootTo (account, tokens, chats, contacts; no
// messages).
inline constexpr std::string_view kBootFrom = "b";
inline constexpr std::string_view kBootTo = "c";
// The row that fences: a big-endian uint64. It lies inside the boot range.
inline constexpr std::string_view kGenerationKey = "b!generation";

struct Batch {
  std::uint64_t generation = 0;  // what the generation row must hold before this batch; 0: it is absent
  std::vector<Write> writes;     // each key at most once
  [[nodiscard]] bool empty() const { return writes.empty(); }
};

// ---- what may be transmitted ----

// A WebSocket to <server>/v1/socket, subprotocol kith.v1. The bearer token travels inside (Hello), not in the URL.
struct OpenSocket {
  std::uint32_t socket = 0;
};
// One binary message.
struct SendFrame {
  std::uint32_t socket = 0;
  Bytes frame;
};
struct CloseSocket {
  std::uint32_t socket = 0;
  std::uint16_t code = 1000;
};
// A JSON request: content-type application/json where there is a body, "Authorization: Bearer <bearer>" where there is
// one. A shell gives up after about 30 seconds (status 0) and reads at most 1 MiB of an answer.
struct HttpRequest {
  std::uint32_t id = 0;
  std::string method;  // GET, POST, PUT
  std::string path;    // "/v1/..."
  std::string bearer;  // empty: none
  std::string body;    // JSON, or empty
};
using Transmit = std::variant<OpenSocket, SendFrame, CloseSocket, HttpRequest>;

// Asks for the rows with from <= key < to: the first `limit` of them, or with `reverse` the last, from the end.
struct Load {
  std::uint32_t id = 0;
  Bytes from;
  Bytes to;
  std::uint32_t limit = 0;
  bool reverse = false;
};

struct Output {
  Batch persist;
  std::vector<Transmit> transmit;
  std::vector<std::string> show;  // events of schema/core.d.ts, one JSON object each
  std::vector<Load> load;
  std::optional<UnixMillis> wake_at;
};

class Core {
 public:
  // The entropy outlives the core.
  explicit Core(Entropy& entropy);
  ~Core();
  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;

  // First, once. `boot` holds the rows of the boot range, in key order. Shows `account`, `connection`, each `chat` and
  // `contact`, and connects if there is an account.
  Output start(UnixMillis now, const std::vector<Row>& boot);

  // One command of schema/core.d.ts as JSON text. Anything that is not one is answered by `failed` (id 0 where there is
  // none).
  Output command(UnixMillis now, std::string_view json);

  Output socket_opened(UnixMillis now, std::uint32_t socket);
  Output socket_frame(UnixMillis now, std::uint32_t socket, ByteView frame);
  Output socket_closed(UnixMillis now, std::uint32_t socket);
  // status 0: no answer came (no network, timeout, an answer too large).
  Output http_response(UnixMillis now, std::uint32_t request, int status, std::string_view body);
  Output loaded(UnixMillis now, std::uint32_t load, std::vector<Row> rows);
  Output tick(UnixMillis now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kith::client
