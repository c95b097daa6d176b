// Commands without their id, and what each of them is answered by (schema/core.d.ts says it in words).

import type {
  Chat,
  Command,
  Comparison,
  Contact,
  ErrorName,
  Group,
  Id,
  Invite,
  Message,
  Millis,
  OwnDevice,
} from '../../schema/core';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type CommandBody = WithoutId<Command>;
export type CommandType = CommandBody['type'];

export interface CodeSent {
  resend_after_ms: Millis;
  expires_in_ms: Millis;
}

// Who has an own message: each of the others in one of the lists; of a large group numbers.
export type Receipts =
  | { read: Id[]; delivered: Id[]; waiting: Id[] }
  | { of: number; delivered_count: number; read_count: number };

// What an invite link leads to; the name is the word of whoever made the link.
export interface InviteLook {
  conversation: Id;
  name: string;
  needs_approval: boolean;
  is_member: boolean;
}

// In, or asked to be let in.
export interface Joining {
  conversation: Id;
  joined?: boolean;
  asked?: boolean;
}

// Somebody who could not be added to a group, and why.
export interface NotAdded {
  user: Id;
  error: ErrorName;
  message: string;
}

export interface SafetyNumber {
  digits: string;
  qr: string;
  verified: boolean;
  identity_changed: boolean;
}

// Who shows a code, by its own word, and the digits that it must show.
export interface LinkLook {
  device_name: string;
  confirmation: string;
  expires_at: Millis;
}

export interface Results {
  register: CodeSent;
  resend_code: CodeSent;
  confirm_code: unknown;
  create_account: unknown;
  confirm_recovery_key: unknown;
  recover: unknown;
  register_anew: unknown;
  // Whether it is the account's, where there is one.
  check_recovery_key: { is_right?: boolean };
  begin_link: unknown;
  cancel_link: unknown;
  look_at_link: LinkLook;
  link_device: unknown;
  list_devices: { devices: OwnDevice[]; keys_by_recovery_key: boolean };
  rename_device: unknown;
  revoke_device: unknown;
  rotate_keys: unknown;
  forget_device: unknown;
  set_name: unknown;
  set_pin: unknown;
  has_pin: { has_pin: boolean };
  find_contact: { contact: Contact };
  list_contacts: { contacts: Contact[] };
  safety_number: SafetyNumber;
  compare_safety_number: Comparison;
  set_verified: unknown;
  accept_identity: unknown;
  list_chats: { chats: Chat[] };
  send: { message: Message };
  retry: unknown;
  list_messages: { messages: Message[]; more: boolean };
  create_group: { chat: Chat };
  add_members: { not_added: NotAdded[] };
  remove_member: unknown;
  leave_group: unknown;
  set_role: unknown;
  set_group: unknown;
  create_invite: { invite: Invite };
  revoke_invite: unknown;
  look_at_invite: InviteLook;
  join_group: Joining;
  decline_request: unknown;
  forget_join_request: unknown;
  group_info: { group: Group };
  mark_read: unknown;
  set_notifications: unknown;
  mute: unknown;
  pin_chat: unknown;
  put_away: unknown;
  set_archive: unknown;
  settle_archive: unknown;
  receipts: Receipts;
  open_chat: unknown;
  set_active: unknown;
  reconnect: unknown;
}

// The longest text that one message holds, in UTF-8 (src/wire/content.h).
const kMaxTextBytes = 16 * 1024;

export function isTooLong(text: string): boolean {
  // UTF-8 is never shorter than UTF-16's count of units: nothing huge is encoded only to be counted.
  return text.length > kMaxTextBytes || new TextEncoder().encode(text).length > kMaxTextBytes;
}

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly error: ErrorName,
    message: string,
    readonly retryAfterMs?: Millis,
    readonly attemptsLeft?: number,
  ) {
    super(message);
  }
}
