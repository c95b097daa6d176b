import type { Id } from '../../../schema/core';
import { LockIcon } from '../icons';
import { inSentence } from '../person';
import { CompareLink } from '../safety/safety_entry';

// Said once, at the beginning of a chat: with the person of that name, or (null) in a group. `user`: who they are.
export function Encrypted({ name, user }: { name: string | null; user?: Id | undefined }) {
  return (
    <p className="encrypted">
      <LockIcon size={16} />
      <span>
        Messages here are end-to-end encrypted. Only{' '}
        {name === null ? 'the members of this group' : `you and ${inSentence(name)}`} can read them.{' '}
        {name !== null && user !== undefined && <CompareLink user={user} name={name} />}
      </span>
    </p>
  );
}
