/** TensorFlow's native library, which is not everywhere: what benches say without it. */
import { NoTensorflow } from '../../models/engines/tfjs/load.ts';

export const NO_NATIVE = {
  unavailable: 'no native TensorFlow here',
  fix: 'run "npm run gpu:setup -- --cpu" (or --gpu), which builds one for this user',
} as const;

/** What `load` gives; null where there is no TensorFlow of the flavours that it asks for. */
export async function whereNative<T>(load: () => Promise<T>): Promise<T | null> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof NoTensorflow) return null;
    throw error;
  }
}
