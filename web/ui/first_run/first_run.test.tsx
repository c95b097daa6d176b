import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kKey } from '../../test-support/fake_core';
import { press, setUp } from '../../test-support/render_app';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the number screen', () => {
  it('says which country it assumes even when the number is wrong', async () => {
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['de-DE']);
    const { core, user } = setUp();
    act(() => core.start());
    await user.type(screen.getByLabelText('Phone number or e-mail'), 'Ada');
    await user.click(await press('Send code'));
    expect(screen.getByRole('alert').textContent).toContain('country code');
    expect(screen.getByText(/taken to be from Germany/u)).toBeDefined();
  });

  it('counts down to when it may be tried again', async () => {
    vi.useFakeTimers();
    const { core } = setUp();
    act(() => core.start());
    core.failures.set('register', { error: 'rate_limited', message: 'x', retry_after_ms: 15_000 });
    const field = screen.getByLabelText('Phone number or e-mail');
    fireEvent.change(field, { target: { value: '+447700900001' } });
    fireEvent.click(screen.getByRole('button', { name: 'Send code' }));
    const saidAfter = async (ms: number) => {
      await act(() => vi.advanceTimersByTimeAsync(ms));
      return screen.getByRole('alert').textContent;
    };
    expect(await saidAfter(1)).toBe('That was a bit too often. Try again in 15 seconds.');
    expect(await saidAfter(5_000)).toBe('That was a bit too often. Try again in 10 seconds.');
    expect(await saidAfter(11_000)).toBe('That was a bit too often. You can try again now.');
  });
});

describe('the code screen', () => {
  it('says where the code is on a server that sends none', () => {
    const { core } = setUp();
    core.account = { stage: 'code', address: '+447700900001' };
    act(() => core.start());
    expect(screen.getByText(/^No message\?/u).textContent).toContain('in its log');
  });

  it.each([
    ['+447700900001', 'Change number'],
    ['ada@example.org', 'Change e-mail'],
  ])('offers to change %s', async (address, name) => {
    const { core, user } = setUp();
    core.account = { stage: 'code', address };
    act(() => core.start());
    await user.click(await press(name));
    expect(screen.getByLabelText<HTMLInputElement>('Phone number or e-mail').value).toBe(address);
  });
});

describe('the recovery key', () => {
  function show() {
    const all = setUp();
    all.core.account = { stage: 'recovery_key', recovery_key: kKey };
    act(() => all.core.start());
    return all;
  }

  it('is printed with the numbers of its groups', () => {
    show();
    const sheet = within(document.querySelector<HTMLElement>('.key-sheet') ?? document.body);
    const lines = sheet.getAllByRole('listitem', { hidden: true }).map((line) => line.textContent);
    expect(lines).toEqual(kKey.map((group, index) => `Group ${index + 1}: ${group}`));
  });

  it('marks the fields of wrong groups until they are typed anew', async () => {
    const { user } = show();
    await user.click(await press('I’ve saved it'));
    const fields = screen.getAllByLabelText(/^Group/u);
    for (const field of fields) await user.type(field, 'AAAA');
    await user.click(await press('Continue'));
    const { id } = await screen.findByRole('alert');
    const marks = () => fields.map((field) => field.getAttribute('aria-invalid'));
    expect(marks()).toEqual(['true', 'true']);
    expect(fields.every((field) => field.getAttribute('aria-describedby') === id)).toBe(true);
    for (const field of fields.slice(0, 1)) await user.type(field, '{Backspace}');
    expect(marks()).toEqual(['false', 'false']);
  });
});
