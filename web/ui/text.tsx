import { Fragment } from 'react';
import { InviteAnchor } from './join/invite_anchor';
import { linkIn } from './join/invite_link';
import { splitLinks } from './links';

// The text of a message, with its web addresses as links. Text is only ever text: nothing in it is read as markup.
export function Text({ text }: { text: string }) {
  return splitLinks(text).map((part, index) => {
    if (part.href === undefined) return <Fragment key={index}>{part.text}</Fragment>;
    const link = linkIn(part.href);
    if (link !== undefined)
      return <InviteAnchor key={index} address={part.href} link={link} text={part.text} />;
    return (
      <a key={index} className="link" href={part.href} target="_blank" rel="noopener noreferrer nofollow">
        {part.text}
      </a>
    );
  });
}
