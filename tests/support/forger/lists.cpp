// The device lists that a commit follows, in its authenticated data: Ann's, which her device signs again as it likes,
// and Bob's, which it cannot.
#include "tests/support/forger/parts.h"

namespace kith::test {

using keys::AuthenticatedData;
using keys::FollowedList;

namespace {

Hands on_data(Hand<AuthenticatedData> change) {
  return {.content = [change = std::move(change)](mls::FramedContent& c) {
    auto data = AuthenticatedData::decode(c.authenticated_data).value();
    change(data);
    c.authenticated_data = data.encode();
  }};
}

Hands on_lists(Hand<std::vector<FollowedList>> change) {
  return on_data([change = std::move(change)](AuthenticatedData& data) {
    auto grounds = keys::Grounds::decode(data.extra).value();
    change(grounds.lists);
    data.extra = grounds.encode();
  });
}

}  // namespace

Forgeries bound_data_forgeries(Scene&) {
  Forgeries out;
  // Clients hold it against what the server says around the commit.
  const auto field = [&](const std::string& name, Hand<AuthenticatedData> change) {
    out.push_back({.name = name, .hands = on_data(std::move(change)), .server = "", .reader = ""});
  };
  field("conversation is another one", [](AuthenticatedData& d) { d.conversation.value[0] ^= 1; });
  field("history_id is another one", [](AuthenticatedData& d) { d.history_id.value[0] ^= 1; });
  field("client_id is another one", [](AuthenticatedData& d) { d.client_id.value[0] ^= 1; });
  field("kind is that of a message", [](AuthenticatedData& d) { d.kind = 1; });
  field("last_seq is in the future", [](AuthenticatedData& d) { d.last_seq = Seq{1'000'000}; });
  field("last_hash is another one", [](AuthenticatedData& d) {
    d.last_seq = Seq{1};
    d.last_hash[0] ^= 1;
  });
  const std::string none = "a change of devices without a list that says so";
  out.push_back(refused("is empty", {.content = [](auto& c) { c.authenticated_data.clear(); }}, none));
  out.push_back(refused("has an unknown version", {.content = [](auto& c) { c.authenticated_data[0] = 9; }}, none));
  out.push_back(refused("has bytes behind it", {.content = [](auto& c) { c.authenticated_data.push_back(0); }}, none));
  out.push_back({.name = "is larger than a message may be",
                 .hands = {.content = [](auto& c) { c.authenticated_data = Bytes(std::size_t{5} << 17); }},
                 .server = "too_large",
                 .reader = none});
  return out;
}

Forgeries device_list_forgeries(Scene& scene) {
  Forgeries out;
  const std::string none = "a change of devices without a list that says so";
  const auto bytes = [&](const std::string& name, Hand<Bytes> change, const std::string& why) {
    out.push_back({.name = name,
                   .hands = on_data([change = std::move(change)](AuthenticatedData& d) { change(d.extra); }),
                   .server = "grounds: " + why,
                   .reader = why});
  };
  bytes("have an unknown version", [](Bytes& b) { b[0] = 9; }, "grounds of an unknown version");
  bytes("are a byte short", [](Bytes& b) { b.pop_back(); }, "grounds: the input ends inside a structure");
  bytes("are a byte long", [](Bytes& b) { b.push_back(0); }, "grounds: bytes follow the structure");
  const auto lists = [&](const std::string& name, Hand<std::vector<FollowedList>> change, const std::string& server,
                         const std::string& reader) {
    out.push_back({.name = name, .hands = on_lists(std::move(change)), .server = server, .reader = reader});
  };
  lists("are missing", [](auto& l) { l.clear(); }, payload(none), none);
  lists("lack that of who gets a device", [](auto& l) { l.erase(l.begin()); }, payload(none), none);
  lists("lack that of who loses one", [](auto& l) { l.pop_back(); }, payload(none), none);
  lists("have one twice", [](auto& l) { l.push_back(l[0]); }, "", "");
  lists(
      "are more than any commit has", [](auto& l) { l.resize(keys::kMaxFollowedLists + 1, l[0]); },
      "grounds: too many device lists", "too many device lists");

  // What the server compares with the list that the account has now.
  const auto list = [&](const std::string& name, std::size_t whose, Hand<keys::DeviceList> change,
                        const std::string& reader) {
    lists(name, [=](auto& l) { change(l[whose].list); }, "device lists: not the one of now", reader);
  };
  const auto signed_again = [&](const std::string& name, Hand<keys::DeviceList> change, const std::string& reader) {
    list(
        name, 0,
        [=, by = scene.ann.generation](keys::DeviceList& l) {
          change(l);
          l.sign(by);
        },
        reader);
  };
  const std::string unsigned_list = "a device list that its generation did not sign";
  const std::string unlisted = "a new device that is not on its user's list";
  const DeviceId guest = scene.anns[3].id;
  list("user is another", 0, [&](auto& l) { l.user = scene.stranger.user; }, none);
  list("version is another", 1, [](auto& l) { ++l.version; }, unsigned_list);
  list("generation is another", 1, [](auto& l) { ++l.generation; }, "a device list of another generation");
  list("signature is changed", 1, [](auto& l) { l.signature[0] ^= 1; }, unsigned_list);
  list("a device is missing", 1, [](auto& l) { l.devices.pop_back(); }, unsigned_list);
  list(
      "devices are out of order", 1, [](auto& l) { std::swap(l.devices[0], l.devices[1]); },
      "a device list out of order");
  list(
      "a device is there twice", 1, [](auto& l) { l.devices.push_back(l.devices.back()); },
      "a device list out of order");
  // Which one is the newest members cannot tell.
  signed_again("version is one that the account never had", [](auto& l) { l.version = 77; }, "");
  signed_again(
      "has not the device that is added",
      [=](auto& l) { std::erase_if(l.devices, [&](const auto& d) { return d.device == guest; }); }, unlisted);
  signed_again(
      "has another key for the device that is added",
      [=, key = scene.anns[0].key.public_key](auto& l) {
        for (auto& d : l.devices) {
          if (d.device == guest) d.leaf_signature_key = key;
        }
      },
      unlisted);
  list(
      "is an old one, with the device that is removed", 1,
      [old = scene.history.back().lists[1].list](auto& l) { l = old; }, "a device is removed that its user lists");

  const auto certificate = [&](const std::string& name, Hand<keys::GenerationCertificate> change,
                               const std::string& why) {
    lists(
        "certificate" + name, [change = std::move(change)](auto& l) { change(l[1].certificate); },
        "device lists: not the one of now", why);
  };
  const std::string generation = "a generation certificate that the identity key did not sign";
  certificate(".user is another", [&](auto& c) { c.user = scene.ann.user; }, generation);
  certificate(".generation is another", [](auto& c) { ++c.generation; }, generation);
  certificate(".device_signing_key is changed", [](auto& c) { c.device_signing_key[0] ^= 1; }, generation);
  certificate(".signature is changed", [](auto& c) { c.signature[0] ^= 1; }, generation);
  certificate(" is the forger's", [&](auto& c) { c = scene.ann.certificate(); }, generation);
  const auto earlier = [&](const std::string& name, Hand<keys::GenerationCertificate> change, const std::string& why) {
    certificate(
        ".earlier " + name,
        [&scene, change = std::move(change)](auto& c) {
          const auto next = keys::AccountGeneration::generate(1, scene.entropy);
          c = scene.bob.certificate().next(next, scene.bob.generation).value();
          change(c);
        },
        why);
  };
  earlier("is missing", [](auto& c) { c.earlier.clear(); }, generation);
  earlier("has a changed signature", [](auto& c) { c.earlier[0].signature[0] ^= 1; }, generation);
  earlier(
      "is the forger's", [&](auto& c) { c.earlier[0] = {scene.ann.certificate().device_signing_key, c.signature}; },
      "a generation certificate that the one before did not sign");
  earlier("did not sign the list", [](auto&) {}, "a device list of another generation");
  // Whether the account ever began it members cannot tell.
  lists(
      "are under a generation beside the account's",
      [&scene](auto& l) {
        const auto next = keys::AccountGeneration::generate(1, scene.entropy);
        l[0].certificate = scene.ann.certificate().next(next, scene.ann.generation).value();
        l[0].list.sign(next);
      },
      "device lists: not the one of now", "");
  Owner anns_as_bob = scene.ann;
  anns_as_bob.user = scene.bob.user;
  lists(
      "are the forger's own, under the other user's name",
      [own = anns_as_bob.list(4, {&scene.bobs[0]})](auto& l) { l[1] = own; }, "device lists: not the one of now",
      generation);
  return out;
}

}  // namespace kith::test
