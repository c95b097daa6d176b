import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScrollAnchor } from './scroll_anchor';

// A list as a browser keeps it: it never scrolls beyond its end.
function listOf(content: number, height: number) {
  let top = 0;
  const sizes = { content, height };
  const list = document.createElement('div');
  const last = () => Math.max(0, sizes.content - sizes.height);
  Object.defineProperties(list, {
    scrollHeight: { get: () => sizes.content },
    clientHeight: { get: () => sizes.height },
    scrollTop: { get: () => Math.min(top, last()), set: (to: number) => (top = Math.min(to, last())) },
  });
  const fromEnd = () => last() - list.scrollTop;
  return { list, sizes, fromEnd };
}

describe('the anchor of a list', () => {
  let observed: (() => void)[] = [];
  const original = window.ResizeObserver;

  beforeEach(() => {
    observed = [];
    window.ResizeObserver = class extends original {
      constructor(callback: ResizeObserverCallback) {
        super(callback);
        observed.push(() => callback([], this));
      }
    };
  });
  afterEach(() => {
    window.ResizeObserver = original;
  });

  function setUp() {
    const all = listOf(2000, 600);
    const anchor = new ScrollAnchor();
    const onHeld = vi.fn();
    anchor.attach(all.list, document.createElement('div'), onHeld);
    anchor.toEnd();
    return { ...all, anchor, onHeld, resized: () => observed.forEach((tell) => tell()) };
  }

  it('keeps to the end when the composer grows, whichever the browser tells of first', () => {
    const { list, sizes, fromEnd, anchor, resized } = setUp();
    list.scrollTop = 1380; // the list was higher for a moment, and the browser corrected it
    sizes.height = 488;
    anchor.remember();
    expect(anchor.atEnd).toBe(true);
    resized();
    expect(fromEnd()).toBe(0);
  });

  it('tells of the end that a higher list has reached without a scroll', () => {
    const { list, sizes, anchor, onHeld, resized } = setUp();
    list.scrollTop = 1340;
    anchor.remember();
    expect(anchor.atEnd).toBe(false);
    sizes.height = 640;
    resized();
    expect(anchor.atEnd).toBe(true);
    expect(onHeld).toHaveBeenCalled();
  });

  it('keeps its reader’s place while another pane hides it', () => {
    const { list, sizes, anchor, resized } = setUp();
    list.scrollTop = 700;
    anchor.remember();
    Object.assign(sizes, { content: 0, height: 0 });
    resized();
    Object.assign(sizes, { content: 2000, height: 600 });
    resized();
    expect(anchor.atEnd).toBe(false);
    expect(list.scrollTop).toBe(700);
  });

  it('lets its reader go', () => {
    const { list, anchor } = setUp();
    list.scrollTop = 700;
    anchor.remember();
    anchor.hold();
    expect(anchor.atEnd).toBe(false);
    expect(list.scrollTop).toBe(700);
  });
});
