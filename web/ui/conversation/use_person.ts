import { useMemo } from 'react';
import type { Id } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { chatWith } from '../../store/select';

export interface Person {
  name: string;
  address?: string;
  identityChanged: boolean;
}

// Who somebody is here: a contact, or whoever wrote to us. Undefined where the id is nobody's.
export function usePerson(user: Id): Person | undefined {
  const contact = useSelect((state) => state.contacts.get(user));
  const chat = useSelect((state) => chatWith(state, user));
  const name = contact?.name ?? chat?.title;
  const address = contact?.address;
  const identityChanged = contact?.identity_changed === true;
  return useMemo(() => {
    if (name === undefined) return undefined;
    return address === undefined ? { name, identityChanged } : { name, address, identityChanged };
  }, [name, address, identityChanged]);
}
