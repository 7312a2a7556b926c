/** Activation functions: one definition each, which every engine and the export build on. */

export const ACTIVATIONS = ['elu', 'relu', 'gelu', 'tanh', 'silu', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** Operations on whole arrays: tensors on a device, or values of an ONNX graph. */
export interface ArrayOperations<T> {
  constant(name: string, value: number): T;
  add(a: T, b: T): T;
  multiply(a: T, b: T): T;
  relu(z: T): T;
  elu(z: T): T;
  tanh(z: T): T;
  sigmoid(z: T): T;
}

/** Operations that derivatives need in addition. */
export interface DerivativeOperations<T> extends ArrayOperations<T> {
  subtract(a: T, b: T): T;
  exp(z: T): T;
  /** min(z, 0). */
  negativePart(z: T): T;
  /** 1 where z > 0, else 0. */
  step(z: T): T;
}

export interface ActivationDefinition {
  /** Value and derivative at z, in float64. */
  at(z: number): { readonly value: number; readonly derivative: number };
  /** The activation of an array. */
  apply<T>(operations: ArrayOperations<T>, z: T): T;
  /** The derivative of an array at z. */
  derive<T>(operations: DerivativeOperations<T>, z: T): T;
  /** Variance of initial weights times the number of inputs. */
  readonly initialVariance: number;
  /** `code`: its number in kernel/source/network.h. */
  readonly kernel: { readonly code: number; readonly keepsDerivative: boolean };
}

const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** tanh(sqrt(2 / pi) (z + 0.044715 z^3)), which gelu's value and derivative share. */
function geluTanh<T>({ add, multiply, tanh, constant }: ArrayOperations<T>, z: T): T {
  const cube = multiply(multiply(z, z), z);
  const inner = add(z, multiply(cube, constant('gelu_cubic', GELU_CUBIC)));
  return tanh(multiply(inner, constant('gelu_root', ROOT_2_OVER_PI)));
}

export const ACTIVATION_DEFINITIONS: Readonly<Record<Activation, ActivationDefinition>> = {
  linear: {
    at: (z) => ({ value: z, derivative: 1 }),
    apply: (_, z) => z,
    derive: ({ constant }) => constant('one', 1),
    initialVariance: 1,
    kernel: { code: 0, keepsDerivative: false },
  },
  relu: {
    at: (z) => ({ value: Math.max(0, z), derivative: z > 0 ? 1 : 0 }),
    apply: ({ relu }, z) => relu(z),
    derive: ({ step }, z) => step(z),
    // He et al. 2015, arXiv 1502.01852.
    initialVariance: 2,
    kernel: { code: 1, keepsDerivative: false },
  },
  elu: {
    at: (z) => (z > 0 ? { value: z, derivative: 1 } : { value: Math.expm1(z), derivative: Math.exp(z) }),
    apply: ({ elu }, z) => elu(z),
    derive: ({ exp, negativePart }, z) => exp(negativePart(z)),
    initialVariance: 1,
    kernel: { code: 2, keepsDerivative: false },
  },
  tanh: {
    at(z) {
      const value = Math.tanh(z);
      return { value, derivative: 1 - value * value };
    },
    apply: ({ tanh }, z) => tanh(z),
    derive({ constant, multiply, subtract, tanh }, z) {
      const value = tanh(z);
      return subtract(constant('one', 1), multiply(value, value));
    },
    initialVariance: 1,
    kernel: { code: 3, keepsDerivative: false },
  },
  silu: {
    at(z) {
      const sigmoid = 1 / (1 + Math.exp(-z));
      return { value: z * sigmoid, derivative: sigmoid * (1 + z * (1 - sigmoid)) };
    },
    apply: ({ multiply, sigmoid }, z) => multiply(z, sigmoid(z)),
    derive({ add, constant, multiply, sigmoid, subtract }, z) {
      const one = constant('one', 1);
      const share = sigmoid(z);
      return multiply(share, add(one, multiply(z, subtract(one, share))));
    },
    initialVariance: 1,
    kernel: { code: 4, keepsDerivative: true },
  },
  // The tanh form (Hendrycks and Gimpel 2016, arXiv 1606.08415).
  gelu: {
    at(z) {
      const t = Math.tanh(ROOT_2_OVER_PI * (z + GELU_CUBIC * z * z * z));
      const slope = ROOT_2_OVER_PI * (1 + 3 * GELU_CUBIC * z * z);
      return { value: 0.5 * z * (1 + t), derivative: 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * slope };
    },
    apply(operations, z) {
      const { add, constant, multiply } = operations;
      const gate = add(geluTanh(operations, z), constant('gelu_one', 1));
      return multiply(multiply(z, constant('gelu_half', 0.5)), gate);
    },
    derive(operations, z) {
      const { add, constant, multiply, subtract } = operations;
      const one = constant('one', 1);
      const half = constant('half', 0.5);
      const t = geluTanh(operations, z);
      const quadratic = multiply(multiply(z, z), constant('gelu_quadratic', 3 * GELU_CUBIC));
      const inner = multiply(constant('gelu_root', ROOT_2_OVER_PI), add(one, quadratic));
      const outer = multiply(multiply(z, half), subtract(one, multiply(t, t)));
      return add(multiply(half, add(one, t)), multiply(outer, inner));
    },
    initialVariance: 1,
    kernel: { code: 5, keepsDerivative: true },
  },
};
