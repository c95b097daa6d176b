// A list that is read from its end: it keeps to the end while the reader is there, and otherwise keeps the row that the reader
// looks at where it is, whatever grows or shrinks above and below. The browser's own anchoring is off (CSS): it is not everywhere.

// This close to the end counts as there.
const kNear = 24;

export class ScrollAnchor {
  private list_: HTMLElement | null = null;
  private atEnd_ = true;
  private height_ = 0;
  private row_: HTMLElement | null = null;
  private top_ = 0;

  get atEnd(): boolean {
    return this.atEnd_;
  }

  // Rows carry `data-row`. Sizes may change without a drawing: the window, the composer, a font that arrives. `onHeld` is called
  // after each of those.
  attach(list: HTMLElement, content: HTMLElement, onHeld: () => void): () => void {
    this.list_ = list;
    this.height_ = list.clientHeight;
    const observer = new ResizeObserver(() => {
      if (isHidden(list)) return;
      this.hold();
      if (isNearEnd(list)) this.atEnd_ = true;
      onHeld();
    });
    observer.observe(list);
    observer.observe(content);
    return () => {
      observer.disconnect();
      this.list_ = null;
    };
  }

  // After the reader has scrolled.
  remember(): void {
    const list = this.list_;
    if (list === null) return;
    // A scroll at another height than before is the browser's, which tells the observer of the height only later.
    if (this.atEnd_ && list.clientHeight !== this.height_) {
      this.hold();
      return;
    }
    this.atEnd_ = isNearEnd(list);
    this.row_ = this.atEnd_ ? null : firstVisible(list);
    this.top_ = this.row_?.getBoundingClientRect().top ?? 0;
  }

  // After a drawing, before it is seen.
  hold(): void {
    const list = this.list_;
    if (list === null || isHidden(list)) return;
    this.height_ = list.clientHeight;
    if (this.atEnd_) list.scrollTop = list.scrollHeight;
    else if (this.row_?.isConnected === true)
      list.scrollTop += this.row_.getBoundingClientRect().top - this.top_;
  }

  toEnd(): void {
    this.atEnd_ = true;
    this.hold();
  }
}

// Behind another pane, on a narrow screen: nothing there has a size or a place.
function isHidden(list: HTMLElement): boolean {
  return list.clientHeight === 0;
}

function isNearEnd(list: HTMLElement): boolean {
  return list.scrollHeight - list.scrollTop - list.clientHeight <= kNear;
}

// Rows are in order, so the first one whose lower edge shows is found by halving.
function firstVisible(list: HTMLElement): HTMLElement | null {
  const rows = list.querySelectorAll<HTMLElement>('[data-row]');
  const edge = list.getBoundingClientRect().top;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && row.getBoundingClientRect().bottom <= edge) low = middle + 1;
    else high = middle;
  }
  return rows[low] ?? null;
}
