import type { ComponentProps, MouseEvent } from 'react';
import { fragmentOf, go } from './route';
import type { Route } from './route';

type Props = Omit<ComponentProps<'a'>, 'href' | 'onClick'> & { to: Route };

// A link to a place in Kith. A plain click is followed here, so that the place knows its trail; a new tab is the browser's.
export function RouteLink({ to, ...rest }: Props) {
  function follow(event: MouseEvent) {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  }
  return <a href={fragmentOf(to)} onClick={follow} {...rest} />;
}
