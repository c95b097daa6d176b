// One person with one device, as a client holds it: real keys, certificates, key packages and MLS groups, registered
// over HTTP.
#pragma once

#include "keys/device.h"
#include "mls/group.h"
#include "server/edge/test/client.h"
#include "server/edge/test/running_server.h"

namespace kith::server::edge::test {

class Person {
 public:
  // Begins a registration and proves the code.
  Person(RunningServer& server, std::string phone);

  // What POST /v1/accounts takes.
  [[nodiscard]] Json account(std::size_t key_packages = 2);
  // Creates the account; keeps the tokens.
  void create(HttpClient& http);
  [[nodiscard]] Json refresh_request(const std::string& refresh_token) const;
  // What PUT /v1/devices takes: this device alone, or with a second one that is made here.
  [[nodiscard]] Json devices(std::uint64_t version, bool with_second) const;

  // What begins a direct conversation with `peer`, and the group that it leads to.
  wire::CreateDirect begin_direct(const Person& peer, HttpClient& http);
  wire::Append message(std::string_view text, std::uint8_t client_id);

  RunningServer& server;
  std::string phone;
  std::string registration;
  std::string proof;
  UserId user;
  DeviceId device;
  std::string access_token;
  std::string refresh_token;
  ConversationId conversation;
  std::optional<mls::Group> group;

 private:
  [[nodiscard]] Bytes key_package(bool last_resort) const;
  [[nodiscard]] Bytes credential_of(const DeviceId& of, ByteView leaf_key) const;
  [[nodiscard]] Bytes key_package_of(const crypto::SignatureKeyPair& key, ByteView credential, bool last_resort) const;

  crypto::SignatureKeyPair identity_;
  keys::AccountGeneration generation_;
  crypto::SignatureKeyPair leaf_key_;
  Bytes credential_;
  Bytes founding_;
  std::optional<mls::PendingCommit> pending_;
  Bytes payload_;
};

// Registered, with an account.
Person registered(RunningServer& server, const std::string& phone);

ClientId client_id(std::uint8_t n);

}  // namespace kith::server::edge::test
