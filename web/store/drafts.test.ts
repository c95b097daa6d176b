import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCore, kMe } from '../test-support/fake_core';
import { Drafts } from './drafts';
import { Store } from './store';

const kBo = '018fa1a1a1a1a1a1a1a1a1a1a1a1a1a1';

beforeEach(() => window.localStorage.clear());

// A tab in which Kith was opened.
function tab() {
  const core = new FakeCore();
  const store = new Store(core);
  core.ready().start();
  return { core, drafts: store.drafts };
}

describe('a draft', () => {
  it('outlives its tab until it is sent', () => {
    tab().drafts.set(kBo, 'I was about to');
    expect(tab().drafts.get(kBo)).toBe('I was about to');
    tab().drafts.set(kBo, '');
    expect(tab().drafts.get(kBo)).toBe('');
    expect(window.localStorage).toHaveLength(0);
  });

  it('is of one account, and goes when there is another', () => {
    tab().drafts.set(kBo, 'secret');
    const other = new Drafts();
    other.belongTo('f'.repeat(32));
    expect(other.get(kBo)).toBe('');
    expect(tab().drafts.get(kBo)).toBe('');
  });

  it('goes when the device is signed out, or has no account any more', () => {
    const signedOut = tab();
    signedOut.drafts.set(kBo, 'secret');
    signedOut.core.show({ type: 'stopped', reason: 'logged_out', message: '' });
    expect(window.localStorage).toHaveLength(0);
    expect(signedOut.drafts.get(kBo)).toBe('');
    tab().drafts.set(kBo, 'secret');
    const core = new FakeCore();
    const store = new Store(core);
    core.start();
    expect(store.drafts.get(kBo)).toBe('');
    expect(window.localStorage).toHaveLength(0);
  });

  it('stays where another tab takes over', () => {
    const { core, drafts } = tab();
    drafts.set(kBo, 'more to say');
    core.show({ type: 'stopped', reason: 'taken_over', message: '' });
    expect(tab().drafts.get(kBo)).toBe('more to say');
  });

  it('lasts as long as the tab where the browser keeps nothing', () => {
    const drafts = new Drafts(() => {
      throw new DOMException('no', 'SecurityError');
    });
    drafts.belongTo(kMe);
    drafts.set(kBo, 'still here');
    expect(drafts.get(kBo)).toBe('still here');
    window.localStorage.setItem('kith.drafts', '{"user":3}');
    expect(tab().drafts.get(kBo)).toBe('');
  });
});
