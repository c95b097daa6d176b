import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

// Tests of workers run without a page.
if (typeof window !== 'undefined') preparePage();

// What jsdom lacks and components use.
function preparePage(): void {
  Object.defineProperty(window, 'matchMedia', {
    value: (query: string) => ({ matches: false, media: query }),
  });
  window.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
  // Nothing is laid out: whatever is in the page counts as showing.
  Element.prototype.getClientRects = () => [new DOMRect()] as unknown as DOMRectList;
  afterEach(() => {
    cleanup();
    window.sessionStorage.clear();
    window.localStorage.clear();
    window.history.replaceState(null, '', '/');
  });
}
