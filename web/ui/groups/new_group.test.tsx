import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kMe } from '../../test-support/fake_core';
import { kBo, kJun, kMira, press, setUp } from '../../test-support/render_app';

async function open() {
  const all = setUp();
  all.core.ready();
  act(() => {
    all.core.receives(kBo, 'one', 1000);
    all.core.receives(kMira, 'two', 2000);
    all.core.start();
  });
  await all.user.keyboard('n');
  await all.user.click(await screen.findByRole('link', { name: 'New group' }));
  const field = await screen.findByLabelText<HTMLInputElement>('Name, phone number or e-mail');
  const created = () => all.core.commands.filter((command) => command.type === 'create_group');
  return { ...all, field, created };
}

const chosen = () => screen.queryAllByRole('button', { name: /^Take out/u }).map((chip) => chip.textContent);
const offered = () => screen.queryAllByRole('checkbox').map((box) => box.closest('label')?.textContent);

describe('choosing people', () => {
  it('begins in the field, and shows everybody one knows', async () => {
    const { field } = await open();
    expect(document.activeElement).toBe(field);
    expect(offered()).toEqual(['Bo Lindqvist+46701740605', 'Mira+447700900123']);
  });

  it('offers nobody whom one only met in a group, though they are named there', async () => {
    const { core, user, field } = await open();
    const met = 'd4'.repeat(16);
    core.knows({ user: met, name: 'Zora' });
    let conversation = '';
    act(() => {
      conversation = core.groups.found({ name: 'Boat', by: kBo, members: [kMe, met] });
      core.receivesIn(conversation, met, 'ahoy');
    });
    expect(offered()).toEqual(['Bo Lindqvist+46701740605', 'Mira+447700900123']);
    await user.type(field, 'zora');
    expect(screen.getByText(/^Nobody you know is called “zora”/u)).toBeDefined();
    await user.keyboard('{Escape}{Escape}');
    const heading = await screen.findByRole('heading', { name: 'People you know' });
    expect(heading.nextElementSibling?.textContent).not.toContain('Zora');
    await user.keyboard('{Escape}');
    expect((await screen.findByRole('link', { name: /^Boat/u })).textContent).toMatch(/Zora: ahoy/u);
  });

  it('is done by the keyboard alone', async () => {
    const { user } = await open();
    await user.keyboard('lind{Enter}');
    expect(chosen()).toEqual(['Bo Lindqvist']);
    await user.keyboard('{ArrowDown}{ArrowDown} ');
    expect(chosen()).toEqual(['Bo Lindqvist', 'Mira']);
    await user.keyboard('{ArrowUp}{ArrowUp}{Backspace}');
    expect(chosen()).toEqual(['Bo Lindqvist']);
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('heading', { name: 'Name the group' })).toBeDefined();
  });

  it('finds by number or e-mail whom one does not know yet', async () => {
    const { user, field } = await open();
    await user.type(field, 'jun@example.org');
    await user.click(await press('Find jun@example.org'));
    expect(await screen.findByRole('button', { name: 'Take out Jun Mori' })).toBeDefined();
    expect(field.value).toBe('');
    expect(document.activeElement).toBe(field);
  });

  it('says it when nobody uses a number, and when a name is nobody’s', async () => {
    const { user, field } = await open();
    await user.type(field, '+449999999{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('Nobody on this server uses +449999999.');
    await user.clear(field);
    expect(screen.queryByRole('alert')).toBeNull();
    await user.type(field, 'Zarathustra{Enter}');
    expect(screen.getByText(/^Nobody you know is called “Zarathustra”/u)).toBeDefined();
  });

  it('takes somebody out again by their chip', async () => {
    const { user, field } = await open();
    await user.click(screen.getByRole('checkbox', { name: /Mira/u }));
    await user.click(await press('Take out Mira'));
    expect(chosen()).toEqual([]);
    expect(screen.getByRole<HTMLInputElement>('checkbox', { name: /Mira/u }).checked).toBe(false);
    expect(document.activeElement).toBe(field);
  });

  it('may be left for later: a group begins with oneself alone', async () => {
    const { user, created } = await open();
    expect(screen.getByText(/^You can add people later/u)).toBeDefined();
    await user.click(await press('Next'));
    expect(await screen.findByRole('heading', { name: 'Name the group' })).toBeDefined();
    expect(screen.getByText(/^You can add people later/u)).toBeDefined();
    await user.type(screen.getByLabelText('Name'), 'Boat');
    await user.click(await press('Create'));
    expect(created()).toMatchObject([{ name: 'Boat', members: [] }]);
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
  });
});

describe('creating a group', () => {
  async function name() {
    const all = await open();
    for (const who of [/Bo/u, /Mira/u]) await all.user.click(screen.getByRole('checkbox', { name: who }));
    await all.user.click(await press('Next'));
    return all;
  }

  it('opens the chat that it made', async () => {
    const { user, created } = await name();
    expect(screen.getByText('With Bo Lindqvist and Mira')).toBeDefined();
    await user.keyboard('  Boat {Enter}');
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
    expect(created()).toMatchObject([{ name: 'Boat', members: [kBo, kMira] }]);
    expect(created()[0]).not.toHaveProperty('description');
    const log = within(screen.getByRole('log', { name: 'Messages in Boat' }));
    expect(await log.findByText('You created the group')).toBeDefined();
    expect(log.getByText('You added Bo Lindqvist and Mira')).toBeDefined();
  });

  it('takes a description along', async () => {
    const { user, created } = await name();
    await user.type(screen.getByLabelText('Name'), 'Boat');
    await user.type(screen.getByLabelText(/^Description/u), 'Sails and ropes');
    await user.click(await press('Create'));
    await screen.findByLabelText('Message to Boat');
    expect(created()).toMatchObject([{ description: 'Sails and ropes' }]);
  });

  it('needs a name, of a hundred characters at most', async () => {
    const { user, created } = await name();
    const field = screen.getByLabelText<HTMLInputElement>('Name');
    await user.type(field, '   {Enter}');
    await user.click(await press('Create'));
    expect(created()).toEqual([]);
    await user.type(field, 'x'.repeat(120));
    expect(field.value).toHaveLength(100);
  });

  it('says in words why it did not work, and keeps what was entered', async () => {
    const { core, user } = await name();
    core.failures.set('create_group', { error: 'group_full', message: 'x' });
    await user.type(screen.getByLabelText('Name'), 'Boat{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe(
      'The group is full: this server allows no more members.',
    );
    await user.click(await press('Create'));
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
  });

  it('goes back to the people with those who were chosen', async () => {
    const { user } = await name();
    await user.type(screen.getByLabelText('Name'), 'Boat');
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('heading', { name: 'New group' })).toBeDefined();
    expect(chosen()).toEqual(['Bo Lindqvist', 'Mira']);
    await user.click(await press('Next'));
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Boat');
  });

  it('goes back from the people to "New chat"', async () => {
    const { user } = await open();
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('heading', { name: 'New chat' })).toBeDefined();
  });
});

describe('a group that somebody was found for', () => {
  it('has them in it', async () => {
    const { user, field, created } = await open();
    await user.type(field, 'jun@example.org{Enter}');
    await screen.findByRole('button', { name: 'Take out Jun Mori' });
    await user.click(await press('Next'));
    await user.keyboard('Boat{Enter}');
    await screen.findByLabelText('Message to Boat');
    expect(created()).toMatchObject([{ members: [kJun] }]);
  });
});
