import { Fragment } from 'react';
import { InviteAnchor } from './join/invite_anchor';
import { linkIn } from './join/invite_link';
import { splitLinks } from './links';
import { useTabIndex } from './tab_stop';

// The text of a message, with its web addresses as links. Text is only ever text: nothing in it is read as markup.
export function Text({ text }: { text: string }) {
  const tabIndex = useTabIndex();
  return splitLinks(text).map((part, index) => {
    if (part.href === undefined) return <Fragment key={index}>{part.text}</Fragment>;
    const link = linkIn(part.href);
    if (link !== undefined)
      return <InviteAnchor key={index} address={part.href} link={link} text={part.text} />;
    return (
      <a
        key={index}
        className="link"
        href={part.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        tabIndex={tabIndex}
      >
        {part.text}
      </a>
    );
  });
}
