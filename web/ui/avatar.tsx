import type { Chat } from '../../schema/core';
import { hueOf, initialsOf } from './person';

interface Props {
  id: string;
  name: string;
  kind?: Chat['kind'];
  size?: 'small' | 'large';
}

// The initials on their hue: round is a person, square a group. The name always stands next to it, so it says nothing to a screen
// reader.
export function Avatar({ id, name, kind = 'direct', size }: Props) {
  const classes = ['avatar', `hue-${hueOf(id)}`];
  if (kind === 'group') classes.push('avatar-group');
  if (size !== undefined) classes.push(`avatar-${size}`);
  return <span className={classes.join(' ')} data-initials={initialsOf(name)} aria-hidden="true" />;
}
