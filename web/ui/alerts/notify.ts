export interface Told {
  title: string;
  body: string;
  // The newest of one tag takes the place of the one before.
  tag: string;
  onClick: () => void;
}

// A notification of the browser, where it may show any and the tab is hidden: whoever looks at Kith sees it there.
export function notify({ title, body, tag, onClick }: Told): void {
  if (document.visibilityState !== 'hidden') return;
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    const shown = new Notification(title, { body, tag });
    shown.onclick = () => {
      window.focus();
      onClick();
      shown.close();
    };
  } catch {
    // Some browsers have them in service workers only.
  }
}
