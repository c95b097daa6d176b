#include "client/core/own_devices.h"

#include <algorithm>
#include <utility>

#include "client/core/claimed_packages.h"
#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::uint32_t kForgottenAtOnce = 1000;  // rows
}  // namespace

// What the server calls them comes first and the list after it: the newer word is the one that counts.
void OwnDevices::list(const Reply& reply) {
  if (machine_.account.stage() != Stage::ready) return reply.failed("wrong_stage", "There is no account yet.");
  machine_.session.call("GET", "/v1/devices", {}, [this, reply](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    const Json* named = array_field(answer.body, "devices");
    if (named == nullptr) return reply.failed("internal", "The server's answer cannot be read.");
    list_with(reply, *named);
  });
}

// An answer that another one has overtaken is an old one: that is no lie before it comes twice.
void OwnDevices::list_with(const Reply& reply, const Json& named, bool is_again) {
  const std::string path = "/v1/users/" + machine_.account.user().text() + "/devices";
  machine_.session.call("GET", path, {}, [this, reply, named, is_again](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    const auto followed = own_list(machine_, answer.body);
    if (!followed && !is_again) return list_with(reply, named, true);
    if (followed) {
      has_warned_ = false;
      return show(reply, named, followed->list);
    }
    if (!std::exchange(has_warned_, true))
      machine_.warn("device_list_refused",
                    "The server's list of your own devices does not hold: " + followed.error() + ".");
    reply.failed("forged_certificate", "The server's list of your own devices does not hold.");
  });
}

void OwnDevices::show(const Reply& reply, const Json& named, const keys::DeviceList& list) const {
  Json shown = Json::array();
  for (const keys::ListedDevice& listed : list.devices) {
    const DeviceId& id = listed.device;
    const auto at =
        std::ranges::find_if(named, [&](const Json& one) { return id_field<DeviceId>(one, "device") == id; });
    const Json device = at == named.end() ? Json::object() : *at;
    shown.push_back({{"device", id.text()},
                     {"name", text_field(device, "name").value_or("")},
                     {"added_at", number_field(device, "added_at_ms").value_or(0)},
                     {"last_seen", number_field(device, "last_seen_ms").value_or(0)},
                     {"is_this", id == machine_.account.device()}});
  }
  const bool is_signed = machine_.account.credential().generation.is_signed_by_identity();
  reply.done({{"devices", std::move(shown)}, {"keys_by_recovery_key", is_signed}});
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

// All rows but the fence, which begin with letters. As long as there are others the account's row stays: without it the
// next life would take this for a new device, and nobody could ask for the rest to go.
void OwnDevices::forget_some(const Reply& reply) {
  const auto erase = [this, reply](const std::vector<Row>& rows) {
    const bool is_last = rows.size() < kForgottenAtOnce;
    for (const Row& row : rows) {
      const bool stays = row.key == row_key::generation() || (row.key == row_key::account() && !is_last);
      if (!stays) machine_.erase(row.key);
    }
    if (!is_last) return forget_some(reply);
    reply.done({});
    machine_.stop("forgotten", "What this device kept of the account is deleted.");
  };
  machine_.load(to_bytes("a"), to_bytes("{"), kForgottenAtOnce, false, erase);
}

}  // namespace kith::client
