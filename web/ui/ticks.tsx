import type { Message } from '../../schema/core';

type State = Message['state'];

const kWords: Record<State, string> = {
  pending: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
  received: '',
};

const kShapes: Record<Exclude<State, 'received'>, string> = {
  pending: 'M9 3.2a5.3 5.3 0 1 0 0 10.6 5.3 5.3 0 0 0 0-10.6zM9 5.7v3l2 1.3',
  sent: 'M4.5 9l3 3 6-7',
  delivered: 'M1.5 9l3 3 6-7M8 11.5l.5.5 6-7',
  read: 'M1.5 9l3 3 6-7M8 11.5l.5.5 6-7',
  failed: 'M9 3.2a5.3 5.3 0 1 0 0 10.6 5.3 5.3 0 0 0 0-10.6zM9 5.8v3.3M9 11.2v.01',
};

export function tickWords(state: State): string {
  return kWords[state].toLowerCase();
}

// Where an own message is on its way: clock, one, two, two in accent. Not spoken where the words around it say it.
export function Ticks({ state, spoken = true }: { state: State; spoken?: boolean }) {
  if (state === 'received') return null;
  const voice = spoken ? { role: 'img', 'aria-label': kWords[state] } : { 'aria-hidden': true };
  return (
    <span className="ticks" title={kWords[state]} data-state={state} {...voice}>
      <svg className={`tick tick-${state}`} width="16" height="16" viewBox="0 0 16 17" aria-hidden="true">
        <path d={kShapes[state]} />
      </svg>
    </span>
  );
}
