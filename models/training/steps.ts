/**
 * What a trial asks of its network, one call at a time. Trials are written as generators that yield calls and receive answers: on the kernel each trial
 * is driven alone, on a device many trials advance together and equal calls are answered at once for all of them.
 */
import type { Moments, Network, Parameters } from '../networks/network.ts';

export type NetworkCall =
  | { readonly kind: 'setParameters'; readonly parameters: Parameters }
  | { readonly kind: 'parameters' }
  | { readonly kind: 'setMoments'; readonly moments: Moments }
  | { readonly kind: 'moments' }
  | { readonly kind: 'train'; readonly order: Uint32Array; readonly first: number; readonly rates: Float64Array }
  | { readonly kind: 'squaredError'; readonly rows: Uint32Array }
  | { readonly kind: 'activations'; readonly rows: Uint32Array; readonly layer: number }
  | { readonly kind: 'inputGradient'; readonly inputs: Float32Array; readonly rows: Uint32Array };

/** The answer to each kind of call is what the method of that name of Network returns. */
export type NetworkAnswer = { [Kind in NetworkCall['kind']]: ReturnType<Network[Kind]> }[NetworkCall['kind']];

/** A computation that asks a network, and comes to a T. */
export type Steps<T> = Generator<NetworkCall, T, NetworkAnswer>;

/** Answers one call. */
export function answer(network: Network, call: NetworkCall): NetworkAnswer {
  switch (call.kind) {
    case 'setParameters':
      return network.setParameters(call.parameters);
    case 'parameters':
      return network.parameters();
    case 'setMoments':
      return network.setMoments(call.moments);
    case 'moments':
      return network.moments();
    case 'train':
      return network.train(call.order, call.first, call.rates);
    case 'squaredError':
      return network.squaredError(call.rows);
    case 'activations':
      return network.activations(call.rows, call.layer);
    case 'inputGradient':
      return network.inputGradient(call.inputs, call.rows);
  }
}

/** Runs a computation on one network. */
export function drive<T>(network: Network, steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next(answer(network, step.value));
  return step.value;
}

/** The calls, as generators with the types of Network's methods: `const score = yield* ask.squaredError(rows)`. */
export const ask = {
  *setParameters(parameters: Parameters): Steps<void> {
    yield { kind: 'setParameters', parameters };
  },
  *parameters(): Steps<Parameters> {
    return (yield { kind: 'parameters' }) as Parameters;
  },
  *setMoments(moments: Moments): Steps<void> {
    yield { kind: 'setMoments', moments };
  },
  *moments(): Steps<Moments> {
    return (yield { kind: 'moments' }) as Moments;
  },
  *train(order: Uint32Array, first: number, rates: Float64Array): Steps<number> {
    return (yield { kind: 'train', order, first, rates }) as number;
  },
  *squaredError(rows: Uint32Array): Steps<number> {
    return (yield { kind: 'squaredError', rows }) as number;
  },
  *activations(rows: Uint32Array, layer: number): Steps<Float32Array> {
    return (yield { kind: 'activations', rows, layer }) as Float32Array;
  },
  *inputGradient(inputs: Float32Array, rows: Uint32Array): Steps<ReturnType<Network['inputGradient']>> {
    return (yield { kind: 'inputGradient', inputs, rows }) as ReturnType<Network['inputGradient']>;
  },
} as const;
