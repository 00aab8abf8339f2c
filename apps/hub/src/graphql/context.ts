import DataLoader from 'dataloader';

import type { Principal } from '../auth/principal.js';

/** What every resolver of one operation shares. */
// A type, not an interface: graphql-sse asks for an index signature.
export type HubContext = {
  readonly principal: Principal | null;
  readonly loaders: Loaders;
};

export function makeContext(principal: Principal | null): HubContext {
  return { principal, loaders: new Loaders() };
}

/** DataLoaders by name, made on first use; they live as long as one operation. */
export class Loaders {
  private readonly byName = new Map<string, DataLoader<string, unknown>>();

  /** @param load one value for each key, in order */
  get<T>(name: string, load: (keys: readonly string[]) => Promise<readonly T[]>): DataLoader<string, T> {
    const found = this.byName.get(name) ?? new DataLoader<string, unknown>(load);
    this.byName.set(name, found);
    return found as DataLoader<string, T>; // a name stands for one kind of value
  }
}
