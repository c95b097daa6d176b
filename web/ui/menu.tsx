import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { FocusEvent, KeyboardEvent } from 'react';
import { createPortal } from 'react-dom';
import { IconButton } from './controls';
import { MoreIcon } from './icons';
import { useTabIndex } from './tab_stop';
import './menu.css';

export interface MenuItem {
  label: string;
  danger?: boolean;
  onPick: () => void;
}

interface Place {
  left?: number;
  right?: number;
  top?: number;
  bottom?: number;
}

const kItemHeight = 40;
const kWidth = 200; // at least
const kEdges = 24;

// What can be done with something, behind three dots. Drawn over the page, where nothing that scrolls cuts it off: so it goes when
// its button moves, and stays when something else does.
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const opened = useRef({ left: 0, top: 0 });
  const [place, setPlace] = useState<Place | null>(null);
  const open = place !== null;
  const tabIndex = useTabIndex();

  function close() {
    setPlace(null);
    button.current?.focus();
  }

  function show() {
    const at = button.current?.getBoundingClientRect() ?? new DOMRect();
    const below = window.innerHeight - at.bottom > items.length * kItemHeight + kEdges;
    opened.current = { left: at.left, top: at.top };
    const pageWidth = document.documentElement.clientWidth;
    // Its right edge under the button's, where there is room for it on that side.
    const across =
      at.right >= kWidth + kEdges
        ? { right: pageWidth - at.right }
        : { left: Math.max(0, Math.min(at.left, pageWidth - kWidth - kEdges)) };
    setPlace(below ? { ...across, top: at.bottom } : { ...across, bottom: window.innerHeight - at.top });
  }

  const buttons = () => [...(list.current?.querySelectorAll('button') ?? [])];

  const begin = useEffectEvent(() => buttons()[0]?.focus({ preventScroll: true }));
  const follow = useEffectEvent(() => {
    const at = button.current?.getBoundingClientRect() ?? new DOMRect();
    if (at.left === opened.current.left && at.top === opened.current.top) return;
    setPlace(null);
    button.current?.focus({ preventScroll: true });
  });
  useEffect(() => {
    if (!open) return undefined;
    begin();
    const moved = () => follow();
    window.addEventListener('scroll', moved, true);
    window.addEventListener('resize', moved);
    return () => {
      window.removeEventListener('scroll', moved, true);
      window.removeEventListener('resize', moved);
    };
  }, [open]);

  function onKey(event: KeyboardEvent) {
    const all = buttons();
    const at = all.findIndex((each) => each === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all.at(to % all.length)?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  }

  function onBlur(event: FocusEvent) {
    const next = event.relatedTarget;
    if (next !== button.current && !(next instanceof Node && list.current?.contains(next))) setPlace(null);
  }

  return (
    <>
      <IconButton
        ref={button}
        label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        tabIndex={tabIndex}
        onClick={() => (open ? close() : show())}
      >
        <MoreIcon size={20} />
      </IconButton>
      {open &&
        createPortal(
          <div
            ref={list}
            className="menu"
            role="menu"
            aria-label={label}
            style={place}
            onKeyDown={onKey}
            onBlur={onBlur}
          >
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                className="menu-item"
                data-danger={item.danger === true}
                tabIndex={-1}
                onClick={() => {
                  close();
                  item.onPick();
                }}
              >
                {item.label}
              </button>
            ))}
          </div>,
          document.body,
        )}
    </>
  );
}
