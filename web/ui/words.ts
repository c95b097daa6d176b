// What people read when something did not work: short, human, and what to do next. The core's own sentence is the last resort.

import type { Millis } from '../../schema/core';
import { CommandFailed } from '../store/commands';

const kWords: Record<string, string> = {
  offline: 'There is no connection to the server. Try again when you are online.',
  rate_limited: 'That was a bit too often.',
  overloaded: 'The server is busy right now.',
  too_many_attempts: 'Too many wrong codes. Ask for a new one.',
  code_expired: 'This code is too old. Ask for a new one.',
  wrong_code: 'That is not the code we sent.',
  wrong_recovery_key: 'These groups are not right. Look at your copy again.',
  pin_needed: 'This number is locked by a PIN. Enter the one that was set for it.',
  wrong_pin: 'That is not the PIN.',
  pin_paused: 'Too many wrong PINs.',
  recovery_key_length: 'A recovery key has seven groups of four letters and digits.',
  recovery_key_character: 'A recovery key has only digits, and letters without U.',
  recovery_key_checksum: 'This key is mistyped somewhere. Compare it with your copy, group by group.',
  recovery_refused: 'What the server has of your account does not belong to this key. Try again later.',
  keys_taken:
    'One of your devices made new keys for your account and left nothing for your recovery key. That is what a thief would do. Your key can take the account back, without its other devices.',
  recovery_key_needed: 'This was done too often without the recovery key. Enter it.',
  keys_awaited: 'This device waits for the account’s new keys from your other one. Try again in a moment.',
  stale_device_list: 'Another of your devices was faster. Try again in a moment.',
  too_large: 'This message is too long. Send it in parts.',
  identity_changed: 'This person’s identity has changed. Make sure that it is really them.',
  no_device: 'This person has no device that can read messages right now.',
  not_allowed: 'Your role in this group does not allow that.',
  not_member: 'You are not in this chat any more.',
  group_full: 'The group is full: this server allows no more members.',
  last_owner: 'You own this group. Hand it over to somebody first.',
  invite_revoked: 'This link was revoked. Ask for a new one.',
  invite_expired: 'This link has expired. Ask for a new one.',
  invite_used_up: 'This link was for a number of people, who have all joined. Ask for a new one.',
  too_many_invites: 'A group has no more than 8 invite links. Revoke one first.',
  group_refused: 'The server shows a group that does not fit this link. Ask for a new one.',
  commit_first: 'You have only just left this group. Try again in a moment.',
  not_a_safety_number: 'This is not the QR code of a safety number.',
  other_person: 'This is the safety number of two others. Scan the one that this person shows for you.',
  wrong_link_code: 'This is not such a code. It has six groups of four letters and digits.',
  link_used: 'This code was taken up already. Begin again on the new device, which then shows another one.',
  link_foreign: 'This code is for another account. Begin again there, with the number or e-mail of yours.',
  link_expired: 'This code has run out. Use the one that your other device shows now.',
  link_forged: 'What the server has for this code does not fit it. Begin again on your other device.',
  stopped: 'Kith stopped in this tab. Load the page again.',
};

export function wordsFor(error: unknown): string {
  if (!(error instanceof CommandFailed)) return 'Something went wrong. Try again.';
  const words = kWords[error.error] ?? sentence(error.message);
  return [words, attempts(error.attemptsLeft)].filter(Boolean).join(' ');
}

// What a failed message says, from its recorded reason.
export function wordsForFailure(failure: { error: string; message: string } | undefined): string {
  return failure === undefined ? 'Not sent.' : (kWords[failure.error] ?? sentence(failure.message));
}

const kWarnings: Record<string, string> = {
  not_joined: 'An invite link led nowhere in the end. Ask for a new one.',
  entry_refused: 'A message was refused: it was not what its sender made, or not in its place.',
  keys_outlived:
    'Your account’s keys changed while this device was away or restored from a copy. Remove it on another device, and link it again.',
  entry_unreadable: 'A message could not be opened.',
  log_forked: 'The server showed different messages to different people. Ask the other side in another way.',
  identity_changed: 'This person’s identity has changed. Make sure that it is really them.',
  archive_truncated: 'The server shows less of your history than there was. What this device has stays here.',
  archive_forged: 'The server shows a history that none of your devices wrote. It was not taken.',
  archive_unreadable: 'A part of your history can’t be read, and is left out.',
  archive_unvouched:
    'The server was restored from a backup. Whether it shows all of your history can’t be told.',
  archive_full: 'The server has no more room for your history. What is new will be missing on new devices.',
};

export function wordsForWarning(warning: { code: string; message: string }): string {
  return kWarnings[warning.code] ?? sentence(warning.message);
}

function attempts(left: number | undefined): string {
  if (left === undefined || left === 0) return '';
  return left === 1 ? 'One try is left.' : `${left} tries are left.`;
}

export function waitWords(ms: Millis): string {
  if (ms <= 0) return 'You can try again now.';
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return seconds === 1 ? 'Try again in a second.' : `Try again in ${seconds} seconds.`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 100) return minutes === 1 ? 'Try again in a minute.' : `Try again in ${minutes} minutes.`;
  const hours = Math.ceil(minutes / 60);
  return hours < 24 ? `Try again in ${hours} hours.` : 'Try again in a day.';
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'Something went wrong. Try again.';
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/u.test(capital) ? capital : `${capital}.`;
}
