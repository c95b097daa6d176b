// What a node's services work with, by reference: they own no thread, no clock, no entropy and no socket.
#pragma once

#include <chrono>

#include "base/entropy.h"
#include "base/scheduler.h"
#include "server/domain/conversation.h"
#include "server/domain/ports/bus.h"
#include "server/domain/ports/hint_encoder.h"
#include "server/domain/ports/otp_sender.h"
#include "server/domain/ports/phone.h"
#include "server/domain/ports/pin_stretcher.h"
#include "server/domain/ports/store.h"
#include "server/domain/secrets.h"

namespace kith::server::service {

using domain::Result;

// Everything lives as long as the node; store and bus are this scheduler's instances.
struct Ports {
  domain::Store& store;
  domain::Bus& bus;
  Scheduler& scheduler;
  Entropy& entropy;
  domain::HintEncoder& hints;
  domain::OtpSender& codes;
  const domain::PhoneNumbers& phones;
  const domain::ServerSecrets& secrets;
  domain::PinStretcher& pins;
};

// How much of everything is allowed at once. Defaults suit people; load tests raise the rates.
struct Limits {
  std::chrono::milliseconds access_token_life = std::chrono::minutes(15);
  double registrations_per_source_hour = 60;  // begun, from one network address
  double code_checks_per_source_hour = 300;
  double links_per_source_hour = 60;            // begun, and as many offered, from one network address
  double link_claims_per_minute = 10;           // by one account
  double lookups_per_hour = 600;                // contacts found, by one account
  double claims_per_hour = 1200;                // key packages, by one account
  double claims_per_target_hour = 10;           // by one account of one other: a device's pool holds 50
  double appends_per_second = 200;              // by one device; ten seconds' worth at once
  double requests_per_second = 200;             // everything else, by one device; ten seconds' worth at once
  double open_requests_per_source_second = 20;  // accounts created (worth ten) and tokens renewed, from one address
  double archive_appends_per_second = 20;       // blocks, by one account; ten seconds' worth at once
  double pin_changes_per_hour = 10;             // by one account
  double pins_per_second = 4;                   // stretched for everybody together, by one I/O thread
  double receipt_counts_per_minute = 60;        // of large groups, by one account
  double commits_per_minute = 240;  // by one account, group creation and a new device that enters its chats included
  double commits_per_member_minute = 30;  // by one account in one conversation
  double joins_per_group_minute = 60;     // into one group by its invite links, without a member's help
  std::size_t max_group_members = domain::kMaxGroupMembers;  // users
  std::size_t archive_mebibytes = 2048;                      // of one account; 0: nothing is archived
  std::size_t tree_piece_bytes = 256 * 1024;                 // of nodes in one answer: a frame holds 1 MiB
  std::size_t cached_conversations = 65536;                  // kept by one node; one of many members counts for several
};

}  // namespace kith::server::service
