#include "client/core/core.h"

#include "client/core/machine.h"

namespace kith::client {

struct Core::State {
  explicit State(Entropy& entropy) : machine(entropy) {}

  template <class Turn>
  Output turn(UnixMillis now, Turn run) {
    machine.begin(now);
    if (!machine.stopped()) run();
    if (!machine.stopped()) {
      machine.connection.tick();
      machine.sync.tick();
      machine.chats.tick();
      machine.new_device.tick();
      machine.recovery.tick();
      machine.generations.tick();
    }
    return machine.finish();
  }

  Machine machine;
};

Core::Core(Entropy& entropy) : state_(std::make_unique<State>(entropy)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

Output Core::start(UnixMillis now, const std::vector<Row>& boot) {
  return state_->turn(now, [&] { state_->machine.start(boot); });
}

Output Core::command(UnixMillis now, std::string_view json) {
  state_->machine.begin(now);
  state_->machine.commands.run(json);
  return state_->turn(now, [] {});
}

Output Core::socket_opened(UnixMillis now, std::uint32_t socket) {
  return state_->turn(now, [&] { state_->machine.connection.opened(socket); });
}

Output Core::socket_frame(UnixMillis now, std::uint32_t socket, ByteView frame) {
  return state_->turn(now, [&] { state_->machine.connection.received(socket, frame); });
}

Output Core::socket_closed(UnixMillis now, std::uint32_t socket) {
  return state_->turn(now, [&] { state_->machine.connection.closed(socket); });
}

Output Core::http_response(UnixMillis now, std::uint32_t request, int status, std::string_view body) {
  return state_->turn(now, [&] { state_->machine.http.answered(request, status, body); });
}

Output Core::loaded(UnixMillis now, std::uint32_t load, std::vector<Row> rows) {
  return state_->turn(now, [&] { state_->machine.loads.answer(load, std::move(rows)); });
}

Output Core::tick(UnixMillis now) {
  return state_->turn(now, [] {});
}

}  // namespace kith::client
