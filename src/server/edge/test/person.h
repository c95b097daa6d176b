// One person with one device, as a client holds it: real keys, certificates, key packages and MLS groups, registered
// over HTTP.
#pragma once

#include "keys/device.h"
#include "keys/grounds.h"
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

  // What POST /v1/recoveries/device takes by this registration for a device of `account` that is new on version 2 of
  // its list, made here; it begins as what POST /v1/recoveries does.
  [[nodiscard]] Json recovery_of(const Person& account) const;
  // The same for this device alone under the account's next generation.
  [[nodiscard]] Json revoking_others(std::uint64_t version) const;

  // What begins a direct conversation with `peer`, and the group that it leads to.
  wire::CreateDirect begin_direct(const Person& peer, HttpClient& http);
  wire::Append message(std::string_view text, std::uint8_t client_id);

  // What founds a group, whose id this person and the client id make, and the group that it leads to.
  wire::FoundGroup found_group();
  // A commit in it; accept() once the log has it.
  struct Change {
    std::vector<const Person*> adds{};  // by the key packages that the server hands out
    std::vector<const Person*> removes{};
    keys::Grounds grounds{};
    std::vector<std::pair<const Person*, ByteView>> brings_back{};  // by these key packages
  };
  wire::Commit commit(const Change& change, HttpClient& http, std::uint8_t client_id);
  void accept() { group = pending_->next; }
  // Another's commit.
  void follow(ByteView commit);
  // Joins by a Welcome of the epoch that is shown.
  void join(const wire::Mail& welcome, const wire::Group& shown);
  wire::Leave leave();
  wire::MarkBroken mark_broken();

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
  [[nodiscard]] Bytes key_package(bool last_resort);
  [[nodiscard]] Bytes credential_of(const DeviceId& of, ByteView leaf_key) const;
  [[nodiscard]] mls::KeyPackageSecrets key_package_of(const crypto::SignatureKeyPair& key, ByteView credential,
                                                      bool last_resort) const;
  [[nodiscard]] mls::Group new_group(const ConversationId& id, const mls::Extensions& extensions) const;
  // The peer's devices, from the directory, with whom their Welcomes are for.
  std::vector<wire::DeviceWelcome> claim(const Person& peer, HttpClient& http, mls::CommitOptions& commit) const;

  crypto::SignatureKeyPair identity_;
  keys::AccountGeneration generation_;
  crypto::SignatureKeyPair leaf_key_;
  Bytes credential_;
  std::vector<mls::KeyPackageSecrets> key_packages_;
  Bytes founding_;
  std::optional<mls::PendingCommit> pending_;
  Bytes payload_;
  Bytes note_;
  Bytes mark_;
  Bytes replacement_;
};

// Registered, with an account.
Person registered(RunningServer& server, const std::string& phone);

ClientId client_id(std::uint8_t n);

}  // namespace kith::server::edge::test
