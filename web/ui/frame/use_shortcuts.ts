import { useEffect, useEffectEvent } from 'react';

export interface Shortcuts {
  find: () => void;
  newChat: () => void;
  back: () => void;
  previous: () => void;
  next: () => void;
  info: () => void;
  shortcuts: () => void;
}

export type Shortcut = keyof Shortcuts;

// What a key press means; null: nothing here. Single letters only count where nobody is typing.
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.defaultPrevented || event.isComposing) return null;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') return 'find';
  if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'i') return 'info';
  if (event.altKey && !command && event.key === 'ArrowUp') return 'previous';
  if (event.altKey && !command && event.key === 'ArrowDown') return 'next';
  if (command || event.altKey) return null;
  if (event.key === 'Escape') return 'back';
  if (isTyping(event.target)) return null;
  if (event.key === 'n' || event.key === 'N') return 'newChat';
  return event.key === '?' ? 'shortcuts' : null;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, [contenteditable="true"]') !== null
  );
}

export function useShortcuts(shortcuts: Shortcuts) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    // A dialog has its own keys.
    if (document.querySelector('dialog[open]') !== null) return;
    const shortcut = shortcutOf(event);
    if (shortcut === null) return;
    event.preventDefault();
    shortcuts[shortcut]();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
