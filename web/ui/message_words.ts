// A message in words, where only words stand: in the list of chats, in a notification.

import type { Message } from '../../schema/core';

export const kUnsupported = 'A message that this version of Kith can’t show';

export function textOf(message: Message): string {
  return message.text ?? kUnsupported;
}
