import { WarnIcon } from '../icons';

export function IdentityWarning({ name }: { name: string }) {
  return (
    <div className="warning" role="alert">
      <WarnIcon size={20} />
      <p>
        {name}’s identity has changed. They may have registered again, or somebody else has their number. Ask
        them in another way before you write.
      </p>
    </div>
  );
}
