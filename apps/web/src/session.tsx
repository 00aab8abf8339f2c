import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

import { HubClient } from './api/hub-client.js';
import { tokenInHash } from './route.js';

const KEY = 'concord.token';

interface Session {
  readonly client: HubClient;
  /** Forgets the token; the reason is shown where a new one is asked for. */
  readonly end: (reason: string) => void;
}

const SessionContext = createContext<Session | null>(null);

/** Takes the token out of the address, so that it is neither bookmarked nor sent, and keeps it for this tab. */
function takeToken(): string | null {
  const token = tokenInHash(location.hash);
  if (token === null) return sessionStorage.getItem(KEY);
  sessionStorage.setItem(KEY, token);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

export interface SessionProviderProps {
  readonly children: ReactNode;
  readonly askForToken: (reason: string, onToken: (token: string) => void) => ReactNode;
}

export function SessionProvider({ children, askForToken }: SessionProviderProps) {
  const [token, setToken] = useState(takeToken);
  const [reason, setReason] = useState('');
  const session = useMemo<Session | null>(
    () =>
      token === null
        ? null
        : {
            client: new HubClient(token),
            end: (why) => {
              sessionStorage.removeItem(KEY);
              setReason(why);
              setToken(null);
            },
          },
    [token],
  );
  useEffect(() => {
    const take = () => setToken(takeToken());
    addEventListener('hashchange', take); // a link with another token, opened where the page stands already
    return () => removeEventListener('hashchange', take);
  }, []);
  if (session === null) {
    return askForToken(reason, (given) => {
      sessionStorage.setItem(KEY, given);
      setToken(given);
    });
  }
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('no session: the component stands outside SessionProvider');
  return session;
}

export function useClient(): HubClient {
  return useSession().client;
}
