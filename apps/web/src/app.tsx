import { Component, useEffect, useState, type ReactNode } from 'react';

import { problemOf, type HubProblem } from './api/hub-problem.js';
import { readMe } from './api/read-study.js';
import { Link, useAddress } from './parts/link.js';
import { Problem } from './parts/notices.js';
import { StudiesPage } from './pages/studies-page.js';
import { StudyPage } from './pages/study-page.js';
import { TokenPage } from './pages/token-page.js';
import { routeOf } from './route.js';
import { AccessProvider, useAccess } from './access.js';

export function App() {
  return (
    <Catcher>
      <AccessProvider askForToken={(reason, onToken) => <TokenPage reason={reason} onToken={onToken} />}>
        <Frame />
      </AccessProvider>
    </Catcher>
  );
}

function Frame() {
  const address = useAddress();
  const route = routeOf(address.split('?')[0] ?? '/');
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <TopBar />
      <main id="main" tabIndex={-1}>
        {route.page === 'studies' && <StudiesPage />}
        {route.page === 'study' && <StudyPage key={route.id} id={route.id} part={route.part} />}
        {route.page === 'unknown' && <UnknownAddress />}
      </main>
      <footer className="soft">Not a medical device: for research, not for decisions about a patient.</footer>
    </>
  );
}

function TopBar() {
  const { client, end } = useAccess();
  const [person, setPerson] = useState<{ name: string; role: string } | null>(null);
  useEffect(() => {
    readMe(client).then(
      (me) => setPerson(me),
      (error: unknown) => {
        const problem = problemOf(error);
        if (problem.needsToken) end('This hub does not know the token: it was mistyped, or replaced by a newer one.');
      },
    );
  }, [client, end]);
  return (
    <header className="top">
      <Link to="/studies" className="brand">
        <img src="/favicon.svg" alt="" width="24" height="24" />
        Concord
      </Link>
      <p>
        {person && (
          <span className="soft">{person.name === person.role ? person.role : `${person.name}, ${person.role}`}</span>
        )}{' '}
        <button type="button" className="quiet" onClick={() => end('')}>
          Sign out
        </button>
      </p>
    </header>
  );
}

function UnknownAddress() {
  return (
    <section className="notice">
      <h1>There is no page at this address.</h1>
      <p>
        The address may be cut. <Link to="/studies">All studies</Link>
      </p>
    </section>
  );
}

/** The last net: an error in drawing a page is shown, not swallowed by an empty screen. */
class Catcher extends Component<{ readonly children: ReactNode }, { problem: HubProblem | null }> {
  override state = { problem: null };

  static getDerivedStateFromError(error: unknown): { problem: HubProblem } {
    return { problem: problemOf(error) };
  }

  override render(): ReactNode {
    const { problem } = this.state;
    return problem === null ? this.props.children : <Problem problem={problem} onRetry={() => location.reload()} />;
  }
}
