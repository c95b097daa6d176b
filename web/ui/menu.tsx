import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState } from 'react';
import type { FocusEvent, KeyboardEvent, Ref } from 'react';
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

// Opens a menu elsewhere than at its button: where the pointer is.
export interface MenuHandle {
  openAt(left: number, top: number): void;
}

interface Props {
  label: string;
  items: readonly MenuItem[];
  handle?: Ref<MenuHandle>;
}

// What can be done with something, behind three dots. Drawn over the page, where nothing that scrolls cuts it off: so it goes when
// its button moves, and stays when something else does. Whatever had the focus has it again afterwards.
export function Menu({ label, items, handle }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const opened = useRef({ left: 0, top: 0 });
  const opener = useRef<HTMLElement | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const open = place !== null;
  const tabIndex = useTabIndex();

  function leave() {
    setPlace(null);
    (opener.current ?? button.current)?.focus({ preventScroll: true });
  }

  const buttonPlace = () => button.current?.getBoundingClientRect() ?? new DOMRect();

  function show(at: DOMRect) {
    const below = window.innerHeight - at.bottom > items.length * kItemHeight + kEdges;
    const { left, top } = buttonPlace();
    opened.current = { left, top };
    const pageWidth = document.documentElement.clientWidth;
    // Its right edge under the button's, where there is room for it on that side; from where the pointer is to the right.
    const across =
      at.width > 0 && at.right >= kWidth + kEdges
        ? { right: pageWidth - at.right }
        : { left: Math.max(0, Math.min(at.left, pageWidth - kWidth - kEdges)) };
    setPlace(below ? { ...across, top: at.bottom } : { ...across, bottom: window.innerHeight - at.top });
  }

  useImperativeHandle(handle, () => ({
    openAt: (left, top) => {
      const active = document.activeElement;
      opener.current = active instanceof HTMLElement && active !== document.body ? active : null;
      show(new DOMRect(left, top, 0, 0));
    },
  }));

  const buttons = () => [...(list.current?.querySelectorAll('button') ?? [])];

  const begin = useEffectEvent(() => buttons()[0]?.focus({ preventScroll: true }));
  const follow = useEffectEvent(() => {
    const at = buttonPlace();
    if (at.left !== opened.current.left || at.top !== opened.current.top) leave();
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
      leave();
    }
  }

  function press() {
    opener.current = null;
    if (open) leave();
    else show(buttonPlace());
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
        onClick={press}
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
                  leave();
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
