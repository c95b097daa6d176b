import { hueOf, initialsOf } from './person';

interface Props {
  id: string;
  name: string;
  size?: 'small' | 'large';
}

// The person's initials on their hue. The name always stands next to it, so it says nothing to a screen reader.
export function Avatar({ id, name, size }: Props) {
  const classes = ['avatar', `hue-${hueOf(id)}`, size === undefined ? '' : `avatar-${size}`];
  return <span className={classes.join(' ').trim()} data-initials={initialsOf(name)} aria-hidden="true" />;
}
