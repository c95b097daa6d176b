import { Fragment } from 'react';
import { splitLinks } from './links';

// The text of a message, with its web addresses as links. Text is only ever text: nothing in it is read as markup.
export function Text({ text }: { text: string }) {
  return splitLinks(text).map((part, index) =>
    part.href === undefined ? (
      <Fragment key={index}>{part.text}</Fragment>
    ) : (
      <a key={index} className="link" href={part.href} target="_blank" rel="noopener noreferrer nofollow">
        {part.text}
      </a>
    ),
  );
}
