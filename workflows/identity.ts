/** Names in Temporal end with the identity of the database whose work they name. */

/** The part of a row that its names in Temporal follow from, besides its id or name. */
export interface Identified {
  /** Null for names from before databases had identities. */
  readonly identity: string | null;
}

export const withIdentity = (name: string, { identity }: Identified): string =>
  identity === null ? name : `${name}-${identity}`;

/** Returns the identity in the name of a task queue. */
export const identityOfQueue = (queue: string): Identified => ({ identity: /-([0-9a-f]{12})$/.exec(queue)?.[1] ?? null });
