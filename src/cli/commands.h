// The commands of `kith`, each with what its part of the command line says. Each runs to its end and throws Problem
// when it does not end well.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/profile.h"

namespace kith::cli {

struct RegisterOptions {
  std::string phone, region, email, code, name, device_name;
  std::string pin;               // of the account that the address has, where that is locked
  std::string recovery_key;      // typed by the user to confirm it
  bool is_written_down = false;  // confirms without typing, for scripts
  // Where the address has an account already:
  std::string recover_with;  // its recovery key; "-": read from stdin
  bool removes_others = false;
  bool begins_anew = false;
};
void run_register(const Settings& settings, const RegisterOptions& options);
// An empty one is asked for, as "-" is; so is a PIN.
void run_recovery_key_check(const Settings& settings, const std::string& key);
void run_pin(const Settings& settings);
void run_pin_set(const Settings& settings, const std::string& pin);
void run_pin_remove(const Settings& settings);

// A new device of an account that exists.
struct LinkOptions {
  std::string phone, region, email, device_name;
  std::optional<int> timeout_s;
};
void run_link(const Settings& settings, const LinkOptions& options);

struct DeviceOptions {
  std::string code;           // that a new one shows; "-": read from stdin
  bool is_confirmed = false;  // what would be asked, for scripts
  std::string which, name;    // to rename or remove it
  bool asks_recovery_key = false;
  bool removes_unreachable = false;  // with it goes another device that can be handed no new keys
};
void run_devices_list(const Settings& settings);
void run_devices_add(const Settings& settings, const DeviceOptions& options);
void run_devices_rename(const Settings& settings, const DeviceOptions& options);
void run_devices_remove(const Settings& settings, const DeviceOptions& options);
void run_devices_rotate(const Settings& settings, const DeviceOptions& options);
// Deletes what a device kept that was removed from its account.
void run_forget(const Settings& settings, bool is_confirmed);

void run_contacts_list(const Settings& settings);
void run_contacts_add(const Settings& settings, const std::string& address, const std::string& region);

struct VerifyOptions {
  std::string who;
  std::string scanned;  // what the other side's QR code says; "-": on the standard input; empty: nothing
  bool yes = false;     // marks as verified
  bool undo = false;
  bool accept = false;  // the identity that was seen since
};
void run_verify(const Settings& settings, const VerifyOptions& options);

struct GroupOptions {
  std::string group;  // which one; of a new one the name
  std::vector<std::string> who;
  std::string member, role;  // the role: member, admin, owner
  std::optional<std::string> name, description;
  std::optional<std::string> may_send, may_edit, may_add;  // everyone, admins
  bool revokes_links = false;                              // with whoever is removed
};
void run_group_create(const Settings& settings, const GroupOptions& options);
void run_group_add(const Settings& settings, const GroupOptions& options);
void run_group_remove(const Settings& settings, const GroupOptions& options);
void run_group_leave(const Settings& settings, const GroupOptions& options);
void run_group_role(const Settings& settings, const GroupOptions& options);
void run_group_set(const Settings& settings, const GroupOptions& options);
void run_group_info(const Settings& settings, const GroupOptions& options);
void run_group_list(const Settings& settings);

struct InviteOptions {
  std::string group;
  std::int64_t expires_s = 0;  // 0: never
  std::int64_t max_uses = 0;   // people; 0: no limit
  bool needs_approval = false;
  std::string which;  // to revoke: the link, or the beginning of its name
};
void run_group_invite(const Settings& settings, const InviteOptions& options);
void run_group_revoke(const Settings& settings, const InviteOptions& options);
void run_group_join(const Settings& settings, const std::string& link);
void run_group_approve(const Settings& settings, const GroupOptions& options);
void run_group_decline(const Settings& settings, const GroupOptions& options);

struct SendOptions {
  std::string who;
  std::vector<std::string> words;  // one "-": the text is read from stdin
  std::string wait = "sent";       // none, sent, delivered, read
  int timeout_s = 30;
  std::string reply_to;  // the id of a message, or its beginning; empty: none
};
void run_send(const Settings& settings, const SendOptions& options);

struct ReceiveOptions {
  bool follow = false;
  bool peek = false;  // leaves everything unread
  std::optional<int> timeout_s;
};
void run_receive(const Settings& settings, const ReceiveOptions& options);

struct ChatsOptions {
  bool archived = false;  // lists those that are put away, instead of the others
  std::string who;        // of which chat to change something
};
void run_chats(const Settings& settings, const ChatsOptions& options);
void run_chats_pin(const Settings& settings, const std::string& who, bool is_pinned);
void run_chats_archive(const Settings& settings, const std::string& who, bool is_put_away);
struct HistoryOptions {
  std::string who;
  int limit = 50;
  bool ids = false;  // shows them, for send --reply-to
};
void run_history(const Settings& settings, const HistoryOptions& options);

struct ExportOptions {
  std::string file;  // a new one; empty, "-": the standard output
  std::string chat;  // whose chat, or which group; empty: all
};
void run_export(const Settings& settings, const ExportOptions& options);

// Whether the account's history is kept for its devices.
struct ArchiveOptions {
  bool is_on = true;
  bool is_confirmed = false;  // turning it off, for scripts
};
void run_archive_status(const Settings& settings);
void run_archive_set(const Settings& settings, const ArchiveOptions& options);

struct MuteOptions {
  std::string who;
  std::string how_long = "always";  // or 8h, 3d, 1w
};
void run_mute(const Settings& settings, const MuteOptions& options);
void run_unmute(const Settings& settings, const std::string& who);
struct NotifyOptions {
  std::string who;
  std::string level;  // all, mentions, none
};
void run_notify(const Settings& settings, const NotifyOptions& options);
struct ReceiptsOptions {
  std::string who;
  std::string message = "1";  // counted from the last own one, or the beginning of an id
};
void run_receipts(const Settings& settings, const ReceiptsOptions& options);

void run_daemon(const Settings& settings);
void run_chat(const Settings& settings, const std::string& who);

}  // namespace kith::cli
