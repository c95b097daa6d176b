import { useState } from 'react';
import { createPortal } from 'react-dom';
import type { Id } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Confirm } from '../dialog';
import { inSentence } from '../person';

// Takes somebody by the identity that was seen since, after asking.
export function AcceptIdentity({ user, name }: { user: Id; name: string }) {
  const store = useStore();
  const [asking, setAsking] = useState(false);
  const person = inSentence(name);
  return (
    <>
      <Button look="text" onClick={() => setAsking(true)}>
        Accept new identity
      </Button>
      {asking &&
        createPortal(
          <Confirm
            title="Accept the new identity?"
            text={`Do this only if ${person} told you in another way that it is theirs. You can write again then, and compare safety numbers anew.`}
            action="Accept"
            onConfirm={() => store.run({ type: 'accept_identity', user })}
            onClose={() => setAsking(false)}
          />,
          document.body,
        )}
    </>
  );
}
