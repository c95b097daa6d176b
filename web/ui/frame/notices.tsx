import type { Id } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { Button } from '../controls';
import { WarnIcon } from '../icons';
import { wordsForWarning } from '../words';

// What the core warns of, until it is put away: about one chat, or (without one) about all of Kith.
export function Notices({ conversation }: { conversation?: Id | undefined }) {
  const store = useStore();
  const notice = useSelect((state) => state.notices.findLast((each) => each.conversation === conversation));
  if (notice === undefined) return null;
  return (
    <div className="warning" role="alert">
      <WarnIcon size={20} />
      <p>{wordsForWarning(notice)}</p>
      <Button look="text" className="warning-away" onClick={() => store.putAway(notice)}>
        OK
      </Button>
    </div>
  );
}
