import type { Chat } from '../../../schema/core';

const kWords: Record<Chat['membership'], string> = {
  member: 'Only admins can send messages here.',
  joining: 'You can write here as soon as you are in.',
  out: 'You are not in this group any more.',
};

// In the composer's place, where nothing can be written.
export function Closed({ membership }: Pick<Chat, 'membership'>) {
  return (
    <p className="closed" role="status">
      {kWords[membership]}
    </p>
  );
}
