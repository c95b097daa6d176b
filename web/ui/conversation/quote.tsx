import type { Reply } from '../../../schema/core';
import type { Names } from '../names';
import { useTabIndex } from '../tab_stop';

interface Props {
  reply: Reply;
  // Who answers, and whose word it is where the original is not here.
  by: string;
  names: Names;
  // Absent where the original is not here.
  onGo: (() => void) | undefined;
}

// What a message answers, at its head.
export function Quote({ reply, by, names, onGo }: Props) {
  const tabIndex = useTabIndex();
  const content = (
    <>
      <span className="quote-name">{names.told(reply.sender)}</span>
      {!reply.known && <span className="quote-source">Quoted by {by}</span>}
      <span className="quote-text">{reply.text === '' ? 'A message' : <bdi>{reply.text}</bdi>}</span>
    </>
  );
  if (onGo === undefined) return <div className="quote">{content}</div>;
  return (
    <button type="button" className="quote" title="To this message" tabIndex={tabIndex} onClick={onGo}>
      {content}
    </button>
  );
}
