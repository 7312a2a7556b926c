/**
 * Calls of a trial to its network. Trials are generators that yield calls and receive answers: on
 * the kernel each trial runs alone, on a device many trials advance together and equal calls are
 * executed at once for all of them.
 */
import type { Network, OptimiserState, Parameters } from '../networks/network.ts';

export type NetworkCall =
  | { readonly kind: 'setParameters'; readonly parameters: Parameters }
  | { readonly kind: 'parameters' }
  | { readonly kind: 'setOptimiserState'; readonly optimiserState: OptimiserState }
  | { readonly kind: 'optimiserState' }
  | { readonly kind: 'train'; readonly order: Uint32Array; readonly first: number; readonly rates: Float64Array }
  | { readonly kind: 'squaredError'; readonly rows: Uint32Array }
  | { readonly kind: 'activations'; readonly rows: Uint32Array; readonly layer: number }
  | { readonly kind: 'inputGradient'; readonly inputs: Float32Array; readonly rows: Uint32Array };

/** The answer to a call is the return value of the method of Network of that name. */
export type NetworkAnswer = { [Kind in NetworkCall['kind']]: ReturnType<Network[Kind]> }[NetworkCall['kind']];

/** A generator that yields network calls and returns a T. */
export type Computation<T> = Generator<NetworkCall, T, NetworkAnswer>;

/** Executes one call. */
export function executeCall(network: Network, call: NetworkCall): NetworkAnswer {
  switch (call.kind) {
    case 'setParameters':
      return network.setParameters(call.parameters);
    case 'parameters':
      return network.parameters();
    case 'setOptimiserState':
      return network.setOptimiserState(call.optimiserState);
    case 'optimiserState':
      return network.optimiserState();
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
export function runOn<T>(network: Network, steps: Computation<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next(executeCall(network, step.value));
  return step.value;
}

/** The calls as generators, typed as Network's methods: `yield* call.squaredError(rows)`. */
export const call = {
  *setParameters(parameters: Parameters): Computation<void> {
    yield { kind: 'setParameters', parameters };
  },
  *parameters(): Computation<Parameters> {
    return (yield { kind: 'parameters' }) as Parameters;
  },
  *setOptimiserState(optimiserState: OptimiserState): Computation<void> {
    yield { kind: 'setOptimiserState', optimiserState };
  },
  *optimiserState(): Computation<OptimiserState> {
    return (yield { kind: 'optimiserState' }) as OptimiserState;
  },
  *train(order: Uint32Array, first: number, rates: Float64Array): Computation<number> {
    return (yield { kind: 'train', order, first, rates }) as number;
  },
  *squaredError(rows: Uint32Array): Computation<number> {
    return (yield { kind: 'squaredError', rows }) as number;
  },
  *activations(rows: Uint32Array, layer: number): Computation<Float32Array> {
    return (yield { kind: 'activations', rows, layer }) as Float32Array;
  },
  *inputGradient(inputs: Float32Array, rows: Uint32Array): Computation<ReturnType<Network['inputGradient']>> {
    return (yield { kind: 'inputGradient', inputs, rows }) as ReturnType<Network['inputGradient']>;
  },
} as const;
