#include "client/core/own_devices.h"

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxNameBytes = 128;
}

void OwnDevices::list(const Reply& reply) {
  if (machine_.account.stage() != Stage::ready) return reply.failed("wrong_stage", "There is no account yet.");
  machine_.session.call("GET", "/v1/devices", {}, [this, reply](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    const Json* devices = array_field(answer.body, "devices");
    if (devices == nullptr) return reply.failed("internal", "The server's answer cannot be read.");
    Json shown = Json::array();
    for (const Json& device : *devices) {
      const auto id = id_field<DeviceId>(device, "device");
      if (!id) continue;
      shown.push_back({{"device", id->text()},
                       {"name", text_field(device, "name").value_or("")},
                       {"added_at", number_field(device, "added_at_ms").value_or(0)},
                       {"last_seen", number_field(device, "last_seen_ms").value_or(0)},
                       {"is_this", *id == machine_.account.device()}});
    }
    reply.done({{"devices", std::move(shown)}});
  });
}

void OwnDevices::rename(const Reply& reply, const Json& command) {
  if (machine_.account.stage() != Stage::ready) return reply.failed("wrong_stage", "There is no account yet.");
  const auto device = id_field<DeviceId>(command, "device");
  const std::string name = text_field(command, "name").value_or("");
  if (!device || name.empty() || name.size() > kMaxNameBytes)
    return reply.failed("invalid_argument", "A device and a name of 1 to 128 bytes are needed.");
  machine_.session.call("PUT", "/v1/devices/" + device->text(), {{"name", name}},
                        [reply](const HttpAnswer& answer) { answer.ok() ? reply.done({}) : reply.failed(answer); });
}

}  // namespace kith::client
