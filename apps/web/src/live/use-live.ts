import { useEffect, useRef, useState } from 'react';

import type { HubClient } from '../api/hub-client.js';
import { CHANGES } from '../api/study-query.js';
import { readEvents } from './event-stream.js';

/** `live`: told at once; `polling`: the stream is down and the page asks from time to time. */
export type Connection = 'connecting' | 'live' | 'polling';

const ASK_WHEN_LIVE_MS = 30_000; // ages of last contacts change without an event
const ASK_WHEN_NOT_MS = 5_000;
const GATHER_MS = 300;
const LONGEST_PAUSE_MS = 30_000;

/** Calls `onChange` whenever the study may have changed: told by the hub's events, else by asking regularly. */
export function useLive(client: HubClient, studyId: string, onChange: () => void): Connection {
  const [connection, setConnection] = useState<Connection>('connecting');
  const changed = useRef(onChange);
  useEffect(() => {
    changed.current = onChange;
  });

  useEffect(() => {
    const stop = new AbortController();
    let gathering: ReturnType<typeof setTimeout> | undefined;
    const gather = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        changed.current();
      }, GATHER_MS);
    };
    void follow(client, studyId, stop.signal, gather, setConnection);
    return () => {
      stop.abort();
      clearTimeout(gathering);
    };
  }, [client, studyId]);

  useEffect(() => {
    const every = connection === 'live' ? ASK_WHEN_LIVE_MS : ASK_WHEN_NOT_MS;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') changed.current();
    }, every);
    const ask = () => changed.current(); // back in front, or cut off: what is shown may be old
    addEventListener('offline', ask);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      removeEventListener('offline', ask);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [connection]);
  return connection;
}

async function follow(
  client: HubClient,
  studyId: string,
  signal: AbortSignal,
  onEvent: () => void,
  setConnection: (connection: Connection) => void,
): Promise<void> {
  for (let pauseMs = 1000; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      const { body } = await client.events(CHANGES, { id: studyId }, signal);
      if (body === null) return;
      setConnection('live');
      for await (const event of readEvents(chunksOf(body))) {
        if (event.name === 'complete') break;
        pauseMs = 1000;
        onEvent();
      }
    } catch {
      // Said on the page as "asking every 5 s"; what fails for good is said by the queries.
    }
    if (signal.aborted) return;
    setConnection('polling');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it may be broken already
  }
}
