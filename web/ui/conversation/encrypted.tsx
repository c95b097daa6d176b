import { LockIcon } from '../icons';
import { inSentence } from '../person';

// Said once, at the beginning of a chat: with the person of that name, or (null) in a group.
export function Encrypted({ name }: { name: string | null }) {
  return (
    <p className="encrypted">
      <LockIcon size={16} />
      <span>
        Messages here are end-to-end encrypted. Only{' '}
        {name === null ? 'the members of this group' : `you and ${inSentence(name)}`} can read them.
      </span>
    </p>
  );
}
