import { useEffect, useId, useState, type FormEvent } from 'react';

import { problemOf, type HubProblem } from '../api/hub-problem.js';
import { INVITE_SITE } from '../api/study-query.js';
import { readMe } from '../api/read-study.js';
import { Problem } from '../parts/notices.js';
import { Moment } from '../parts/small.js';
import { useClient } from '../access.js';

interface Offer {
  readonly code: string;
  readonly token: string;
  readonly expiresAt: string;
}

/** For the coordinator: makes the token by which a hospital joins, and says what the hospital does with it. */
export function Invite({ studyId, onInvited }: { readonly studyId: string; readonly onInvited: () => void }) {
  const client = useClient();
  const [isCoordinator, setCoordinator] = useState(false);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [problem, setProblem] = useState<HubProblem | null>(null);
  useEffect(() => {
    readMe(client).then(
      ({ role }) => setCoordinator(role === 'coordinator'),
      () => setCoordinator(false), // the frame of the page says why
    );
  }, [client]);
  if (!isCoordinator) return null;
  const invite = (code: string, name: string) => {
    client.query<{ inviteSite: Omit<Offer, 'code'> }>(INVITE_SITE, { studyId, code, name }).then(
      ({ inviteSite }) => {
        setOffer({ code, ...inviteSite });
        setProblem(null);
        onInvited();
      },
      (error: unknown) => setProblem(problemOf(error)),
    );
  };
  return (
    <details>
      <summary>Invite a site, or again one that lost its keys</summary>
      <InviteForm onInvite={invite} />
      {problem && <Problem problem={problem} />}
      {offer && <OfferView offer={offer} />}
    </details>
  );
}

function InviteForm({ onInvite }: { readonly onInvite: (code: string, name: string) => void }) {
  const id = useId();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onInvite(code.trim(), name.trim());
  };
  return (
    <form className="row" onSubmit={submit}>
      <p>
        <label htmlFor={`${id}code`}>Code, such as site-a</label>
        <input
          id={`${id}code`}
          required
          pattern="[a-z0-9][a-z0-9\-]*"
          title="lower-case letters, digits and dashes"
          autoComplete="off"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </p>
      <p>
        <label htmlFor={`${id}name`}>Name of the hospital</label>
        <input
          id={`${id}name`}
          required
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </p>
      <button type="submit">Make a token</button>
    </form>
  );
}

function OfferView({ offer }: { readonly offer: Offer }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(offer.token).then(
      () => setCopied(true),
      () => setCopied(false), // the browser forbids it: the text can still be selected
    );
  };
  return (
    <section className="notice" role="status">
      <h3>The token of {offer.code}, shown this once</h3>
      <p>
        <code className="token">{offer.token}</code>
      </p>
      <p>
        <button type="button" onClick={copy}>
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      </p>
      <p>
        Hand it to the hospital by a way you trust; it can be used once, until <Moment iso={offer.expiresAt} />. There
        it goes into a file, and the agent joins by{' '}
        <code>npx concord agent join {location.origin} --token-file FILE</code>.
      </p>
    </section>
  );
}
