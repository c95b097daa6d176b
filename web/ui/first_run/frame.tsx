import { useEffect, useEffectEvent, useRef } from 'react';
import type { ReactNode } from 'react';
import { Notices } from '../frame/notices';
import { useHeldLink } from '../join/invite_link';
import { Mark } from '../mark';
import './first_run.css';

interface Props {
  // Of the five to a new account.
  step?: 1 | 2 | 3 | 4 | 5;
  title: string;
  lead: ReactNode;
  children: ReactNode;
  // Also by Escape.
  onBack?: (() => void) | undefined;
  // What is only printed.
  sheet?: ReactNode;
}

// One screen of the first run: where one is, one question, one decision. A new screen's title takes the focus if nothing on it
// asks for it, so that a screen reader starts there.
export function FirstRunFrame({ step, title, lead, children, onBack, sheet }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const invited = useHeldLink() !== null && step === 1;
  useEffect(() => {
    const inside = heading.current?.closest('main')?.contains(document.activeElement) ?? false;
    if (!inside) heading.current?.focus();
  }, [title]);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) onBack?.();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  return (
    <div className="first-run">
      <header className="first-run-brand">
        <Mark size={36} />
        Kith
      </header>
      <main className="first-run-card">
        {step !== undefined && (
          <div className="first-run-steps" role="img" aria-label={`Step ${step} of 5`}>
            {[1, 2, 3, 4, 5].map((each) => (
              <span key={each} className={`first-run-step ${each <= step ? 'first-run-step-done' : ''}`} />
            ))}
          </div>
        )}
        <Notices />
        <div className="first-run-head">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p>{lead}</p>
          {invited && <p>You have an invite link to a group: it is opened when you are here.</p>}
        </div>
        {children}
      </main>
      {sheet}
    </div>
  );
}
