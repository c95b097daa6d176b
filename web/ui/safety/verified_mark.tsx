import type { Id } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { CheckIcon } from '../icons';
import './safety.css';

// Behind the name of whoever the user has compared safety numbers with; otherwise nothing.
export function VerifiedMark({ user }: { user: Id }) {
  const verified = useSelect((state) => state.contacts.get(user)?.verified === true);
  if (!verified) return null;
  return (
    <span className="verified" title="Verified: you compared safety numbers">
      <CheckIcon size={16} />
      <span className="spoken">verified</span>
    </span>
  );
}
