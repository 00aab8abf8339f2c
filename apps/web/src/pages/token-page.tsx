import { useEffect, useId, useState, type FormEvent } from 'react';

export interface TokenPageProps {
  /** Why it is asked for again; empty at first. */
  readonly reason: string;
  readonly onToken: (token: string) => void;
}

/** The way in. The token stays in this tab and is sent to this hub only. */
export function TokenPage({ reason, onToken }: TokenPageProps) {
  const id = useId();
  const [token, setToken] = useState('');
  useEffect(() => {
    document.title = 'Concord';
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '') onToken(token.trim());
  };
  return (
    <main className="entry">
      <img src="/favicon.svg" alt="" width="48" height="48" />
      <h1>Concord</h1>
      <p className="lead">Validate imaging models across hospitals without sharing images.</p>
      {reason !== '' && (
        <p className="kept" role="alert">
          {reason}
        </p>
      )}
      <form onSubmit={submit}>
        <label htmlFor={id}>Your token for this hub</label>
        <input
          id={id}
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <button type="submit">Open the studies</button>
      </form>
      <p className="soft">
        The hub wrote it into its data folder when it first started: <code>coordinator.token</code> or{' '}
        <code>reviewer.token</code>. It stays in this browser tab and is forgotten with it.
      </p>
    </main>
  );
}
