import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { StoreContext } from '../store/hooks';
import { Store } from '../store/store';
import { App } from '../ui/app';
import { FakeCore } from './fake_core';

export const kBo = '018fa1a1a1a1a1a1a1a1a1a1a1a1a1a1';
export const kMira = '018fb2b2b2b2b2b2b2b2b2b2b2b2b2b2';
export const kJun = '018fc3c3c3c3c3c3c3c3c3c3c3c3c3c3';

// The whole application on a scripted core that knows two people; a third one is known to its server.
export function setUp() {
  const core = new FakeCore();
  core.knows({ user: kBo, name: 'Bo Lindqvist', address: '+46701740605' });
  core.knows({ user: kMira, name: 'Mira', address: '+447700900123' });
  core.knows({ user: kJun, name: 'Jun Mori', address: 'jun@example.org' });
  const store = new Store(core);
  render(
    <StoreContext value={store}>
      <App />
    </StoreContext>,
  );
  return { core, store, user: userEvent.setup() };
}

export const press = (name: string | RegExp) => screen.findByRole('button', { name });
