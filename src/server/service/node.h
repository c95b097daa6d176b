// One node: all services on one Scheduler. A process has one for each I/O thread, over one store engine and one bus
// hub. Destroying it destroys everything it was doing.
#pragma once

#include "server/service/accounts.h"
#include "server/service/archive.h"
#include "server/service/audiences.h"
#include "server/service/conversations.h"
#include "server/service/key_packages.h"
#include "server/service/links.h"
#include "server/service/outbox_relay.h"
#include "server/service/ports.h"
#include "server/service/recoveries.h"
#include "server/service/registration.h"
#include "server/service/registration_lock.h"
#include "server/service/request_pace.h"

namespace kith::server::service {

struct Node {
  explicit Node(const Ports& ports, const Limits& limits = {})
      : relay(ports),
        pace(ports, limits),
        registrations(ports, limits),
        lock(ports, limits),
        accounts(ports, limits, relay, lock),
        links(ports, limits, accounts),
        recoveries(ports, accounts),
        key_packages(ports, limits),
        conversations(ports, limits, relay),
        archive(ports, limits),
        audiences(ports.bus, ports.scheduler, live,
                  {.cached = [this](const ConversationId& id) { return conversations.cached(id); },
                   .load = [this](ConversationId id) { return conversations.load_state(id); }},
                  limits.cached_conversations) {}

  // Relays what an earlier life of the process left behind, and what other nodes leave.
  void start() { relay.start(); }

  OutboxRelay relay;
  RequestPace pace;
  RegistrationService registrations;
  RegistrationLock lock;
  AccountService accounts;
  LinkService links;
  RecoveryService recoveries;
  KeyPackageService key_packages;
  ConversationService conversations;
  ArchiveService archive;
  LiveDevices live;  // whoever has sockets puts them in
  Audiences audiences;
};

}  // namespace kith::server::service
