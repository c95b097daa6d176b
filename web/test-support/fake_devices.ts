// One's own devices at the scripted core, and the codes of new ones.

import type { Account, Command, LinkCode, OwnDevice } from '../../schema/core';
import type { LinkLook } from '../store/commands';

type DeviceCommand = Extract<
  Command,
  {
    type:
      | 'begin_link'
      | 'cancel_link'
      | 'look_at_link'
      | 'link_device'
      | 'list_devices'
      | 'rename_device'
      | 'revoke_device'
      | 'rotate_keys';
  }
>;

export const kLinkCode = '7K3M-9QXD-V2CB-40TF-HN6W-PZ8R';

export class FakeDevices {
  // The new device's side: what begin_link shows.
  link: LinkCode = {
    code: kLinkCode,
    qr: `KITH-LINK:${kLinkCode}`,
    confirmation: '4821',
    expires_at: Date.now() + 600_000,
    is_taken_up: false,
  };
  // The other side: which device shows a code, by the code.
  readonly shown = new Map<string, LinkLook>();
  devices: OwnDevice[] = [];
  keysByRecoveryKey = true;

  constructor(
    private readonly now_: () => number,
    private readonly stage_: (account: Account) => object,
  ) {}

  carryOut(command: DeviceCommand): object {
    switch (command.type) {
      case 'begin_link': {
        const address = command.phone ?? command.email ?? '';
        return this.stage_({ stage: 'linking', address, link: this.link });
      }
      case 'cancel_link':
        return this.stage_({ stage: 'new' });
      case 'look_at_link':
        return this.shown.get(command.code) ?? { error: 'not_found', message: 'x' };
      case 'link_device': {
        const look = this.shown.get(command.code);
        if (look === undefined) return { error: 'not_found', message: 'x' };
        const device = (this.devices.length + 2).toString(16).padStart(32, '0');
        const at = this.now_();
        this.devices.push({ device, name: look.device_name, added_at: at, last_seen: at, is_this: false });
        return {};
      }
      case 'list_devices':
        return { devices: [...this.devices], keys_by_recovery_key: this.keysByRecoveryKey };
      case 'revoke_device':
        this.devices = this.devices.filter((each) => each.device !== command.device);
        this.keysByRecoveryKey = command.recovery_key !== undefined;
        return {};
      case 'rotate_keys':
        this.keysByRecoveryKey = command.recovery_key !== undefined;
        return {};
      case 'rename_device':
        this.devices = this.devices.map((each) =>
          each.device === command.device ? { ...each, name: command.name } : each,
        );
        return {};
    }
  }
}
