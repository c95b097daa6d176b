#include "client/core/linking.h"

#include "client/core/claimed_packages.h"
#include "client/core/machine.h"
#include "keys/device.h"

namespace kith::client {

namespace {

std::string path_of(const keys::LinkCode& code) { return "/v1/links/" + to_hex(code.name()); }

void failed(const Reply& reply, const Failure<keys::Errc>& why) {
  const bool is_typo = why.code == keys::Errc::link_code_length || why.code == keys::Errc::link_code_character;
  const char* name = is_typo                                ? "wrong_link_code"
                     : why.code == keys::Errc::link_foreign ? "link_foreign"
                     : why.code == keys::Errc::link_expired ? "link_expired"
                                                            : "link_forged";
  std::string sentence = why.detail + ".";
  sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
  reply.failed(name, sentence);
}

}  // namespace

void Linking::take_up(const Reply& reply, const Json& command, const Then& then) {
  if (machine_.account.stage() != Stage::ready) return reply.failed("wrong_stage", "There is no account yet.");
  if (machine_.account.awaits_keys()) return await_keys(reply);
  const auto code = keys::LinkCode::parse(text_field(command, "code").value_or(""));
  if (!code) return failed(reply, code.error());
  if (taken_ && taken_->code == *code) return then();
  // The new device is let in under the account's present keys only, which an old copy of this one may not have.
  machine_.session.call("GET", "/v1/users/" + machine_.account.user().text() + "/devices", {},
                        [this, reply, then, code = *code](const HttpAnswer& answer) {
                          if (!answer.ok()) return reply.failed(answer);
                          const bool is_known = own_list(machine_, answer.body).has_value();
                          if (is_known && machine_.account.awaits_keys()) return await_keys(reply);
                          claim(reply, code, then);
                        });
}

void Linking::await_keys(const Reply& reply) {
  reply.failed("keys_awaited", "This device waits for the account's new keys from another one.");
}

void Linking::claim(const Reply& reply, const keys::LinkCode& code, const Then& then) {
  machine_.session.call(
      "POST", path_of(code) + "/claim", Json::object(), [this, reply, then, code](const HttpAnswer& answer) {
        if (answer.error() == "not_found") return reply.failed("not_found", "No device shows this code now.");
        if (!answer.ok()) return reply.failed(answer);
        const auto sealed = bytes_field(answer.body, "offer");
        const auto offer = keys::LinkOffer::open(code, sealed.value_or(Bytes{}));
        if (!offer) return failed(reply, offer.error());
        const auto checked = offer->check(code, machine_.account.record().address, machine_.now().value);
        if (!checked) return failed(reply, checked.error());
        taken_ = TakenUp{code, *offer};
        then();
      });
}

void Linking::look(const Reply& reply, const Json& command) {
  take_up(reply, command, [this, reply] {
    reply.done({{"device_name", taken_->offer.device_name},
                {"confirmation", taken_->code.confirmation()},
                {"expires_at", taken_->offer.expires_at_ms}});
  });
}

void Linking::link(const Reply& reply, const Json& command) {
  take_up(reply, command, [this, reply] {
    const auto still = taken_->offer.check(taken_->code, machine_.account.record().address, machine_.now().value);
    if (!still) return failed(reply, still.error());
    const auto sealed = sealed_account(*taken_);
    if (!sealed) return failed(reply, sealed.error());
    machine_.session.call("POST", path_of(taken_->code) + "/finish", {{"sealed", to_base64url(*sealed)}},
                          [this, reply, code = taken_->code](const HttpAnswer& answer) {
                            if (!answer.ok()) return reply.failed(answer);
                            if (taken_ && taken_->code == code) taken_.reset();
                            // The new device is to find all of the history there.
                            machine_.archive.writer.hurry();
                            reply.done({});
                          });
  });
}

keys::Result<Bytes> Linking::sealed_account(const TakenUp& taken) const {
  const AccountRecord& own = machine_.account.record();
  KITH_TRY(const auto credential, keys::DeviceCredential::decode(own.credential));
  const keys::LinkedAccount account{
      .user = own.user,
      .identity_key = credential.identity_key,
      .recovery_box = keys::to_array<32>(own.recovery_box),
      .certificate = credential.generation,
      .generation_secret = own.generation_secret,
      .address = own.address,
      .name = own.name,
      .by = own.device,
      .list_version = own.device_list.generation == own.generation ? own.device_list.version : 0,
      .people = machine_.contacts.known(keys::LinkedAccount::kMaxPeople),
      .groups = machine_.chats.known_groups(keys::LinkedAccount::kMaxGroups),
      .history = machine_.archive.record().history.value_or(machine_.sync.history()),
      .archive_seq = machine_.archive.record().head.seq,
      .archive_chain = machine_.archive.record().head.chain};
  return account.seal(taken.code, taken.offer, machine_.entropy);
}

}  // namespace kith::client
