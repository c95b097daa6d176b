import { LockIcon } from '../icons';

// Said once, at the beginning of a chat.
export function Encrypted({ name }: { name: string }) {
  return (
    <p className="encrypted">
      <LockIcon size={16} />
      <span>Messages here are end-to-end encrypted. Only you and {name} can read them.</span>
    </p>
  );
}
