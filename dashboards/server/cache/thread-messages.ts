/** Messages between threads that compute and those that wait for them. */
import { parentPort } from 'node:worker_threads';
import { type ErrorKind, NarrowsError } from '../../../errors.ts';
import { type LocatedFault, LocatedSpecError, type SpecFault, SpecInvalid } from '../../../search/fault.ts';

/** Functions that a thread offers, by name. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of any function
export type Computations = Readonly<Record<string, (...input: any[]) => unknown>>;

export interface ThreadRequest {
  readonly id: number;
  readonly kind: string;
  readonly input: readonly unknown[];
}

/** An error that a person can act on as plain data, which other errors lose in between. */
export type PlainError = {
  readonly code: string;
  readonly message: string;
  readonly path: string | undefined;
  readonly fix: string | undefined;
  readonly kind: ErrorKind;
  readonly faults?: readonly SpecFault[];
  readonly located?: readonly LocatedFault[];
};

export type ThreadResponse = { readonly id: number } & (
  | { readonly started: true }
  | { readonly output: unknown }
  | { readonly problem: PlainError }
  | { readonly error: string }
);

export function toPlain(error: NarrowsError): PlainError {
  const { code, message, path, fix, kind } = error;
  return {
    ...{ code, message, path, fix, kind },
    ...(error instanceof SpecInvalid && { faults: error.faults }),
    ...(error instanceof LocatedSpecError && { located: error.faults }),
  };
}

export function fromPlain({ code, message, faults, located, ...details }: PlainError): NarrowsError {
  if (faults) return new SpecInvalid(faults);
  const error = new NarrowsError(code, message, details);
  return located ? new LocatedSpecError(error, located) : error;
}

/** Answers requests in this thread, one after the other. */
export function serveComputations(computations: Computations): void {
  const port = parentPort;
  port?.on('message', async ({ id, kind, input }: ThreadRequest) => {
    const send = (response: ThreadResponse) => port.postMessage(response);
    send({ id, started: true });
    try {
      send({ id, output: await computations[kind]?.(...input) });
    } catch (error) {
      if (error instanceof NarrowsError) send({ id, problem: toPlain(error) });
      else send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}
