import { useSyncExternalStore, type MouseEvent, type ReactNode } from 'react';

const MOVED = 'concord:moved';

/** The address shown, without the origin; changes with it. */
export function useAddress(): string {
  return useSyncExternalStore(
    (changed) => {
      addEventListener('popstate', changed);
      addEventListener(MOVED, changed);
      return () => {
        removeEventListener('popstate', changed);
        removeEventListener(MOVED, changed);
      };
    },
    () => location.pathname + location.search,
  );
}

/** Goes to another address of this page. A change of the query alone keeps the place on the page. */
export function navigate(path: string): void {
  const isSamePage = path.split('?')[0] === location.pathname;
  history.pushState(null, '', path);
  dispatchEvent(new Event(MOVED));
  if (!isSamePage) scrollTo(0, 0);
}

export interface LinkProps {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly isCurrent?: boolean;
}

/** A link within the page: a real one, so that it can be opened elsewhere, copied and read out. */
export function Link({ to, children, className, isCurrent = false }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} className={className} aria-current={isCurrent ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
