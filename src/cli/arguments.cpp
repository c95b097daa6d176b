#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "cli/console.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

// Everything that the options write into; it outlives the parser, in the command that is run.
struct Arguments {
  Settings settings;
  RegisterOptions registration;
  LinkOptions linking;
  DeviceOptions device;
  VerifyOptions verify;
  std::string address, region, who, recovery_key, pin;
  SendOptions send;
  ReceiveOptions receive;
  HistoryOptions history;
  ChatsOptions chats;
  ExportOptions exporting;
  ArchiveOptions archive;
  ReceiptsOptions receipts;
  GroupOptions group;
  MuteOptions mute;
  NotifyOptions notify;
  InviteOptions invite;
  std::string link;
  std::function<void()> run;
};

constexpr const char* kVersion = "kith 0.1.0";
constexpr const char* kWho = "A contact's name, a number, the whole name of a group, or the beginning of an id";
constexpr const char* kGroup = "The group's name, the beginning of it, or that of its id";
constexpr const char* kMember = "A member's name, a number, or the beginning of a user id";
constexpr const char* kPerson = "A contact's name, a number, or the beginning of a user id";

void add_register(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("register", "Make an account on this device: number, code, name, recovery key");
  auto& o = a.registration;
  auto* phone = c->add_option("--phone", o.phone, "Your phone number, as +491511234567");
  c->add_option("--email", o.email, "Your e-mail address, instead of a number")->excludes(phone);
  c->add_option("--region", o.region, "Country of a number without its +, as DE");
  c->add_option("--code", o.code, "The code that was sent to you");
  c->add_option("--name", o.name, "Your name, as others see it");
  c->add_option("--device-name", o.device_name, "What to call this device");
  auto* key = c->add_option("--confirm-recovery-key", o.recovery_key, "The recovery key, typed to confirm it");
  c->add_flag("--yes-i-wrote-it-down", o.is_written_down, "Take the recovery key as confirmed (for scripts)")
      ->excludes(key);
  c->add_option("--pin", o.pin,
                "The PIN of the account that the number has, where it is locked; \"-\" reads it from the standard "
                "input");
  auto* recover = c->add_option("--recovery-key", o.recover_with,
                                "Come back into the account that the number has, with its recovery key; \"-\" reads it "
                                "from the standard input");
  c->add_flag("--remove-other-devices", o.removes_others,
              "With --recovery-key: this is the account's only device from now on")
      ->needs(recover);
  c->add_flag("--anew", o.begins_anew, "Make a new account though the number has one; what was in that stays behind")
      ->excludes(recover);
  c->callback([&a] { a.run = [&a] { run_register(a.settings, a.registration); }; });
}

void add_recovery_key(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("recovery-key", "The key on paper that brings the account back");
  c->require_subcommand(0, 1);
  c->callback([c] {
    if (c->get_subcommands().empty()) throw CLI::CallForHelp();
  });
  auto* check = c->add_subcommand("check", "Is this the recovery key of the account?");
  check->add_option("KEY", a.recovery_key, "28 characters; asked for where it is not given or \"-\"");
  check->callback([&a] { a.run = [&a] { run_recovery_key_check(a.settings, a.recovery_key); }; });
}

void add_pin(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand(
      "pin", "Registration lock: without its PIN your number gets no new account. Alone: is there one?");
  c->require_subcommand(0, 1);
  auto* set = c->add_subcommand("set", "Lock the number, or by another PIN");
  set->add_option("PIN", a.pin, "4 to 20 digits; asked for where it is not given or \"-\"");
  set->callback([&a] { a.run = [&a] { run_pin_set(a.settings, a.pin); }; });
  auto* remove = c->add_subcommand("remove", "No lock any more");
  remove->callback([&a] { a.run = [&a] { run_pin_remove(a.settings); }; });
  c->callback([&a, c] {
    if (c->get_subcommands().empty()) a.run = [&a] { run_pin(a.settings); };
  });
}

void add_link(CLI::App& app, Arguments& a) {
  auto* c =
      app.add_subcommand("link", "Make this a device of an account that you have: shows a code for another device");
  auto& o = a.linking;
  auto* phone = c->add_option("--phone", o.phone, "The account's phone number, as +491511234567");
  c->add_option("--email", o.email, "Its e-mail address, instead of a number")->excludes(phone);
  c->add_option("--region", o.region, "Country of a number without its +, as DE");
  c->add_option("--device-name", o.device_name, "What to call this device");
  c->add_option("--timeout", o.timeout_s, "How long to wait, in seconds")->check(CLI::Range(1, 86'400));
  c->callback([&a] { a.run = [&a] { run_link(a.settings, a.linking); }; });
}

void add_devices(CLI::App& app, Arguments& a) {
  auto* c =
      app.add_subcommand("devices", "Your own devices: list (as without a word), add one by its code, rename, remove");
  c->require_subcommand(0, 1);
  auto& o = a.device;
  const auto* list = c->add_subcommand("list", "All of them");
  auto* add = c->add_subcommand("add", "Add the one that shows this code");
  add->add_option("CODE", o.code, "24 characters; \"-\" reads them from the standard input")->required();
  add->add_flag("--yes", o.is_confirmed, "Do not ask (for scripts)");
  add->callback([&a] { a.run = [&a] { run_devices_add(a.settings, a.device); }; });
  auto* rename = c->add_subcommand("rename", "Call one of them otherwise");
  rename->add_option("DEVICE", o.which, "Its name, or the beginning of its id")->required();
  rename->add_option("NAME", o.name, "What to call it")->required();
  rename->callback([&a] { a.run = [&a] { run_devices_rename(a.settings, a.device); }; });
  const auto add_generation = [&](CLI::App& command, auto run) {
    command.add_flag("--recovery-key", o.asks_recovery_key, "Ask for the recovery key, so that nobody has a doubt");
    command.add_flag("--remove-unreachable", o.removes_unreachable,
                     "A device that can't get the new keys is removed as well");
    command.add_flag("--yes", o.is_confirmed, "Do not ask (for scripts; the key is read from the standard input)");
    command.callback([&a, run] { a.run = [&a, run] { run(a.settings, a.device); }; });
  };
  auto* remove = c->add_subcommand("remove", "Log one of them out; it can read nothing that follows");
  remove->add_option("DEVICE", o.which, "Its name, or the beginning of its id")->required();
  add_generation(*remove, run_devices_remove);
  add_generation(*c->add_subcommand("rotate", "Make the account's keys anew, for all devices"), run_devices_rotate);
  c->callback([&a, c, list] {
    if (c->get_subcommands().empty() || list->parsed()) a.run = [&a] { run_devices_list(a.settings); };
  });

  auto* forget = app.add_subcommand("forget", "Delete what this device kept, once it was removed from its account");
  forget->add_flag("--yes", o.is_confirmed, "Do not ask (for scripts)");
  forget->callback([&a] { a.run = [&a] { run_forget(a.settings, a.device.is_confirmed); }; });
}

void add_contacts(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("contacts", "Whom you know: list (as without a word) or add NUMBER");
  c->require_subcommand(0, 1);
  auto* add = c->add_subcommand("add", "Find somebody by number or e-mail and keep them");
  add->add_option("NUMBER", a.address, "A phone number or e-mail address")->required();
  add->add_option("--region", a.region, "Country of a number without its +, as DE");
  add->callback([&a] { a.run = [&a] { run_contacts_add(a.settings, a.address, a.region); }; });
  c->add_subcommand("list", "All contacts");
  c->callback([&a, add] {
    if (!add->parsed()) a.run = [&a] { run_contacts_list(a.settings); };
  });
}

void add_verify(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("verify", "Compare safety numbers with somebody, and mark them as verified");
  auto& o = a.verify;
  c->add_option("WHO", o.who, kPerson)->required();
  c->add_option("--scanned", o.scanned,
                "What the other side's QR code says, to compare with it; \"-\" reads it from the standard input");
  auto* yes = c->add_flag("--yes", o.yes, "The numbers are the same: mark as verified");
  auto* undo = c->add_flag("--undo", o.undo, "Not verified any more")->excludes(yes);
  c->add_flag("--accept", o.accept, "Know them by their new identity from now on")->excludes(yes)->excludes(undo);
  c->callback([&a] { a.run = [&a] { run_verify(a.settings, a.verify); }; });
}

// A command on one group.
CLI::App* add_group_command(CLI::App& group, Arguments& a, const char* name, const char* description,
                            void (*run)(const Settings&, const GroupOptions&)) {
  auto* c = group.add_subcommand(name, description);
  c->add_option("GROUP", a.group.group, kGroup)->required();
  c->callback([&a, run] { a.run = [&a, run] { run(a.settings, a.group); }; });
  return c;
}

void add_group_members(CLI::App& group, Arguments& a) {
  auto& o = a.group;
  auto* create = group.add_subcommand("create", "Make a group, of you alone or with others");
  create->add_option("NAME", o.group, "What it is called")->required();
  create->add_option("WHO", o.who, kPerson);
  create->add_option("--description", o.description, "What it is about");
  create->callback([&a] { a.run = [&a] { run_group_create(a.settings, a.group); }; });

  auto* add = add_group_command(group, a, "add", "Add people", run_group_add);
  add->add_option("WHO", o.who, kPerson)->required();
  auto* remove = add_group_command(group, a, "remove", "Remove somebody", run_group_remove);
  remove->add_option("WHO", o.member, kMember)->required();
  remove->add_flag("--revoke-links", o.revokes_links, "Make all invite links of the group useless as well");
  add_group_command(group, a, "leave", "Leave it; what was said stays here", run_group_leave);
  auto* role =
      add_group_command(group, a, "role", "Say what somebody is; \"owner\" hands the group over", run_group_role);
  role->add_option("WHO", o.member, kMember)->required();
  role->add_option("ROLE", o.role, "member, admin or owner")
      ->required()
      ->check(CLI::IsMember({"member", "admin", "owner"}));
}

void add_group_invites(CLI::App& group, Arguments& a) {
  auto& o = a.invite;
  auto* invite = group.add_subcommand("invite", "Make a link by which people join");
  invite->add_option("GROUP", o.group, kGroup)->required();
  invite->add_option("--expires", o.expires_s, "For how long it holds, as 12h or 7d")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::int64_t>{{"m", 60}, {"h", 3600}, {"d", 86'400}, {"w", 604'800}},
          CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"));
  invite->add_option("--uses", o.max_uses, "How many people may join by it")->check(CLI::Range(1, 1'000'000));
  invite->add_flag("--approval", o.needs_approval, "Who has it asks, and somebody in the group answers");
  invite->callback([&a] { a.run = [&a] { run_group_invite(a.settings, a.invite); }; });
  auto* revoke = group.add_subcommand("revoke", "Make a link useless");
  revoke->add_option("GROUP", o.group, kGroup)->required();
  revoke->add_option("LINK", o.which, "The link, or what group info calls it")->required();
  revoke->callback([&a] { a.run = [&a] { run_group_revoke(a.settings, a.invite); }; });
  auto* join = group.add_subcommand("join", "Join by a link, or ask to");
  join->add_option("LINK", a.link, "A link that somebody in the group gave you; \"-\" reads it from the standard input")
      ->required();
  join->callback([&a] { a.run = [&a] { run_group_join(a.settings, a.link); }; });
  auto* approve = add_group_command(group, a, "approve", "Let somebody in who asked to join", run_group_approve);
  approve->add_option("WHO", a.group.member, kMember)->required();
  auto* decline = add_group_command(group, a, "decline", "Do not let them in", run_group_decline);
  decline->add_option("WHO", a.group.member, kMember)->required();
}

void add_group(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("group", "Groups: make one, who is in it, what they may do");
  c->require_subcommand(0, 1);
  auto& o = a.group;
  add_group_members(*c, a);
  add_group_invites(*c, a);
  auto* set = add_group_command(*c, a, "set", "Change its name, its description or who may do what", run_group_set);
  auto* changes = set->add_option_group("Changes");
  changes->require_option(1, 0);
  changes->add_option("--name", o.name, "What it is called");
  changes->add_option("--description", o.description, "What it is about");
  const auto add_who = [&](const char* flag, std::optional<std::string>& to, const char* description) {
    changes->add_option(flag, to, description)->check(CLI::IsMember({"everyone", "admins"}));
  };
  add_who("--send", o.may_send, "Who may send messages");
  add_who("--edit", o.may_edit, "Who may change the name and the description");
  add_who("--add", o.may_add, "Who may add people");
  add_group_command(*c, a, "info", "Who is in it and what they may do", run_group_info);
  auto* list = c->add_subcommand("list", "All groups");
  list->callback([&a] { a.run = [&a] { run_group_list(a.settings); }; });
  c->callback([c] {
    if (c->get_subcommands().empty()) throw CLI::CallForHelp();
  });
}

void add_send(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("send", "Send a message; it is kept and goes out later when there is no network");
  c->add_option("WHO", a.send.who, kWho)->required();
  c->add_option("TEXT", a.send.words, "The message; \"-\" reads it from the standard input");
  c->add_option("--wait", a.send.wait, "How far to wait")
      ->check(CLI::IsMember({"none", "sent", "delivered", "read"}))
      ->capture_default_str();
  c->add_option("--timeout", a.send.timeout_s, "How long to wait, in seconds")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  c->add_option("--reply-to", a.send.reply_to, "The message that it answers: its id or the beginning of it");
  c->callback([&a] { a.run = [&a] { run_send(a.settings, a.send); }; });
}

void add_receive(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("receive", "Print what is unread, and mark it read");
  c->add_flag("-f,--follow", a.receive.follow, "Go on printing what comes, until Ctrl-C");
  c->add_flag("--peek", a.receive.peek, "Leave everything unread");
  c->add_option("--timeout", a.receive.timeout_s, "End after so many seconds")->check(CLI::Range(1, 86'400));
  c->callback([&a] { a.run = [&a] { run_receive(a.settings, a.receive); }; });
}

// A command on the list of chats that changes where one stands.
CLI::App* add_chats_command(CLI::App& chats, Arguments& a, const char* name, const char* description,
                            void (*run)(const Settings&, const std::string&, bool), bool how) {
  auto* c = chats.add_subcommand(name, description);
  c->add_option("WHO", a.chats.who, kWho)->required();
  c->callback([&a, run, how] { a.run = [&a, run, how] { run(a.settings, a.chats.who, how); }; });
  return c;
}

void add_chat_list(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("chats", "All chats, the pinned ones and then the newest first, but for archived ones");
  c->require_subcommand(0, 1);
  c->add_flag("--archived", a.chats.archived, "Those that are archived, instead");
  add_chats_command(*c, a, "pin", "Let it stand before the others", run_chats_pin, true);
  add_chats_command(*c, a, "unpin", "Let it stand among the others", run_chats_pin, false);
  add_chats_command(*c, a, "archive", "Put it away, until somebody writes in it", run_chats_archive, true);
  add_chats_command(*c, a, "unarchive", "Bring it back", run_chats_archive, false);
  c->callback([&a, c] {
    if (c->get_subcommands().empty()) a.run = [&a] { run_chats(a.settings, a.chats); };
  });
}

void add_archive(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("archive", "Whether your history is kept for your devices: as without a word, on, off");
  c->require_subcommand(0, 1);
  auto* on = c->add_subcommand("on", "Keep it: new devices get your messages");
  on->callback([&a] {
    a.archive.is_on = true;
    a.run = [&a] { run_archive_set(a.settings, a.archive); };
  });
  auto* off = c->add_subcommand("off", "Do not, and erase what is stored at the server");
  off->add_flag("--yes", a.archive.is_confirmed, "Do not ask (for scripts)");
  off->callback([&a] {
    a.archive.is_on = false;
    a.run = [&a] { run_archive_set(a.settings, a.archive); };
  });
  c->callback([&a, c] {
    if (c->get_subcommands().empty()) a.run = [&a] { run_archive_status(a.settings); };
  });
}

void add_export(CLI::App& app, Arguments& a) {
  auto* c = app.add_subcommand("export", "Write what this device has into a file to read (docs/export.md)");
  c->add_option("FILE", a.exporting.file, "A new file; without one, or \"-\", to the standard output");
  c->add_option("--chat", a.exporting.chat, "Of one chat only: a contact's name, a number, the whole name of a group");
  c->callback([&a] { a.run = [&a] { run_export(a.settings, a.exporting); }; });
}

void add_chats(CLI::App& app, Arguments& a) {
  auto* chat = app.add_subcommand("chat", "Talk with somebody or in a group; in a pipe, one message a line");
  chat->add_option("WHO", a.who, kWho)->required();
  chat->callback([&a] { a.run = [&a] { run_chat(a.settings, a.who); }; });

  auto* history = app.add_subcommand("history", "The last messages with somebody or of a group");
  history->add_option("WHO", a.history.who, kWho)->required();
  history->add_option("-n,--limit", a.history.limit, "How many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  history->add_flag("--ids", a.history.ids, "With the beginning of each message's id");
  history->callback([&a] { a.run = [&a] { run_history(a.settings, a.history); }; });

  auto* receipts = app.add_subcommand("receipts", "Who has received and read a message of yours");
  receipts->add_option("WHO", a.receipts.who, kWho)->required();
  receipts
      ->add_option("MESSAGE", a.receipts.message, "1 is your last one, 2 the one before; or the beginning of its id")
      ->capture_default_str();
  receipts->callback([&a] { a.run = [&a] { run_receipts(a.settings, a.receipts); }; });

  auto* daemon = app.add_subcommand("daemon", "For bots: commands in, events out, as JSON lines (schema/core.d.ts)");
  daemon->callback([&a] { a.run = [&a] { run_daemon(a.settings); }; });
}

void add_alerts(CLI::App& app, Arguments& a) {
  auto* mute = app.add_subcommand("mute", "Be told of nothing in a chat for a while");
  mute->add_option("WHO", a.mute.who, kWho)->required();
  mute->add_option("HOW_LONG", a.mute.how_long, "A number with h, d or w, as 8h or 1w, or \"always\"")
      ->capture_default_str();
  mute->callback([&a] { a.run = [&a] { run_mute(a.settings, a.mute); }; });

  auto* unmute = app.add_subcommand("unmute", "Be told of it again");
  unmute->add_option("WHO", a.who, kWho)->required();
  unmute->callback([&a] { a.run = [&a] { run_unmute(a.settings, a.who); }; });

  auto* notify = app.add_subcommand("notify", "Say of which messages of a chat to be told");
  notify->add_option("WHO", a.notify.who, kWho)->required();
  notify->add_option("LEVEL", a.notify.level, "all, mentions or none")
      ->required()
      ->check(CLI::IsMember({"all", "mentions", "none"}));
  notify->callback([&a] { a.run = [&a] { run_notify(a.settings, a.notify); }; });
}

// What was not expected: a command or an option that there is none of, or more than there is a place for.
std::string words_for(const CLI::App& app) {
  std::vector<std::string> extra = app.remaining(true);
  if (extra.size() > 1) std::erase(extra, "--");
  const auto is_named = [](const CLI::App* command) { return !command->get_name().empty(); };
  const CLI::App* at = &app;
  std::string path = "kith";
  const auto is_given = [&](const CLI::App* command) { return is_named(command) && command->parsed(); };
  for (auto given = at->get_subcommands(is_given); !given.empty(); given = at->get_subcommands(is_given)) {
    at = given.front();
    path += " " + at->get_name();
  }
  const std::string help = " What there is: " + path + " --help";
  if (extra.empty()) return "That was not expected." + help;
  if (extra.front().starts_with('-')) return "There is no option " + in_quotes(extra.front()) + "." + help;
  if (!at->get_subcommands(is_named).empty()) {
    const std::string before = at == &app ? "" : at->get_name() + " ";
    return "There is no command " + in_quotes(before + extra.front()) + "." + help;
  }
  std::string words;
  for (const std::string& word : extra) words += (words.empty() ? "" : " ") + word;
  return "There is no place for " + in_quotes(words) + " here. What is expected: " + path + " --help";
}

}  // namespace

std::variant<std::function<void()>, Exit> parse_arguments(int argc, char** argv) {
  const auto a = std::make_shared<Arguments>();
  CLI::App app("Kith: a private messenger. Begin with: kith register", "kith");
  app.require_subcommand(0, 1);
  app.callback([&app] {
    if (app.get_subcommands().empty()) throw CLI::CallForHelp();
  });
  app.fallthrough();
  app.set_version_flag("--version", kVersion, "Print which version this is");
  app.add_option("--profile", a->settings.profile, "Which account on this device")->capture_default_str();
  app.add_option("--server", a->settings.server,
                 std::string("The server; remembered at registration [") + kDefaultServer + "]");
  app.add_option("--state", a->settings.state_directory, "Where state is kept [$XDG_STATE_HOME/kith]");
  app.add_flag("--json", a->settings.json, "Print events as JSON lines (schema/core.d.ts)");
  // Aliases and scripts may say it first; the last word counts.
  for (auto* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  add_register(app, *a);
  add_recovery_key(app, *a);
  add_pin(app, *a);
  add_link(app, *a);
  add_devices(app, *a);
  add_contacts(app, *a);
  add_verify(app, *a);
  add_group(app, *a);
  add_send(app, *a);
  add_receive(app, *a);
  add_chats(app, *a);
  add_chat_list(app, *a);
  add_export(app, *a);
  add_archive(app, *a);
  add_alerts(app, *a);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    remark("kith: " + words_for(app));
    return Exit::usage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Exit::ok : Exit::usage;
  }
  return [a] { a->run(); };
}

}  // namespace kith::cli
