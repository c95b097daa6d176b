import { useState } from 'react';
import { useStore } from '../store/hooks';
import { Button } from './controls';
import { Confirm } from './dialog';
import { Mark } from './mark';
import './whole_page.css';

// The whole page once another device has taken this one from the account: nothing of it is shown any more.
export function Removed() {
  const store = useStore();
  const [asking, setAsking] = useState(false);
  return (
    <main className="whole-page">
      <Mark size={48} />
      <div className="whole-page-words" role="status">
        <h1>This device was removed from your account</h1>
        <p>
          Another of your devices has removed it. It gets no more messages, and what it had can’t be shown. If
          that was not you, look at Devices on another one.
        </p>
      </div>
      <Button onClick={() => setAsking(true)}>Begin again</Button>
      {asking && (
        <Confirm
          title="Delete what is stored here?"
          text="All messages and keys that this device kept of the account go. After that you can link it again, or register."
          action="Delete and begin again"
          onConfirm={() => store.run({ type: 'forget_device' })}
          onClose={() => setAsking(false)}
        />
      )}
    </main>
  );
}
