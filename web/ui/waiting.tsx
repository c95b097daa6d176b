import { Mark } from './mark';
import { useHeldFor } from './use_clock';
import './whole_page.css';

// Before the core has said anything. Nothing shows for the first 300 ms: mostly it is there by then.
export function Waiting() {
  const slow = useHeldFor(true, 300);
  return (
    <main className="whole-page" aria-busy="true">
      {slow && (
        <>
          <Mark size={48} />
          <p className="secondary" role="status">
            Opening Kith…
          </p>
        </>
      )}
    </main>
  );
}
