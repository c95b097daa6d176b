import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { Menu } from './menu';

function open() {
  const picked = vi.fn();
  const items = ['One', 'Two', 'Three'].map((label) => ({ label, onPick: () => void picked(label) }));
  render(<Menu label="More" items={items} />);
  const user = userEvent.setup();
  return { user, picked, button: screen.getByRole('button', { name: 'More' }) };
}

const focused = () => document.activeElement?.textContent;

describe('a menu', () => {
  it('is walked through by the arrow keys, round and round', async () => {
    const { user, picked, button } = open();
    await user.click(button);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    expect(focused()).toBe('One');
    await user.keyboard('{ArrowUp}');
    expect(focused()).toBe('Three');
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(focused()).toBe('Two');
    await user.keyboard('{Enter}');
    expect(picked.mock.calls).toEqual([['Two']]);
    expect(screen.queryByRole('menu')).toBeNull();
  });

  it('gives the focus back when it is closed by Escape, which then does nothing else', async () => {
    const { user, button } = open();
    const escapes = vi.fn((event: KeyboardEvent) => event.defaultPrevented);
    window.addEventListener('keydown', escapes);
    await user.click(button);
    await user.keyboard('{Escape}');
    window.removeEventListener('keydown', escapes);
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button);
    expect(escapes).toHaveReturnedWith(true);
  });

  it('stays within the page, wherever its button is', async () => {
    const { user, button } = open();
    vi.spyOn(document.documentElement, 'clientWidth', 'get').mockReturnValue(1024);
    const at = (left: number) => (button.getBoundingClientRect = () => new DOMRect(left, 100, 36, 36));
    at(24);
    await user.click(button);
    expect(screen.getByRole('menu').style.left).toBe('24px');
    expect(screen.getByRole('menu').style.right).toBe('');
    await user.click(button);
    at(600);
    await user.click(button);
    expect(screen.getByRole('menu').style.left).toBe('');
  });

  it('closes when its button is pressed again', async () => {
    const { user, button } = open();
    await user.click(button);
    await user.click(button);
    expect(screen.queryByRole('menu')).toBeNull();
  });

  it('stays while something else scrolls, and closes when its button moves away, which has the focus then', async () => {
    const { user, button } = open();
    const at = vi.spyOn(button, 'getBoundingClientRect').mockReturnValue(new DOMRect(300, 200, 40, 40));
    await user.click(button);
    fireEvent.scroll(document.body);
    expect(screen.queryByRole('menu')).not.toBeNull();
    at.mockReturnValue(new DOMRect(300, 150, 40, 40));
    fireEvent.scroll(document.body);
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button);
  });
});
