import { useState } from 'react';
import type { Group } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Confirm, Explain } from '../dialog';
import { LeaveIcon } from '../icons';
import { inSentence } from '../person';
import { goBack } from '../route';

export function LeaveGroup({ group }: { group: Group }) {
  const store = useStore();
  const [asking, setAsking] = useState(false);
  const { conversation } = group;
  const title = `Leave “${inSentence(group.name)}”?`;
  const alone = group.members.length === 1;

  async function leave() {
    await store.run({ type: 'leave_group', conversation });
    goBack({ at: 'group', conversation, beside: 'nothing' });
  }

  return (
    <section className="info-part">
      <button type="button" className="member leave" onClick={() => setAsking(true)}>
        <LeaveIcon size={20} />
        Leave group
      </button>
      {asking && group.role === 'owner' && !alone && (
        <Explain
          title="You own this group"
          text="Hand it over to somebody first: choose “Hand over the group” at their name. Then you can leave."
          onClose={() => setAsking(false)}
        />
      )}
      {asking && (group.role !== 'owner' || alone) && (
        <Confirm
          title={title}
          text={
            alone
              ? 'You are the last one in it: nobody can come in again. What was said stays here.'
              : 'You get no more of its messages, and the others see that you left. What was said stays here.'
          }
          action="Leave group"
          onConfirm={leave}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
