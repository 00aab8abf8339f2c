import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

import { HubClient } from './api/hub-client.js';
import { tokenInHash } from './route.js';

const KEY = 'concord.token';

interface Access {
  readonly client: HubClient;
  /** Forgets the token; the reason is shown where a new one is asked for. */
  readonly end: (reason: string) => void;
}

const AccessContext = createContext<Access | null>(null);

/** Takes the token out of the address, so that it is neither bookmarked nor sent, and keeps it for this tab. */
function takeToken(): string | null {
  const token = tokenInHash(location.hash);
  if (token === null) return sessionStorage.getItem(KEY);
  sessionStorage.setItem(KEY, token);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

export interface AccessProviderProps {
  readonly children: ReactNode;
  readonly askForToken: (reason: string, onToken: (token: string) => void) => ReactNode;
}

export function AccessProvider({ children, askForToken }: AccessProviderProps) {
  const [token, setToken] = useState(takeToken);
  const [reason, setReason] = useState('');
  const access = useMemo<Access | null>(
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
  if (access === null) {
    return askForToken(reason, (given) => {
      sessionStorage.setItem(KEY, given);
      setToken(given);
    });
  }
  return <AccessContext.Provider value={access}>{children}</AccessContext.Provider>;
}

export function useAccess(): Access {
  const access = useContext(AccessContext);
  if (access === null) throw new Error('no access: the component stands outside AccessProvider');
  return access;
}

export function useClient(): HubClient {
  return useAccess().client;
}
