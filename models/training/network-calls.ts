/**
 * Calls of a trial to its network. Trials are generators that yield calls and receive answers: on
 * the kernel each trial runs alone, on a device many trials advance together and equal calls are
 * executed at once for all of them.
 */
import type { Network } from '../networks/network.ts';

/** The methods of Network that a trial calls. */
export type CallKind = Exclude<keyof Network, 'shape' | 'dispose'>;
export type Arguments<Kind extends CallKind = CallKind> = Parameters<Network[Kind]>;
export type Answer<Kind extends CallKind = CallKind> = ReturnType<Network[Kind]>;

export type NetworkCall = { [Kind in CallKind]: { readonly kind: Kind; readonly args: Arguments<Kind> } }[CallKind];

/** A generator that yields network calls and returns a T. */
export type Computation<T> = Generator<NetworkCall, T, Answer>;

/** Makes a call and returns its answer: `yield* call('squaredErrors', rows)`. */
export function* call<Kind extends CallKind>(kind: Kind, ...args: Arguments<Kind>): Computation<Answer<Kind>> {
  return (yield { kind, args } as NetworkCall) as Answer<Kind>;
}

/** Runs a computation on one network. */
export function runOn<T>(network: Network, steps: Computation<T>): T {
  let step = steps.next();
  while (!step.done) {
    const { kind, args } = step.value;
    step = steps.next(Reflect.apply(network[kind], network, args));
  }
  return step.value;
}
