import { useId } from 'react';
import type { Chat, NotificationLevel } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { useCommand } from '../use_command';
import { useClock } from '../use_clock';
import { BrowserPermission } from './browser_permission';
import { kMuteTimes, mutedWords, untilOf } from './mute';
import '../panel.css';

const kLevels: readonly (readonly [NotificationLevel, string])[] = [
  ['all', 'All messages'],
  ['mentions', 'Only mentions'],
  ['none', 'Nothing'],
];

// Of which messages of a chat its reader is told, and for how long of none.
export function AlertSettings({ chat }: { chat: Chat }) {
  const store = useStore();
  const { busy, error, attempt } = useCommand();
  const now = useClock(60_000);
  const { conversation, kind, notifications } = chat;
  const ids = useId();
  // With one person there is nobody else to be mentioned among.
  const levels = kLevels.filter(
    ([level]) => kind === 'group' || level !== 'mentions' || notifications === level,
  );

  function mute(choice: string) {
    const time = kMuteTimes.find((each) => each.name === choice);
    if (time === undefined) return;
    const until_ms = untilOf(time, Date.now());
    void attempt(() => store.run({ type: 'mute', conversation, until_ms }));
  }

  return (
    <section className="info-part">
      <h3 className="list-heading">Notifications</h3>
      {error !== undefined && (
        <p className="field-error info-error" role="alert">
          {error}
        </p>
      )}
      <div className="rule">
        <label htmlFor={`${ids}level`}>Tell me of</label>
        <select
          id={`${ids}level`}
          className="rule-choice"
          value={notifications}
          aria-disabled={busy}
          onChange={(event) => {
            const level = event.target.value as NotificationLevel;
            void attempt(() => store.run({ type: 'set_notifications', conversation, level }));
          }}
        >
          {levels.map(([level, words]) => (
            <option key={level} value={level}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <div className="rule">
        <label htmlFor={`${ids}mute`}>Mute</label>
        <select
          id={`${ids}mute`}
          className="rule-choice"
          value={chat.muted ? 'now' : 'off'}
          aria-disabled={busy}
          onChange={(event) => mute(event.target.value)}
        >
          {chat.muted && <option value="now">{mutedWords(chat, now)}</option>}
          {kMuteTimes.map(({ name, words }) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <BrowserPermission />
    </section>
  );
}
