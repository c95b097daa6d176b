import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kMe } from '../../test-support/fake_core';
import { kBo, kMira, setUp } from '../../test-support/render_app';

// A group of the user, Bo and Mira.
async function open() {
  const all = setUp();
  const { core, user } = all;
  core.ready();
  const conversation = core.groups.found({ name: 'Boat', by: kBo, members: [kMe, kBo, kMira] });
  act(() => core.start());
  await user.click(screen.getByRole('link', { name: /^Boat/u }));
  const composer = await screen.findByLabelText<HTMLTextAreaElement>('Message to Boat');
  const says = (who: string, text: string, more = {}) =>
    act(() => Promise.resolve(core.receivesIn(conversation, who, text, undefined, more)));
  const sent = () => core.commands.filter((command) => command.type === 'send');
  return { ...all, conversation, composer, says, sent };
}

const log = () => within(screen.getByRole('log'));
const bar = () => screen.queryByRole('group', { name: 'Reply' });
const row = (text: string) => log().getByText(text).closest<HTMLElement>('.message');

async function reply(user: Awaited<ReturnType<typeof open>>['user'], text: string) {
  const message = row(text);
  if (message === null) throw new Error(`There is no ${text}.`);
  await user.click(within(message).getByRole('button', { name: 'More about this message' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Reply' }));
}

describe('a reply', () => {
  it('is begun in a message’s menu, shows what it answers, and is sent with it', async () => {
    const { user, composer, says, sent } = await open();
    const question = await says(kBo, 'Shall we?');
    await log().findByText('Shall we?');
    await reply(user, 'Shall we?');
    expect(bar()?.textContent).toBe('Reply to Bo LindqvistShall we?');
    await waitFor(() => expect(document.activeElement).toBe(composer));
    await user.type(composer, 'Yes{Enter}');
    expect(sent()).toMatchObject([{ text: 'Yes', reply_to: question.id }]);
    expect(bar()).toBeNull();
    const quote = (await log().findByText('Yes')).closest('.bubble')?.querySelector('.quote');
    expect(quote?.textContent).toBe('Bo LindqvistShall we?');
    // The next one answers nothing.
    await user.type(composer, 'So{Enter}');
    expect(sent()[1]).not.toHaveProperty('reply_to');
  });

  it('is put away by Esc, which leads nowhere else', async () => {
    const { user, says, composer } = await open();
    await says(kBo, 'Shall we?');
    await log().findByText('Shall we?');
    await reply(user, 'Shall we?');
    await user.keyboard('{Escape}');
    expect(bar()).toBeNull();
    expect(screen.getByLabelText('Message to Boat')).toBe(composer);
  });

  it('is chosen by keys, one message after the other', async () => {
    const { user, says, composer } = await open();
    await says(kBo, 'one');
    await says(kMira, 'two');
    await log().findByText('two');
    composer.focus();
    await user.keyboard('{Control>}{ArrowUp}{/Control}');
    expect(bar()?.textContent).toContain('two');
    await user.keyboard('{Control>}{ArrowUp}{ArrowUp}{/Control}');
    expect(bar()?.textContent).toContain('one');
    await user.keyboard('{Control>}{ArrowDown}{ArrowDown}{/Control}');
    expect(bar()).toBeNull();
  });

  it('is kept with what was begun when the chat is left', async () => {
    const { user, says, composer } = await open();
    await says(kBo, 'Shall we?');
    await log().findByText('Shall we?');
    await reply(user, 'Shall we?');
    await user.type(composer, 'Yes');
    act(() => {
      window.location.hash = '#/';
    });
    await waitFor(() => expect(screen.queryByLabelText('Message to Boat')).toBeNull());
    await user.click(screen.getByRole('link', { name: /^Boat/u }));
    expect((await screen.findByLabelText<HTMLTextAreaElement>('Message to Boat')).value).toBe('Yes');
    expect(bar()?.textContent).toContain('Shall we?');
  });

  it('comes back with its text where it was refused', async () => {
    const { core, user, says, composer } = await open();
    await says(kBo, 'Shall we?');
    await log().findByText('Shall we?');
    await reply(user, 'Shall we?');
    core.failures.set('send', { error: 'not_found', message: 'x' });
    await user.type(composer, 'Yes{Enter}');
    await screen.findByRole('alert');
    expect(composer.value).toBe('Yes');
    expect(bar()).not.toBeNull();
  });

  it('leads to its original where that is loaded, and says whose word a quote is where it is not', async () => {
    const { user, says } = await open();
    const question = await says(kBo, 'Shall we?');
    const known = { message: question.id, sender: kBo, text: 'Shall we?', known: true };
    await says(kMira, 'Yes', { reply: known });
    await says(kMira, 'He said so', {
      reply: { ...known, message: 'f'.repeat(32), text: 'Never', known: false },
    });
    await log().findByText('He said so');
    await user.click(within(row('Yes') ?? document.body).getByTitle('To this message'));
    expect(document.activeElement).toBe(log().getAllByText('Shall we?')[0]?.closest('.message'));
    const elsewhere = row('He said so')?.querySelector('.quote');
    expect(elsewhere?.tagName).toBe('DIV');
    expect(elsewhere?.textContent).toBe('Bo LindqvistQuoted by MiraNever');
  });
});

describe('mentions', () => {
  it('are picked from the members by keys, and sent with their places', async () => {
    const { user, composer, sent } = await open();
    await user.type(composer, 'hi @');
    const options = () => screen.getAllByRole('option').map((option) => option.textContent);
    expect(options()).toEqual(['Bo Lindqvist', 'Mira']);
    await user.keyboard('{ArrowDown}');
    expect(composer.getAttribute('aria-activedescendant')).toBe(screen.getAllByRole('option')[1]?.id);
    await user.keyboard('{Enter}');
    expect(composer.value).toBe('hi @Mira ');
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.type(composer, 'and @lind{Tab}?{Enter}');
    expect(sent()).toMatchObject([
      {
        text: 'hi @Mira and @Bo Lindqvist ?',
        mentions: [
          { user: kMira, start: 3, length: 5 },
          { user: kBo, start: 13, length: 13 },
        ],
      },
    ]);
  });

  it('are not offered once the list was put away, until the next "@"', async () => {
    const { user, composer } = await open();
    await user.type(composer, '@');
    expect(screen.getByRole('listbox')).toBeDefined();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.type(composer, 'm');
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.type(composer, ' @');
    expect(screen.getByRole('listbox')).toBeDefined();
  });

  it('are shown by the name that people have now, and apart from other text', async () => {
    const { core, says } = await open();
    await says(kBo, 'ask @mirror or @you', {
      mentions: [
        { user: kMira, start: 4, length: 7 },
        { user: kMe, start: 15, length: 4 },
      ],
      mentions_me: true,
    });
    await log().findByText('@Mira');
    const shown = () => [...document.querySelectorAll('.mention')].map((each) => each.textContent);
    expect(shown()).toEqual(['@Mira', '@Ada Lovelace']);
    act(() => core.show({ type: 'contact', contact: { user: kMira, name: 'Mira M.' } }));
    expect(shown()[0]).toBe('@Mira M.');
    expect(document.querySelectorAll('.mention[data-mine="true"]')).toHaveLength(1);
  });

  it('are for groups: with one person an "@" is an "@"', async () => {
    const { core, user } = await open();
    act(() => void core.receives(kMira, 'just us'));
    await user.click(screen.getByRole('link', { name: /^Mira/u }));
    const composer = await screen.findByLabelText('Message to Mira');
    fireEvent.change(composer, { target: { value: '@' } });
    expect(screen.queryByRole('listbox')).toBeNull();
  });
});
