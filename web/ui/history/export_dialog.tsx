import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Chat } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { chatsNewestFirst } from '../../store/select';
import { Button } from '../controls';
import { Dialog, useCloseDialog } from '../dialog';
import { explain } from '../explain';
import { useNames } from '../names';
import { inSentence } from '../person';
import { exportHistory } from './export_history';
import type { Progress } from './export_history';
import { save } from './save';
import './history.css';

type Step =
  | { at: 'asked'; error?: ReactNode }
  | { at: 'reading'; progress: Progress | null }
  | { at: 'done'; file: Blob; messages: number };

interface Props {
  // Absent: all chats.
  chat?: Chat | undefined;
  onClose: () => void;
}

// Writes what this device has into a file that people can read.
export function ExportDialog({ chat, onClose }: Props) {
  return (
    <Dialog
      title={chat === undefined ? 'Export my history' : `Export “${inSentence(chat.title)}”`}
      closable
      onClose={onClose}
    >
      <Exporting chat={chat} />
    </Dialog>
  );
}

function Exporting({ chat }: Pick<Props, 'chat'>) {
  const store = useStore();
  const names = useNames();
  const close = useCloseDialog();
  const arriving = useSelect((state) => state.history !== null);
  const [step, setStep] = useState<Step>({ at: 'asked' });
  const reading = useRef<AbortController>(undefined);
  // Whoever closes it wants no file.
  useEffect(() => () => reading.current?.abort(), []);

  async function begin() {
    const { signal } = (reading.current = new AbortController());
    const state = store.getState();
    const chats = chat === undefined ? chatsNewestFirst(state) : [chat];
    let messages = 0;
    const onProgress = (progress: Progress) => {
      ({ messages } = progress);
      setStep({ at: 'reading', progress });
    };
    setStep({ at: 'reading', progress: null });
    try {
      const ownName = state.account?.name ?? '';
      const file = await exportHistory(store, { chats, names, ownName, signal, onProgress });
      save(file);
      setStep({ at: 'done', file, messages });
    } catch (reason) {
      if (!signal.aborted) setStep({ at: 'asked', error: explain(reason) });
    }
  }

  return (
    <>
      <div role="status">
        <Words step={step} chat={chat} arriving={arriving} />
      </div>
      {step.at === 'asked' && step.error !== undefined && (
        <p className="field-error" role="alert">
          {step.error}
        </p>
      )}
      {step.at === 'reading' && <Reading progress={step.progress} />}
      <div className="dialog-actions">
        <Button key="away" look="quiet" onClick={close}>
          {step.at === 'done' ? 'Close' : 'Cancel'}
        </Button>
        {step.at === 'asked' && <Button onClick={() => void begin()}>Export</Button>}
        {step.at === 'done' && <Button onClick={() => save(step.file)}>Save again</Button>}
      </div>
    </>
  );
}

function Words({ step, chat, arriving }: { step: Step; chat: Chat | undefined; arriving: boolean }) {
  switch (step.at) {
    case 'asked':
      return (
        <div className="dialog-text export-words">
          <p>
            {chat === undefined
              ? 'A text file of all messages on this device.'
              : 'A text file of all messages of this chat on this device.'}
          </p>
          <p className="secondary">The file is not encrypted: whoever has it can read it.</p>
          {arriving && (
            <p className="secondary">
              Your history is still coming in: what is not here yet will not be in the file.
            </p>
          )}
        </div>
      );
    case 'reading':
      return <p className="dialog-text">Reading your messages…</p>;
    case 'done':
      return (
        <p className="dialog-text">
          {step.messages === 0
            ? 'There are no messages in the file that your browser saves now.'
            : `${countOf(step.messages)} ${step.messages === 1 ? 'is' : 'are'} in the file that your browser saves now.`}
        </p>
      );
  }
}

function Reading({ progress }: { progress: Progress | null }) {
  const { chats, of, messages } = progress ?? { chats: 0, of: 1, messages: 0 };
  return (
    <div className="export-progress">
      <div
        className="bar"
        role="progressbar"
        aria-label="Export"
        aria-valuenow={Math.floor((100 * chats) / of)}
      >
        <span className="bar-done" style={{ width: `${(100 * chats) / of}%` }} />
      </div>
      <p className="meta">
        {of > 1 && `Chat ${chats + 1} of ${of}, `}
        {countOf(messages)}
      </p>
    </div>
  );
}

function countOf(messages: number): string {
  return messages === 1 ? '1 message' : `${messages.toLocaleString('en-GB')} messages`;
}
