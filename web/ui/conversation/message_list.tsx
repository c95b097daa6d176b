import { useCallback, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Chat, Id, Message } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { atEnd as reachesEnd } from '../../store/thread';
import type { Thread } from '../../store/thread';
import { IconButton } from '../controls';
import { DownIcon } from '../icons';
import { useClock, useHeldFor } from '../use_clock';
import { dayName } from '../when';
import { useNames } from '../names';
import { hueOf } from '../person';
import { Encrypted } from './encrypted';
import { MessageRow } from './message_row';
import { rowsOf } from './rows';
import { SystemLines } from './system_lines';
import { ScrollAnchor } from './scroll_anchor';
import { useRowKeys } from './use_row_keys';
import { useSaid } from './use_said';
import { useMarkRead } from './use_mark_read';
import './messages.css';

const kNotShown = {
  gone: 'This message is not here any more.',
  too_far: 'This message is too far back to be shown.',
};

// The next page is asked for this far before its edge is reached.
const kAhead = 800;

interface Props {
  chat: Chat;
  thread: Thread;
  // How much was sent here since the chat was opened.
  sent: number;
  onReply: (message: Message) => void;
}

export function MessageList({ chat, thread, sent, onReply }: Props) {
  const store = useStore();
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [anchor] = useState(() => new ScrollAnchor());
  const [away, setAway] = useState(false);
  // Fixed while the chat is open: the separator does not run away from its reader. An answer says that all of it was read.
  const [unreadAtFirst] = useState(() => (chat.unread > 0 ? chat.read_seq : null));
  const unreadAfter = sent > 0 ? null : unreadAtFirst;
  const rows = useMemo(() => rowsOf(thread.messages, unreadAfter), [thread.messages, unreadAfter]);
  const now = useClock(60_000);
  const names = useNames();
  const [said, say] = useSaid();
  const places = useMemo(() => rows.filter((row) => row.kind === 'message').map((row) => row.key), [rows]);
  const keys = useRowKeys(list, places, toRow);
  // A quoted message that is being loaded.
  const wanted = useRef<Id | null>(null);
  const loaded = useMemo(() => new Set(thread.messages.map((message) => message.id)), [thread.messages]);
  const group = chat.kind === 'group';
  const slow = useHeldFor(thread.loading === 'older', 300);
  const onSeen = useMarkRead(chat, list);

  useLayoutEffect(() => {
    if (list.current === null || content.current === null) return undefined;
    return anchor.attach(list.current, content.current, () => setAway(!anchor.atEnd));
  }, [anchor]);
  useLayoutEffect(() => anchor.hold());

  function page() {
    const box = list.current;
    // Behind another pane nothing has a size, and both ends would count as near, for ever.
    if (box === null || box.clientHeight === 0) return;
    if (box.scrollTop < kAhead) void store.loadOlder(chat.conversation);
    if (box.scrollHeight - box.scrollTop - box.clientHeight < kAhead) void store.loadNewer(chat.conversation);
  }

  function onScroll() {
    anchor.remember();
    setAway(!anchor.atEnd);
    onSeen();
    page();
  }

  function toEnd() {
    void store.loadNewest(chat.conversation);
    anchor.toEnd();
  }

  // By hand, and remembered at once: the next drawing would put back what it does not know of.
  function toRow(row: HTMLElement) {
    const box = list.current;
    if (box === null) return;
    const [at, frame] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
    if (at.top < frame.top) box.scrollTop += at.top - frame.top;
    else if (at.bottom > frame.bottom)
      box.scrollTop += Math.min(at.bottom - frame.bottom, at.top - frame.top);
    anchor.remember();
    row.focus({ preventScroll: true });
  }

  const toLoaded = useCallback(
    (id: Id): boolean => {
      const box = list.current;
      const row = box?.querySelector<HTMLElement>(`[data-row="${id}"]`);
      if (!box || !row) return false;
      const [at, frame] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
      box.scrollTop += at.top - frame.top - Math.max(0, (frame.height - at.height) / 2);
      anchor.remember();
      // Shown until the focus goes on.
      row.dataset['found'] = 'true';
      row.addEventListener('blur', () => delete row.dataset['found'], { once: true });
      row.focus({ preventScroll: true });
      return true;
    },
    [anchor],
  );
  useLayoutEffect(() => {
    if (wanted.current !== null && toLoaded(wanted.current)) wanted.current = null;
  });

  const toMessage = useCallback(
    async (id: Id) => {
      wanted.current = null;
      if (toLoaded(id)) return;
      wanted.current = id;
      const outcome = await store.loadBackTo(chat.conversation, id);
      if (outcome === 'here' || wanted.current !== id) return;
      wanted.current = null;
      say(kNotShown[outcome]);
    },
    [store, chat.conversation, toLoaded, say],
  );
  const onQuote = useCallback((id: Id) => void toMessage(id), [toMessage]);

  const onCopy = useCallback(
    (text: string) => {
      navigator.clipboard.writeText(text).then(
        () => say('Copied'),
        () => say('This browser did not let us copy it.'),
      );
    },
    [say],
  );

  // Whoever writes wants to see it, from wherever they were reading.
  const follow = useEffectEvent(toEnd);
  useEffect(() => {
    if (sent > 0) follow();
  }, [sent]);

  // A short first page may not fill a tall window.
  const fill = useEffectEvent(page);
  useEffect(() => fill(), [thread.messages.length, thread.loading]);
  const seen = useEffectEvent(onSeen);
  useEffect(() => seen(), [thread.messages]);

  const elsewhere = away || !reachesEnd(thread);
  return (
    <div className="messages-frame">
      <div
        ref={list}
        className="messages"
        onScroll={onScroll}
        role="log"
        aria-label={group ? `Messages in ${chat.title}` : `Messages with ${chat.title}`}
        aria-busy={thread.loading !== null}
        // Without messages the arrow keys scroll it.
        tabIndex={keys.current === null ? 0 : -1}
        {...keys.handlers}
      >
        <div ref={content} className="messages-column">
          <div className="messages-start">
            {thread.loaded && !thread.more && <Encrypted name={group ? null : chat.title} user={chat.user} />}
            {slow && (
              <p className="system" role="status">
                Loading earlier messages…
              </p>
            )}
          </div>
          {rows.map((row) => {
            switch (row.kind) {
              case 'message':
                return (
                  <MessageRow
                    key={row.key}
                    message={row.message}
                    first={row.first}
                    last={row.last}
                    name={group ? names.told(row.message.sender) : chat.title}
                    hue={group ? hueOf(row.message.sender) : null}
                    names={names}
                    current={row.key === keys.current}
                    loadedReply={loaded.has(row.message.reply?.message ?? '')}
                    onQuote={onQuote}
                    onCopy={onCopy}
                    onReply={chat.may_send ? onReply : undefined}
                  />
                );
              case 'notice':
                return <SystemLines key={row.key} notice={row.notice} now={now} names={names} />;
              case 'day':
                return (
                  <p key={row.key} className="day">
                    {dayName(row.at, now)}
                  </p>
                );
              case 'unread':
                return (
                  <p key={row.key} className="unread-line">
                    Unread
                  </p>
                );
            }
          })}
        </div>
      </div>
      <p className="said" role="status">
        {said}
      </p>
      {elsewhere && (
        <IconButton
          label={chat.unread > 0 ? `To the end, ${chat.unread} unread` : 'To the end'}
          className="to-end"
          onClick={toEnd}
        >
          <DownIcon size={20} />
          {chat.unread > 0 && <span className="to-end-unread unread">{chat.unread}</span>}
        </IconButton>
      )}
    </div>
  );
}
