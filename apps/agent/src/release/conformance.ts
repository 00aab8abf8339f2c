import { certificateDigest, signCertificate, type Certificate, type Digest, type KeyPair } from '@concord/contracts';

import type { HubClient } from '../hub/hub-client.js';
import type { Ledger } from '../store/ledger.js';

/** Proof that the engine on this machine computes the reference values, shown to the hub before features leave. */
export class Conformance {
  private isShown = false;
  private made: Certificate | null = null;

  /** @param certify runs the reference cases; takes a second or so, once a process */
  constructor(
    private readonly certify: () => Certificate,
    private readonly keys: KeyPair,
    private readonly hub: HubClient,
    private readonly ledger: Ledger,
  ) {}

  /** Made at the first call of a process. */
  get certificate(): Certificate {
    this.made ??= this.certify();
    return this.made;
  }

  /**
   * Sends the certificate, signed, unless this process did so before.
   *
   * @returns its digest, for the message
   * @throws {HubRefusal} CERTIFICATE_INVALID if a reference value is missed
   */
  async show(): Promise<Digest> {
    const digest = certificateDigest(this.certificate);
    if (this.isShown) return digest;
    await this.hub.certificate(signCertificate(this.certificate, this.keys));
    this.isShown = true;
    const { concordVersion, families } = this.certificate;
    const checkedCount = families.reduce((sum, { checked }) => sum + checked, 0);
    this.ledger.append('certificate shown', `certificate ${digest}`, { concordVersion, checkedCount });
    return digest;
  }

  /** The hub does not have it (any more): it is shown again. */
  forget(): void {
    this.isShown = false;
  }
}
