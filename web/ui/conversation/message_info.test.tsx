import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kBo, kJun, kMira, press, setUp } from '../../test-support/render_app';

async function open() {
  const all = setUp();
  const { core } = all;
  core.ready();
  act(() => core.start());
  let conversation = '';
  act(() => {
    conversation = core.groups.found({ name: 'Boat', members: [kBo, kMira, kJun] });
  });
  await all.user.click(screen.getByRole('link', { name: /Boat/u }));
  await screen.findByRole('log');
  const send = (state: 'pending' | 'sent' | 'delivered') => {
    let order = 0;
    act(() => {
      order = core.sendsIn(conversation, 'hello', state).order;
    });
    return order;
  };
  const changed = () => act(() => core.show({ type: 'receipts_changed', conversation }));
  return { ...all, conversation, send, changed };
}

const people = (heading: RegExp) =>
  within(screen.getByRole('list', { name: heading }))
    .getAllByRole('listitem')
    .map((item) => item.textContent);

describe('the info of an own message', () => {
  it('says who has read it, who has received it and who has not, and follows them', async () => {
    const { core, user, send, changed } = await open();
    const order = send('delivered');
    core.receiptsOf.set(order, { read: [kMira], delivered: [kJun], waiting: [kBo] });
    await user.click(await press('Message info: delivered'));
    const dialog = await screen.findByRole('dialog', { name: 'Message info' });
    expect(await within(dialog).findByText('Read by')).toBeDefined();
    expect(people(/^Read by/u)).toEqual(['Mira']);
    expect(people(/^Delivered to/u)).toEqual(['Jun Mori']);
    expect(people(/^Not delivered yet/u)).toEqual(['Bo Lindqvist']);
    core.receiptsOf.set(order, { read: [kMira, kBo], delivered: [kJun], waiting: [] });
    changed();
    expect(await within(dialog).findByText('Bo Lindqvist')).toBeDefined();
    expect(people(/^Read by/u)).toEqual(['Bo Lindqvist', 'Mira']);
    expect(screen.queryByRole('list', { name: /^Not delivered/u })).toBeNull();
  });

  it('is numbers in a large group', async () => {
    const { core, user, send } = await open();
    core.receiptsOf.set(send('sent'), { of: 1999, delivered_count: 1200, read_count: 7 });
    await user.click(await press('Message info: sent'));
    expect(await screen.findByText(/^Read by 7 of 1.999$/u)).toBeDefined();
    expect(screen.getByText(/^Delivered to 1.200 of 1.999$/u)).toBeDefined();
  });

  it('says why it cannot be told, and is told when that is over', async () => {
    const { core, user, send } = await open();
    const order = send('sent');
    core.receiptsOf.set(order, { read: [], delivered: [kBo], waiting: [] });
    core.failures.set('receipts', { error: 'offline', message: 'x' });
    await user.click(await press('Message info: sent'));
    expect((await screen.findByRole('alert')).textContent).toMatch(/no connection/u);
    act(() => core.show({ type: 'connection', state: 'offline' }));
    act(() => core.show({ type: 'connection', state: 'online' }));
    expect(await screen.findByText('Delivered to')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is not there before the message is sent, nor of somebody else’s', async () => {
    const { core, conversation, send } = await open();
    send('pending');
    act(() => void core.receivesIn(conversation, kBo, 'ahoy'));
    expect(screen.getByRole('img', { name: 'Waiting to be sent' })).toBeDefined();
    expect(screen.queryByRole('button', { name: /^Message info/u })).toBeNull();
  });

  it('says so where nobody is left of whom it could be told', async () => {
    const { core, user, send } = await open();
    core.receiptsOf.set(send('sent'), { read: [], delivered: [], waiting: [] });
    await user.click(await press('Message info: sent'));
    expect(await screen.findByText('Nobody who was here when it was sent is still here.')).toBeDefined();
  });
});

describe('the chat on the screen', () => {
  it('is told to the core, and that none is', async () => {
    const { core, user, conversation } = await open();
    const opened = () => core.commands.filter((command) => command.type === 'open_chat').slice(-2);
    expect(opened()).toMatchObject([{ conversation }]);
    act(() => void core.receives(kMira, 'just us'));
    await user.click(screen.getByRole('link', { name: /^Mira/u }));
    expect(opened()).toMatchObject([{}, { conversation: kMira + kMira }]);
    expect(opened()[0]).not.toHaveProperty('conversation');
  });
});
