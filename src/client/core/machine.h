// The parts of a core, put together, and what they share while one input is handled: the time, entropy and the Output.
#pragma once

#include <map>
#include <set>

#include "client/core/account.h"
#include "client/core/archive.h"
#include "client/core/archive_commands.h"
#include "client/core/arrivals.h"
#include "client/core/chats.h"
#include "client/core/coming_in.h"
#include "client/core/commands.h"
#include "client/core/connection.h"
#include "client/core/contacts.h"
#include "client/core/core.h"
#include "client/core/generations.h"
#include "client/core/group_commands.h"
#include "client/core/http_calls.h"
#include "client/core/json.h"
#include "client/core/key_packages.h"
#include "client/core/linking.h"
#include "client/core/loads.h"
#include "client/core/mailbox.h"
#include "client/core/new_device.h"
#include "client/core/own_devices.h"
#include "client/core/own_requests.h"
#include "client/core/recovery.h"
#include "client/core/registration.h"
#include "client/core/safety_commands.h"
#include "client/core/session.h"
#include "client/core/sync.h"

namespace kith::client {

class Machine {
 public:
  explicit Machine(Entropy& randomness);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Around every input.
  void begin(UnixMillis now);
  Output finish();

  // What an input leads to.
  void put(Bytes key, SecretBytes value);
  void erase(Bytes key);
  void transmit(Transmit what) { out_.transmit.push_back(std::move(what)); }
  void show(const Json& event) { out_.show.push_back(dump(event)); }
  void load(Bytes from, Bytes to, std::uint32_t limit, bool reverse, Loads::Handler handler);
  void warn(const char* code, const std::string& message, const ConversationId* conversation = nullptr);
  // The core does nothing from now on.
  void stop(const char* reason, const std::string& message);

  [[nodiscard]] UnixMillis now() const { return now_; }
  [[nodiscard]] std::int64_t clock_ms() const { return clock_ms_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  // 0 <= result < bound
  std::uint64_t random_below(std::uint64_t bound);
  ClientId new_client_id();

  Entropy& entropy;
  Loads loads;
  HttpCalls http;
  Account account;
  Registration registration;
  ComingIn coming_in;
  NewDevice new_device;
  Recovery recovery;
  Session session;
  Connection connection;
  Sync sync;
  Mailbox mailbox;
  Contacts contacts;
  KeyPackages key_packages;
  Generations generations;
  Linking linking;
  OwnDevices own_devices;
  Chats chats;
  Arrivals arrivals;
  Archive archive;
  Commands commands;
  GroupCommands group_commands;
  OwnRequests own_requests;
  SafetyCommands safety_commands;
  ArchiveCommands archive_commands;

  void start(const std::vector<Row>& boot);

 private:
  UnixMillis now_;
  std::int64_t clock_ms_ = 0;
  Output out_;
  std::map<Bytes, std::optional<SecretBytes>> writes_;
  std::uint64_t generation_ = 0;  // that the store holds
  bool begun_ = false;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace kith::client
