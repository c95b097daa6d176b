// The credential of a Kith leaf: each of its fields, signed again as far as Ann can who means it no good.
#include "tests/support/forger/parts.h"

namespace kith::test {

using keys::DeviceCredential;

namespace {

// Ann under another name, or with other keys.
Owner as(const Owner& owner, Hand<Owner> change) {
  Owner other = owner;
  change(other);
  return other;
}

Bytes changed(const Owner& owner, const Device& device, Hand<DeviceCredential> change) {
  DeviceCredential credential = owner.credential(device.id, device.key.public_key);
  change(credential);
  return credential.encode();
}

// Generations that stand on one another as they should not.
void wrong_chains(Scene& scene, const Device& device, std::vector<WrongCredential>& out) {
  const Owner& ann = scene.ann;
  const auto next = keys::AccountGeneration::generate(1, scene.entropy);
  const auto chain = [&](const std::string& name, const Hand<keys::GenerationCertificate>& change,
                         const std::string& why) {
    auto certificate = ann.certificate().next(next, ann.generation).value();
    change(certificate);
    const auto credential = DeviceCredential::make(ann.user, device.id, ann.identity.public_key, certificate, next,
                                                   crypto::Suite::product().id(), device.key.public_key);
    out.push_back({"credential.generation.earlier " + name, credential.encode(), why});
  };
  const std::string by_identity = "a generation certificate that the identity key did not sign";
  const std::string by_one_before = "a generation certificate that the one before did not sign";
  const std::string too_many = "a generation certificate that stands on too many";
  chain("is missing", [](auto& c) { c.earlier.clear(); }, by_identity);
  chain("has another key", [](auto& c) { c.earlier[0].device_signing_key[0] ^= 1; }, by_one_before);
  chain("has a changed signature", [](auto& c) { c.earlier[0].signature[0] ^= 1; }, by_identity);
  chain(
      "is another user's",
      [&](auto& c) { c.earlier[0] = {scene.bob.certificate().device_signing_key, scene.bob.certificate().signature}; },
      by_one_before);
  chain("is there twice", [](auto& c) { c.earlier.push_back(c.earlier[0]); }, too_many);
  chain(
      "is of more than there may be",
      [](auto& c) {
        c.generation = 99;
        c.earlier.resize(keys::GenerationCertificate::kMaxEarlier + 1, c.earlier[0]);
      },
      too_many);
  chain("did not sign it", [](auto& c) { c.signature[0] ^= 1; }, by_one_before);
  chain(
      "signed it as the identity key does",
      [&](auto& c) {
        c.signature = keys::GenerationCertificate::sign(ann.user, next, ann.generation.device_signing_key()).signature;
      },
      by_one_before);
}

// A chain that holds, of a generation that the account never began.
Bytes beside_the_accounts(Scene& scene, const Device& device) {
  const Owner& ann = scene.ann;
  const auto next = keys::AccountGeneration::generate(1, scene.entropy);
  return DeviceCredential::make(ann.user, device.id, ann.identity.public_key,
                                ann.certificate().next(next, ann.generation).value(), next,
                                crypto::Suite::product().id(), device.key.public_key)
      .encode();
}

}  // namespace

std::vector<WrongCredential> wrong_credentials(Scene& scene, const Device& device) {
  const Owner& ann = scene.ann;
  const Bytes honest = device.credential;
  std::vector<WrongCredential> out;
  const auto bytes = [&](const std::string& name, Hand<Bytes> change, const std::string& why) {
    Bytes b = honest;
    change(b);
    out.push_back({"credential " + name, std::move(b), why});
  };
  bytes("is empty", [](Bytes& b) { b.clear(); }, "a device credential: the input ends inside a structure");
  bytes("is a byte short", [](Bytes& b) { b.pop_back(); }, "a device credential: the input ends inside a structure");
  bytes("is a byte long", [](Bytes& b) { b.push_back(0); }, "a device credential: the input ends inside a structure");
  bytes("has another version", [](Bytes& b) { b[0] = 2; }, "a device credential of an unknown version");

  const auto field = [&](const std::string& name, Hand<DeviceCredential> change, const std::string& why) {
    out.push_back({"credential." + name, changed(ann, device, std::move(change)), why});
  };
  const std::string foreign = "a device with another user's generation";
  const std::string generation = "a generation certificate that the identity key did not sign";
  const std::string certificate = "a device certificate that its generation did not sign";
  field("user is another", [&](DeviceCredential& c) { c.user = scene.bob.user; }, foreign);
  field("device is another", [&](DeviceCredential& c) { c.device = scene.anns[1].id; }, certificate);
  field("identity_key is changed", [](DeviceCredential& c) { c.identity_key[0] ^= 1; }, generation);
  field(
      "identity_key is another's",
      [&](DeviceCredential& c) { std::ranges::copy(scene.bob.identity.public_key, c.identity_key.begin()); },
      generation);
  field("generation.user is another", [&](DeviceCredential& c) { c.generation.user = scene.bob.user; }, foreign);
  field("generation.generation is the next one", [](DeviceCredential& c) { ++c.generation.generation; }, generation);
  field(
      "generation.device_signing_key is changed", [](DeviceCredential& c) { c.generation.device_signing_key[0] ^= 1; },
      generation);
  field("generation.signature is changed", [](DeviceCredential& c) { c.generation.signature[0] ^= 1; }, generation);
  field("generation is another user's", [&](DeviceCredential& c) { c.generation = scene.bob.certificate(); }, foreign);
  field("device_signature is changed", [](DeviceCredential& c) { c.device_signature[0] ^= 1; }, certificate);
  // Signed again by the identity: then the device hangs on a generation that did not sign it.
  const auto next = keys::AccountGeneration::generate(1, scene.entropy);
  field(
      "generation is the next one, which did not sign the device",
      [&](DeviceCredential& c) { c.generation = keys::GenerationCertificate::sign(ann.user, next, ann.identity); },
      certificate);
  wrong_chains(scene, device, out);
  const auto statement = [&](const std::string& name, Hand<keys::DeviceStatement> change) {
    keys::DeviceStatement s{ann.user, device.id, 0, crypto::Suite::product().id(), device.key.public_key};
    change(s);
    field(
        "device_signature is for " + name,
        [&](DeviceCredential& c) { c.device_signature = keys::certify(s, ann.generation); }, certificate);
  };
  statement("another user", [&](keys::DeviceStatement& s) { s.user = scene.bob.user; });
  statement("another device", [&](keys::DeviceStatement& s) { s.device = scene.anns[1].id; });
  statement("another generation", [](keys::DeviceStatement& s) { s.generation = 1; });
  statement("another suite", [](keys::DeviceStatement& s) { s.suite = 1; });
  statement("another leaf key", [&](keys::DeviceStatement& s) { s.leaf_signature_key = scene.anns[1].key.public_key; });
  return out;
}

namespace {

// Chains that hold in themselves, of somebody else.
struct Impostor {
  std::string name;
  Bytes credential;
};
std::vector<Impostor> impostors(Scene& scene, const Device& device) {
  const auto credential = [&](const Owner& owner, const DeviceId& id) {
    return owner.credential(id, device.key.public_key).encode();
  };
  const Owner other_identity = as(scene.ann, [&](Owner& o) { o.identity = scene.stranger.identity; });
  const Owner anns_as_bob = as(scene.ann, [&](Owner& o) { o.user = scene.bob.user; });
  return {{"credential is of a second identity of the same user", credential(other_identity, device.id)},
          {"credential is of the other user, by the forger's identity", credential(anns_as_bob, device.id)},
          {"credential is of another device of the same user", credential(scene.ann, scene.anns[1].id)}};
}

}  // namespace

Forgeries added_credential_forgeries(Scene& scene) {
  Forgeries out;
  const auto hands = [&](const Bytes& credential) {
    return Hands{.proposals = package_leaf_with(
                     scene, [=](mls::LeafNode& l) { l.credential = mls::Credential::basic(credential); })};
  };
  for (const WrongCredential& wrong : wrong_credentials(scene, scene.anns[3]))
    out.push_back(refused(wrong.name, hands(wrong.credential), wrong.why));
  const std::vector<std::string> why = {"a device of one user hangs on another identity",
                                        "a device of one user hangs on another identity", "one device with two leaves"};
  const auto others = impostors(scene, scene.anns[3]);
  for (std::size_t i = 0; i < others.size(); ++i)
    out.push_back(refused(others[i].name, hands(others[i].credential), why[i]));
  out.push_back({.name = "credential is a stranger's, who certified the key",
                 .hands = hands(scene.stranger.credential(scene.anns[3].id, scene.anns[3].key.public_key).encode()),
                 .server = "a leaf that no account lists",
                 .reader = ""});
  // The commit carries the account's list as well.
  out.push_back(refused("credential is of a generation beside the account's",
                        hands(beside_the_accounts(scene, scene.anns[3])),
                        "a device list of a generation that is over"));
  return out;
}

Forgeries own_credential_forgeries(Scene& scene) {
  Forgeries out;
  const auto hands = [&](const Bytes& credential) {
    return Hands{.leaf = [=](mls::LeafNode& l) { l.credential = mls::Credential::basic(credential); }};
  };
  const std::string another = "a committer that calls itself another";
  for (const WrongCredential& wrong : wrong_credentials(scene, scene.anns[0])) {
    const auto decoded = DeviceCredential::decode(wrong.credential);
    const bool is_other = decoded && (decoded->user != scene.ann.user || decoded->device != scene.anns[0].id ||
                                      !same_bytes(decoded->identity_key, scene.ann.identity.public_key));
    out.push_back(refused(wrong.name, hands(wrong.credential), is_other ? another : wrong.why));
  }
  for (const auto& [name, credential] : impostors(scene, scene.anns[0]))
    out.push_back(refused(name, hands(credential), another));
  out.push_back(refused("credential is a stranger's, who certified the key",
                        hands(scene.stranger.credential(scene.anns[0].id, scene.anns[0].key.public_key).encode()),
                        another));
  // The commit carries the account's list as well.
  out.push_back(refused("credential is of a generation beside the account's",
                        hands(beside_the_accounts(scene, scene.anns[0])),
                        "a device list of a generation that is over"));
  return out;
}

}  // namespace kith::test
