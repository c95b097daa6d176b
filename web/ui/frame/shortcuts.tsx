import { Dialog } from '../dialog';

const kCommand = /Mac|iPhone|iPad/u.test(navigator.userAgent) ? '⌘' : 'Ctrl';

const kShortcuts: readonly (readonly [string, readonly string[]])[] = [
  ['Find a chat', [kCommand, 'K']],
  ['New chat', ['N']],
  ['Previous chat', ['Alt', '↑']],
  ['Next chat', ['Alt', '↓']],
  ['About this chat', [kCommand, 'I']],
  ['Back', ['Esc']],
  ['Send', ['Enter']],
  ['New line', ['Shift', 'Enter']],
  ['Reply to an earlier message', [kCommand, '↑']],
  ['Reply to a later message, or to none', [kCommand, '↓']],
  ['Through the messages', ['↑', '↓', 'Home', 'End']],
  ['Menu of a message', ['Enter']],
  ['Mention somebody in a group', ['@']],
  ['This list', ['?']],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" closable onClose={onClose}>
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
    </Dialog>
  );
}
