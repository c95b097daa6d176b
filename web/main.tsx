import '@fontsource-variable/inter/wght.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { StoreContext } from './store/hooks';
import { Store } from './store/store';
import { startWorker } from './store/worker_port';
import { App } from './ui/app';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

createRoot(root).render(
  <StrictMode>
    <StoreContext value={new Store(startWorker())}>
      <App />
    </StoreContext>
  </StrictMode>,
);

// Opens without a network from the second time on. Where there is none (an insecure address), the client says so itself.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  void navigator.serviceWorker.register('/service_worker.js').catch(() => undefined);
}
