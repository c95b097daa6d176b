import { useEffect, useRef } from 'react';
import type { MouseEvent } from 'react';
import { IconButton } from '../controls';
import { CloseIcon } from '../icons';

const kCommand = /Mac|iPhone|iPad/u.test(navigator.userAgent) ? '⌘' : 'Ctrl';

const kShortcuts: readonly (readonly [string, readonly string[]])[] = [
  ['Find a chat', [kCommand, 'K']],
  ['New chat', ['N']],
  ['Previous chat', ['Alt', '↑']],
  ['Next chat', ['Alt', '↓']],
  ['Back', ['Esc']],
  ['Send', ['Enter']],
  ['New line', ['Shift', 'Enter']],
  ['This list', ['?']],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  // All of the dialog is covered by what is in it: a click on itself is one beside it.
  function onClick(event: MouseEvent) {
    if (event.target === dialog.current) dialog.current.close();
  }

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="shortcuts-title"
      onClose={onClose}
      onClick={onClick}
    >
      <div className="dialog-body">
        <div className="dialog-head">
          <h2 id="shortcuts-title">Keyboard</h2>
          <IconButton label="Close" keys="Esc" onClick={() => dialog.current?.close()}>
            <CloseIcon size={20} />
          </IconButton>
        </div>
        <dl className="shortcuts">
          {kShortcuts.map(([what, keys]) => (
            <div key={what} className="shortcut">
              <dt>{what}</dt>
              <dd>
                {keys.map((key) => (
                  <kbd key={key} className="key">
                    {key}
                  </kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}
