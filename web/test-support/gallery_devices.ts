// The gallery's screens of several devices.

import type { FakeCore } from './fake_core';
import { kLinkCode } from './fake_devices';
import { filled, kDay, kMinute, now } from './gallery_chats';

function own(core: FakeCore): void {
  filled(core);
  const names = ['Firefox on Linux', 'Chrome on Android', 'kith on lighthouse'];
  core.devices.devices = names.map((name, at) => ({
    device: at.toString(16).padStart(32, '0'),
    name,
    added_at: now - (300 - 140 * at) * kDay,
    last_seen: now - at * 2 * kDay,
    is_this: at === 0,
  }));
  core.devices.shown.set(kLinkCode, {
    device_name: 'Safari on iPhone',
    confirmation: '4821',
    expires_at: now + 9 * kMinute,
  });
  core.start();
  window.location.hash = '#/you/devices';
}

export const deviceScreens: Record<string, (core: FakeCore) => void> = {
  link: (core) => {
    core.account = { stage: 'linking', address: '+44 7700 900001', link: core.devices.link };
    core.start();
  },
  link_taken: (core) => {
    const link = { ...core.devices.link, is_taken_up: true };
    core.account = { stage: 'linking', address: '+44 7700 900001', link };
    core.start();
    core.show({
      type: 'warning',
      code: 'link_refused',
      message: 'This device was not linked: it is another account.',
    });
  },
  arriving: (core) => {
    core.account = { stage: 'linking', link: core.devices.link };
    core.start();
    core.ready().start();
  },
  devices: own,
  devices_doubt: (core) => {
    core.devices.keysByRecoveryKey = false;
    own(core);
    core.show({ type: 'account', account: { ...core.account, awaits_keys: true } });
  },
  removed: (core) => {
    core.ready();
    core.account = { ...core.account, stage: 'removed' };
    core.start();
  },
  devices_history: (core) => {
    own(core);
    core.show({ type: 'history', blocks_done: 13, blocks_total: 32, conversations: [] });
  },
};
