// The commands that the client core takes and the events that it shows: the same for the browser, the terminal and bots.
// One JSON object each. A stable interface: fields are only added. Unknown fields and event types are to be ignored.
//
// Ids are lower-case hexadecimal (user and device 32 characters, conversation 64, message 32). Times are milliseconds since
// the Unix epoch. Every command carries an `id` of the caller's choice and is answered by exactly one `done` or `failed` with it.

export type Id = string;
export type Millis = number;

// ---------------------------------------------------------------- commands

export type Command = { id: number } & (
  // Registration: number or e-mail -> code -> (account ->) name -> recovery key -> ready.
  | { type: "register"; phone?: string; region?: string; email?: string } // -> done {resend_after_ms, expires_in_ms}
  | { type: "resend_code" }                                               // -> done {resend_after_ms, expires_in_ms}
  // -> done; the stage becomes "name", or "account" where this number or e-mail has one already
  | { type: "confirm_code"; code: string }
  // In stage "account": back into it with its recovery key, spelled as people do. -> done; the stage becomes "ready".
  // With removes_others this device is the account's only one, under new keys; that is needed after keys_taken.
  // Errors: recovery_key_length, recovery_key_character, recovery_key_checksum, wrong_recovery_key, recovery_refused,
  // keys_taken
  | { type: "recover"; recovery_key: string; device_name: string; removes_others?: boolean }
  // Or not: the number or e-mail gets a new account, and who knew the old one sees a new person. -> done; the stage becomes "name"
  | { type: "register_anew" }
  // `pin`: of the account that the number or e-mail has already, where that is locked (pin_needed; wrong_pin with attempts_left and
  // retry_after_ms; pin_paused with retry_after_ms). It is not stored here. -> done; the stage becomes "recovery_key"
  | { type: "create_account"; name: string; device_name: string; pin?: string }
  // Two groups of the recovery key (0 to 6), typed by the user. Right: the key is wiped and the stage becomes "ready".
  | { type: "confirm_recovery_key"; groups: { index: number; text: string }[] }
  // Is it the account's? Without the server. -> done {is_right}; where there is no account yet, done is that it is one at all.
  // Errors: recovery_key_length, recovery_key_character, recovery_key_checksum
  | { type: "check_recovery_key"; recovery_key: string }
  // The other way in, for one more device of an account: it shows a code (Account.link), and a device of the account takes it up.
  // The address is the account's. -> done; the stage becomes "linking", and "ready" once the account is handed over.
  | { type: "begin_link"; phone?: string; region?: string; email?: string; device_name: string }
  | { type: "cancel_link" }                                               // -> done; the stage becomes "new"
  // Which device shows this code, typed or scanned. The code is this account's from then on.
  // -> done {device_name, confirmation, expires_at}; the user compares the confirmation with what that device shows
  | { type: "look_at_link"; code: string }
  | { type: "link_device"; code: string }                                 // -> done: that device may be this account's
  // The account's own devices, those on its own signed list. -> done {devices: OwnDevice[], keys_by_recovery_key}; false: the
  // account's keys began anew without the recovery key, as a thief of a device could have made them.
  // Errors: forged_certificate (the server's list does not hold; the warning device_list_refused says why)
  | { type: "list_devices" }
  | { type: "rename_device"; device: Id; name: string }
  // Another device is none of the account's any more: the account's keys begin anew without it. With the recovery key nobody has
  // a doubt; without it one's contacts are told, and compare safety numbers anew. -> done once the server has it
  // Errors: not_found, recovery_key_length, recovery_key_character, recovery_key_checksum, wrong_recovery_key,
  // recovery_key_needed, keys_awaited, stale_device_list (another device was faster: again), device_unreachable (a device that
  // stays can be handed no new keys: with removes_unreachable it goes as well)
  | { type: "revoke_device"; device: Id; recovery_key?: string; removes_unreachable?: boolean }
  // The same, and all devices stay.
  | { type: "rotate_keys"; recovery_key?: string; removes_unreachable?: boolean }
  // In stage "removed": deletes all that is stored here. -> done, and then the core stops ("forgotten"): begin anew.
  | { type: "forget_device" }
  | { type: "set_name"; name: string }
  // The registration lock: without this PIN (4 to 20 digits) the number or e-mail gets no new account, until none of this account's
  // devices was there for a week. null: no lock
  | { type: "set_pin"; pin: string | null }
  | { type: "has_pin" }                                                   // -> done {has_pin}
  // Asks the server who is behind a number or e-mail. -> done {contact: Contact}; the contact is kept.
  | { type: "find_contact"; phone?: string; region?: string; email?: string }
  | { type: "list_contacts" }                                             // -> done {contacts: Contact[]}
  // Safety numbers, of people who are known here; without the server. Two people compare the digits, or one scans the
  // other's `qr`. -> done {digits, qr, verified, identity_changed}: 60 digits; of the identity that is known, which after a
  // change is the earlier one until the other is accepted; the text of a QR code
  | { type: "safety_number"; user: Id }
  // `scanned`: what the other side's QR code says. -> done Comparison. Nothing is marked by it.
  // Errors: not_a_safety_number, other_person
  | { type: "compare_safety_number"; user: Id; scanned: string }
  // The user has made sure that this person's identity is the one that is known: also ends `identity_changed`.
  | { type: "set_verified"; user: Id; verified: boolean }
  // From now on this person is known by the identity that was seen since; not verified. invalid_argument: it has not changed
  | { type: "accept_identity"; user: Id }
  | { type: "list_chats" }                                                // -> done {chats: Chat[]}, newest first
  // Sends a text to a contact (`user`) or into a chat. -> done {message: Message} once it is durable here (pending).
  // `reply_to`: a message of the chat that is in the log, which this one answers. `mentions`: at most 64 members of the group
  // (or of the two), in places of the text that do not overlap.
  | { type: "send"; user?: Id; conversation?: Id; text: string; reply_to?: Id; mentions?: Mention[] }
  | { type: "retry"; conversation: Id; message: Id }                      // a failed message, again
  // Messages of a chat before `before` (a Message.order as it is; absent: the newest), oldest first. -> done {messages, more}
  | { type: "list_messages"; conversation: Id; before?: number; limit: number }
  // Groups. What changes one needs the server and is done once it is in the log; `failed` changes nothing.
  // Makes a group of the user, its owner, and these people, who come in one after the other; who cannot come is named by a
  // warning. Name: 1 to 100 characters; description: at most 4 KiB. -> done {chat: Chat} once it is durable here
  | { type: "create_group"; name: string; description?: string; members: Id[] }
  | { type: "add_members"; conversation: Id; users: Id[] }                // -> done {not_added: {user, error, message}[]}
  | { type: "remove_member"; conversation: Id; user: Id }
  | { type: "leave_group"; conversation: Id }
  | { type: "set_role"; conversation: Id; user: Id; role: Role }          // "owner": hands the group over
  // Only what is named changes.
  | { type: "set_group"; conversation: Id; name?: string; description?: string; may_send?: Who; may_edit?: Who; may_add?: Who }
  // Invite links. Whoever has one comes in, or asks to. At most 8 a group; owner and admins make and revoke them. `link` is
  // what follows the address of a server; it is known on the device that made it. -> done {invite: Invite}
  | { type: "create_invite"; conversation: Id; expires_in_ms?: number; max_uses?: number; needs_approval?: boolean }
  | { type: "revoke_invite"; conversation: Id; invite: string }
  // What a link leads to. -> done {conversation, name, needs_approval, is_member}; name: the word of whoever made the link
  | { type: "look_at_invite"; link: string }
  // -> done {conversation, joined: true}, or {conversation, asked: true} where somebody has to let the user in
  | { type: "join_group"; link: string }
  // Whoever asks is let in by add_members, or not:
  | { type: "decline_request"; conversation: Id; user: Id }
  // Of the user's own, waiting or refused: not shown any more. At the server it stays, where it waits.
  | { type: "forget_join_request"; conversation: Id }
  | { type: "group_info"; conversation: Id }       // -> done {group: Group}; also without the server; when out: its name alone
  // The user has seen everything up to `seq`.
  | { type: "mark_read"; conversation: Id; seq: number }
  // Which messages of a chat the user is to be told of: see the event "message".
  | { type: "set_notifications"; conversation: Id; level: NotificationLevel }
  // Of none until then; null: for ever. 0, or a time that is over, ends it.
  | { type: "mute"; conversation: Id; until_ms: Millis | null }
  // Mutes, notifications and the two below hold on all devices of the account; the newest word of the user.
  | { type: "pin_chat"; conversation: Id; is_pinned: boolean }            // to stand before the others
  // Out of sight. A new message brings it back, unless the chat is muted.
  | { type: "put_away"; conversation: Id; is_put_away: boolean }
  // Whether the server keeps the account's history, sealed for its devices, so that a new one has it. Off: what it has of
  // messages is erased. For all devices of the account; it is on until it is turned off.
  | { type: "set_archive"; is_on: boolean }
  // -> done once the account's other devices can know all that this one's user set (pins, mutes, people, ...), and with `messages`
  // also all that was said, for a program that is about to end. Errors: offline (also where the connection breaks), archive_full
  | { type: "settle_archive"; messages?: boolean }
  // Who has received and read an own message (its Message.order) that is sent: those who were in the chat then, and are still.
  // -> done {read: Id[], delivered: Id[], waiting: Id[]}, each in one of them; of a group of more than 256 people
  // -> done {of, delivered_count, read_count}. Groups need the server, but for the chat that is open.
  | { type: "receipts"; conversation: Id; order: number }
  // This chat is on the screen now; without one, none is. What its people receive and read is followed.
  | { type: "open_chat"; conversation?: Id }
  // The application is in use or not (a hidden tab, a terminal that only sends): paces syncing and receipts.
  | { type: "set_active"; active: boolean }
  // Tries to connect now instead of at the end of the back-off.
  | { type: "reconnect" }
);

// ---------------------------------------------------------------- events

export type Event =
  | { type: "done"; id: number; [result: string]: unknown }
  | { type: "failed"; id: number; error: ErrorName; message: string; retry_after_ms?: number; attempts_left?: number }
  | { type: "account"; account: Account }         // at start and whenever it changes
  | { type: "connection"; state: "offline" | "connecting" | "syncing" | "online" }
  | { type: "chat"; chat: Chat }                  // new or changed
  | { type: "group_changed"; conversation: Id }   // what group_info tells is another now
  | { type: "contact"; contact: Contact }
  // is_new: first shown now; otherwise its state changed. alert: tell the user of it (never of own messages, of lines and of
  // what came again; as the chat's `notifications` and `muted` were when it came).
  | { type: "message"; message: Message; is_new: boolean; alert: boolean }
  // Whether the account's history is kept (set_archive): at start and when it changes.
  | { type: "archive"; is_on: boolean }
  // How far this device has read the account's history, until it has all. `conversations`: in these, messages of before have
  // come, without an event of their own; list them again.
  | { type: "history"; blocks_done: number; blocks_total: number; conversations: Id[] }
  // The groups that the user has asked to be let into, all of them, oldest first: at start and whenever that changes.
  | { type: "join_requests"; requests: JoinRequest[] }
  // No longer in its chat: what a notice said is not so any more.
  | { type: "message_gone"; conversation: Id; message: Id }
  // Receipts of a chat moved: every own message with seq <= delivered (read) now has that state.
  | { type: "receipts"; conversation: Id; delivered: number; read: number }
  // What the command `receipts` tells of own messages is another now. Not said in groups of more than 256 people.
  | { type: "receipts_changed"; conversation: Id }
  // Something that the user or an operator should know; never needed for correctness.
  | { type: "warning"; code: WarningName; message: string; conversation?: Id }
  // This state was taken over by another process or tab, or the device was logged out: the core stops.
  | { type: "stopped"; reason: "taken_over" | "logged_out" | "storage_failed" | "forgotten"; message: string };

// removed: another device has taken this one from the account; nothing of it is shown or done any more.
export type Stage = "new" | "linking" | "code" | "account" | "name" | "recovery_key" | "ready" | "removed";

export interface Account {
  stage: Stage;
  address?: string;          // the number or e-mail as given, from stage "code" on
  user?: Id;                 // from stage "name" on
  device?: Id;
  name?: string;
  recovery_key?: string[];   // seven groups of four characters, in stage "recovery_key" only
  resend_at?: Millis;        // in stage "code"
  is_recovering?: boolean;   // in stage "account": the recovery key was right, and this device is coming in by itself
  link?: LinkCode;           // in stage "linking"
  awaits_keys?: boolean;     // another device has begun the account's keys anew, and they have not come to this one yet
}

export interface OwnDevice {
  device: Id;
  name: string;              // empty: the server does not name it
  added_at: Millis;          // as the next: 0: not known
  last_seen: Millis;         // to the hour
  is_this: boolean;
}

// What a new device shows.
export interface LinkCode {
  code: string;              // six groups of four characters
  qr: string;                // the same for a QR code, in alphanumeric mode
  confirmation: string;      // four digits, which the other device shows as well
  expires_at: Millis;        // then another one takes its place
  is_taken_up: boolean;      // the other device asks its user
}

export interface Contact {
  user: Id;
  name: string;
  address?: string;          // as the user typed it; absent: met in a group
  verified?: boolean;        // the user has compared safety numbers
  // Another identity than the one that is known was seen: nothing is sent to this person alone until set_verified (it is
  // the known one after all) or accept_identity.
  identity_changed?: boolean;
}

export interface Comparison {
  matches: boolean;          // the same identities, and nothing that speaks against the conversation
  // changed: they have the identity that was seen since. theirs_differs: neither. mine_differs: they know another one of
  // the user's.
  identity: "same" | "changed" | "theirs_differs" | "mine_differs";
  // The direct chat of the two. forked: the server shows it differently to the two sides. unknown: they are not at the same
  // point of it; compare again when both are up to date. none: at least one side has none.
  log: "same" | "forked" | "unknown" | "none";
}

export interface Chat {
  conversation: Id;
  kind: "direct" | "group";
  user?: Id;                 // direct: the other person
  title: string;             // the person, or the group's name
  // joining: it is being created, or this device comes in. out: the user left, or was removed; what was said stays here.
  membership: "joining" | "member" | "out";
  role?: Role;               // group: the user's own
  requests?: number;         // group: people who ask to come in and whom the user may let in
  may_send: boolean;         // false: nobody, or admins only
  last_message?: Message;    // its text shortened, without `reply`
  last_ms: Millis;           // for sorting
  head_seq: number;
  read_seq: number;          // own
  unread: number;
  unread_mentions: number;   // those of them that mention the user
  notifications: NotificationLevel;
  muted: boolean;
  muted_until?: Millis;      // absent while muted: for ever
  is_pinned: boolean;
  is_put_away: boolean;
  peer_delivered: number;    // group: what all others have; of more than 256 people nobody counts
  peer_read: number;
}

// "mentions": of messages that mention the user.
export type NotificationLevel = "all" | "mentions" | "none";

export type Role = "member" | "admin" | "owner";
export type Who = "everyone" | "admins";

export interface Member {
  user: Id;
  name: string;
  role: Role;
}

// A group as its members know it: the user first, then owner, admins and members, each by name.
export interface Group {
  conversation: Id;
  name: string;
  description: string;
  role: Role;
  members: Member[];
  waiting: Id[];             // who is being added
  may_send: Who;             // messages
  may_edit: Who;             // name and description
  may_add: Who;              // people
  invites: Invite[];
  requests: { user: Id; name: string }[]; // who asks to come in, for those who may add people
}

export interface Invite {
  invite: string;            // the public half of its key, 64 hexadecimal characters
  link?: string;             // "#join=...", on the device that made it: put the server's address before it
  needs_approval: boolean;
  expires_ms?: Millis;
  max_uses?: number;         // people
  by?: Id;                   // who made it; absent: it was there before this device was
  joined?: number;           // people who came by it; absent: this device was not there all the time
}

// Whom nobody has answered has no `refusal`. Who is let in has a chat instead.
export interface JoinRequest {
  conversation: Id;
  name: string;              // the word of whoever made the link
  asked_ms: Millis;
  refusal?: "declined" | "invite_revoked" | "invite_expired" | "invite_used_up";
}

export interface Message {
  conversation: Id;
  id: Id;                    // the client id
  seq?: number;              // from the moment it is in the log
  order: number;             // sorts the messages of a chat; pending ones come last. Of a line it may be a fraction
  sender: Id;
  mine: boolean;
  sent_ms: Millis;           // the sender's clock; of what was sent again, the first time's
  time_ms?: Millis;          // the server's
  state: "pending" | "sent" | "delivered" | "read" | "failed" | "received";
  text?: string;
  reply?: Reply;
  mentions?: Mention[];      // in the order of the text
  mentions_me?: boolean;     // somebody else names the user, or answers one of the user's messages
  unsupported?: boolean;     // a kind that this version does not know
  failure?: { error: ErrorName; message: string };
  notice?: Notice;           // no message: a line that this device put at this place
}

// What a message answers. `known`: the original is here, and sender and text are its own (the text's beginning). Otherwise
// they are the word of whoever answers, and are to be shown as that.
export interface Reply {
  message: Id;
  sender: Id;
  text: string;
  known: boolean;
}

// Somebody named in a text, usually as "@Ben". Place and length are in UTF-16 code units, as those of JavaScript's strings.
export interface Mention {
  user: Id;
  start: number;
  length: number;
}

// Never unread, never new, never sent; `text` is absent, `mine` is false. It may change, and go again (`message_gone`).
export type Notice =
  // Messages at this place could not be restored on this device: so many, sent from `from_ms` to `to_ms`. Without `count` it is
  // not known how many, or whether any.
  | { kind: "messages_lost"; count?: number; from_ms?: Millis; to_ms?: Millis }
  // What somebody (`by`) changed in a group, in this order; all members have the same lines.
  | { kind: "group"; by: Id; changes: GroupChange[] }
  // Another identity of this person was seen; in every chat with them.
  | { kind: "identity_changed"; user: Id }
  // This person's keys began anew without the recovery key, to remove a device or for no reason that is known; likewise.
  | { kind: "generation_unsigned"; user: Id };

export type GroupChange =
  | { what: "created" }
  | { what: "added"; users: Id[] }
  | { what: "joined"; users: Id[] }               // by an invite link
  | { what: "invite_made" | "invite_revoked" }
  | { what: "removed"; users: Id[] }
  | { what: "left"; users: Id[] }                 // `by` is whoever took their keys away: not worth a word
  | { what: "role"; user: Id; role: Role }
  | { what: "name"; name: string }
  | { what: "description" }
  | { what: "may_send" | "may_edit" | "may_add"; who: Who };

// The server's names (docs/protocol.md) and the core's own.
export type ErrorName =
  | "invalid_argument" | "too_large" | "unauthenticated" | "not_found" | "not_member" | "rate_limited" | "overloaded"
  | "wrong_code" | "code_expired" | "too_many_attempts" | "forged_certificate" | "internal"
  | "offline"                // needs the server and there is no connection
  | "wrong_stage"            // not now: see Account.stage
  | "unknown_command" | "unknown_conversation" | "wrong_recovery_key" | "identity_changed" | "no_device"
  | "recovery_key_length" | "recovery_key_character" | "recovery_key_checksum" // it is not spelled like one
  | "pin_needed" | "wrong_pin" | "pin_paused" // the number has an account that is locked
  | "recovery_refused"       // what the server has of the account is not what belongs to the recovery key
  | "device_unreachable"     // it has left no key at the server, by which it could be handed the account's new ones
  | "keys_taken"             // a device began new keys and left nothing of use for the recovery key, which can take the account back
  | "invalid_commit"         // the server did not create the conversation
  | "not_allowed"            // the user's role in the group does not allow it
  | "group_full"             // the server's limit of members
  | "invite_revoked" | "invite_expired" | "invite_used_up"
  | "too_many_invites"       // of one group
  | "group_refused"          // the group behind a link is not one that may be joined
  | "commit_first"           // the user has only just left the group
  | "last_owner"             // the owner hands the group over before leaving
  | "keys_awaited"           // this device has not got the account's new keys yet
  | "recovery_key_needed"    // the keys began anew too often without it
  | "stale_device_list"      // another of the account's devices was faster
  | "wrong_link_code"        // not 24 characters of a code
  | "link_used"              // another device has taken this code up
  | "link_foreign"           // the code is for another account
  | "link_expired"
  | "link_forged"            // what the server has under this code is not what the new device left there
  | "not_a_safety_number"    // text that is not the QR code of one
  | "other_person"           // the QR code of two others
  | "client_id_reused"       // the server has other bytes under this message's name
  | "stopped"                // see the "stopped" event
  | (string & {});

export type WarningName =
  | "entry_refused"          // an entry that its sender or the server made wrong: not shown, named here
  | "log_forked"             // the server showed different logs to different members
  | "identity_changed"
  | "address_moved"          // a contact's number or e-mail address leads to another account now
  | "entry_unreadable"       // an entry that cannot be decrypted
  | "rejoining"              // this device could not take part any more and comes back from outside
  | "group_refused"          // the group that the server shows is not one that may be joined
  | "welcome_refused"        // an invitation that is not what it says
  | "commit_refused"         // the server did not take this device's new keys
  | "forged_certificate"     // keys that the server gave for a contact are not the contact's
  | "device_list_refused"    // a list of somebody's devices that is not that person's, or an old one
  | "not_added"              // somebody who was to come into a group could not be added
  | "history_changed"        // the server was restored from a backup
  | "connection_refused"     // the server does what no server does
  | "recovery_refused"       // the account did not come back: the key is to be given again
  | "not_joined"             // a link led nowhere in the end
  | "generation_refused"     // what came as the account's new keys is not
  | "keys_outlived"          // the account's keys changed since this copy of the device was made: link it anew
  | "archive_truncated"      // the server shows less of the account's history than there was
  | "archive_forged"         // the server shows a history that none of the account's devices wrote
  | "archive_unreadable"     // a block of it makes no sense, and is left out
  | "archive_unvouched"      // the server was restored: nothing holds it to all of the history that there was
  | "archive_full"           // the server keeps no more of the account's history
  | "link_refused"           // what came for this device's code is not an account that it may be of
  | "link_expired"           // nobody has taken up the code
  | "join_declined"          // the user asked to come into a group, and was not let in
  | "not_member"             // the server does not show this conversation
  | "storage"                // something that is stored cannot be read
  | "internal"
  | (string & {});
