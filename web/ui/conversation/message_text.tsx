import type { Message } from '../../../schema/core';
import type { Names } from '../names';
import { Text } from '../text';
import { partsOf } from './mentions';

interface Props {
  text: string;
  mentions: Message['mentions'];
  names: Names;
}

// A message's text. Who is named in it is shown by the name that they have, whatever the sender wrote in its place.
export function MessageText({ text, mentions, names }: Props) {
  if (mentions === undefined) return <Text text={text} />;
  return partsOf(text, mentions).map((part, index) =>
    part.user === undefined ? (
      <Text key={index} text={part.text} />
    ) : (
      <span key={index} className="mention" data-mine={names.isMe(part.user)}>
        {names.mention(part.user) ?? part.text}
      </span>
    ),
  );
}
