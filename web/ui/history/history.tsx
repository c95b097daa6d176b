import { useId, useState } from 'react';
import { useSelect, useStore } from '../../store/hooks';
import { Confirm } from '../dialog';
import { PaneHeader } from '../frame/pane_header';
import { useCommand } from '../use_command';
import { ExportEntry } from './export_entry';
import { HistoryLine } from './history_line';
import './history.css';

// Whether what was said follows its user to other devices, at which price, and the way out of Kith with all of it.
export function History() {
  const isOn = useSelect((state) => state.archive);
  return (
    <div className="pane">
      <PaneHeader title="History" back={{ at: 'you' }} />
      <HistoryLine />
      <div className="pane-body">
        {isOn !== null && <ArchiveSwitch isOn={isOn} />}
        <ExportEntry />
      </div>
    </div>
  );
}

function ArchiveSwitch({ isOn }: { isOn: boolean }) {
  const store = useStore();
  const { busy, error, attempt } = useCommand();
  const [asking, setAsking] = useState(false);
  const id = useId();
  const set = (is_on: boolean) => store.run({ type: 'set_archive', is_on });

  function change() {
    if (busy) return;
    if (isOn) setAsking(true);
    else void attempt(() => set(true));
  }

  return (
    <section className="history-part">
      <div className="history-switch">
        <label htmlFor={id}>Keep my history for my devices</label>
        <input
          id={id}
          className="switch"
          type="checkbox"
          role="switch"
          aria-describedby={`${id}-price`}
          aria-disabled={busy}
          checked={isOn}
          onChange={change}
        />
      </div>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div id={`${id}-price`} className="history-price secondary">
        <p>
          <strong>On:</strong> your new devices get your messages. The server keeps them locked and can’t read
          them. But what was said can be read by whoever gets into one of your devices or has your recovery
          key, also what was said long ago.
        </p>
        <p>
          <strong>Off:</strong> the messages of a device that is lost are gone, and new devices begin empty.
          What is stored at the server is erased.
        </p>
      </div>
      {asking && (
        <Confirm
          title="Turn your history off?"
          text="What the server keeps of your messages is erased, for all your devices. New ones begin empty, and the messages of a device that is lost are gone. What this device has stays here."
          action="Turn off"
          onConfirm={() => set(false)}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
