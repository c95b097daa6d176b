import type { Id } from '../../schema/core';
import type { Names } from './names';

interface Props {
  className: string;
  name: string;
  // Whose name it is; undefined for a group's.
  user: Id | undefined;
  names: Names;
}

// A name, and faintly beside it, where several people have it, who of them this is. A long name gives way to that.
export function Named({ className, name, user, names }: Props) {
  const detail = user === undefined ? undefined : names.detail(user);
  if (detail === undefined) return <span className={className}>{name}</span>;
  return (
    <span className={`${className} named`}>
      <span className="named-name">{name}</span> <span className="named-detail">{detail}</span>
    </span>
  );
}
