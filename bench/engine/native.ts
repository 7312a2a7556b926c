/** Handles the absence of TensorFlow's native library, which is optional. */
import { NoTensorflow } from '../../models/engines/tfjs/load.ts';

export const NO_NATIVE = {
  unavailable: 'TensorFlow has no native library on this machine',
  fix: 'Build it with "npm run gpu:setup -- --cpu" (or --gpu)',
} as const;

/** Returns the result of `load`, or null when no requested flavour of TensorFlow is installed. */
export async function whereNative<T>(load: () => Promise<T>): Promise<T | null> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof NoTensorflow) return null;
    throw error;
  }
}
