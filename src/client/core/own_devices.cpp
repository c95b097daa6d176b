#include "client/core/own_devices.h"

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::uint32_t kForgottenAtOnce = 1000;  // rows
}  // namespace

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
    const bool is_signed = machine_.account.credential().generation.is_signed_by_identity();
    reply.done({{"devices", std::move(shown)}, {"keys_by_recovery_key", is_signed}});
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

void OwnDevices::forget(const Reply& reply) {
  if (machine_.account.stage() != Stage::removed)
    return reply.failed("wrong_stage", "This device belongs to an account.");
  forget_some(reply);
}

// All rows but the fence, which begin with letters.
void OwnDevices::forget_some(const Reply& reply) {
  const auto erase = [this, reply](const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      if (row.key != row_key::generation()) machine_.erase(row.key);
    }
    if (rows.size() >= kForgottenAtOnce) return forget_some(reply);
    reply.done({});
    machine_.stop("forgotten", "What this device kept of the account is deleted.");
  };
  machine_.load(to_bytes("a"), to_bytes("{"), kForgottenAtOnce, false, erase);
}

}  // namespace kith::client
