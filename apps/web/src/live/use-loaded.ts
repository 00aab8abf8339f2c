import { useCallback, useEffect, useRef, useState } from 'react';

import { problemOf, type HubProblem } from '../api/hub-problem.js';

/** What was asked for, in the state it is in. A value that was read is kept when reading it again fails. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly problem: HubProblem }
  | { readonly state: 'ready'; readonly value: T; readonly readAt: number; readonly problem: HubProblem | null };

const ASK_AGAIN_MS = 5000;

/**
 * Reads something and keeps it while the key stays the same.
 *
 * @param key names what is read; null reads nothing
 * @returns what is known, and a function that reads it again without blanking the page; while the hub is
 *   away that happens by itself
 */
export function useLoaded<T>(key: string | null, read: () => Promise<T>): [Loaded<T>, () => void] {
  const [entry, setEntry] = useState<{ key: string | null; loaded: Loaded<T> }>({ key, loaded: { state: 'loading' } });
  const latest = useRef(read);
  const running = useRef<{ key: string; isStale: boolean } | null>(null);
  useEffect(() => {
    latest.current = read;
  });

  const reload = useCallback(() => {
    if (key === null) return;
    // One question at a time: a slow hub is not asked faster than it answers.
    if (running.current?.key === key) {
      running.current.isStale = true;
      return;
    }
    const question = { key, isStale: false };
    running.current = question;
    const settle = (next: (before: Loaded<T>) => Loaded<T>) => {
      if (running.current !== question) return; // the page asks for something else now
      running.current = null;
      setEntry((before) => ({ key, loaded: next(before.key === key ? before.loaded : { state: 'loading' }) }));
      if (question.isStale) reload();
    };
    latest.current().then(
      (value) => settle(() => ({ state: 'ready', value, readAt: Date.now(), problem: null })),
      (error: unknown) => {
        const problem = problemOf(error);
        settle((before) => (before.state === 'ready' ? { ...before, problem } : { state: 'failed', problem }));
      },
    );
  }, [key]);
  useEffect(reload, [reload]);

  const loaded: Loaded<T> = entry.key === key ? entry.loaded : { state: 'loading' };
  const isAway = loaded.state !== 'loading' && loaded.problem?.code === 'HUB_UNREACHABLE';
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(reload, ASK_AGAIN_MS);
    addEventListener('online', reload);
    return () => {
      clearInterval(timer);
      removeEventListener('online', reload);
    };
  }, [isAway, reload]);
  return [loaded, reload];
}
