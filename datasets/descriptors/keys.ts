/** Keys of the comment line of a frame: choice of frames, and labels of rows. */
import { FORMAT_KEYS } from '../formats/structures/comment.ts';
import type { Frame } from '../formats/structures/frame.ts';
import { structuresUnfit } from '../formats/structures/frame-errors.ts';

type Value = string | number | boolean;

/** Values of keys that a frame must have to be used; undefined: every frame. */
export type ChosenFrames = Readonly<Record<string, Value | readonly Value[]>> | undefined;

export function isChosen(frame: Frame, chosen: ChosenFrames): boolean {
  return Object.entries(chosen ?? {}).every(([key, wanted]) => {
    const value = frame.values.get(key);
    return value !== undefined && [wanted].flat().some((one) => isSame(value, one as Value));
  });
}

/** "T" is true, and 300.0 is 300. */
function isSame(text: string, value: Value): boolean {
  if (typeof value === 'boolean') return /^(T|true)$/i.test(text) ? value : /^(F|false)$/i.test(text) && !value;
  return text === String(value) || (typeof value === 'number' && text.trim() !== '' && Number(text) === value);
}

/** Returns the value of a key, or the number of the frame. Throws `structures-unfit`. */
export function readLabel(frame: Frame, key: string | null, what: 'ids' | 'groups' | 'series'): string {
  if (key === null) return frameLabel(frame);
  const value = frame.values.get(key);
  if (value !== undefined) return value;
  throw structuresUnfit(
    frame,
    `its comment line has no key "${key}", which the manifest names for the ${what}`,
    `add ${key}=... to every comment line; this one has ${describeKeys(frame)}`,
  );
}

/** The number of the frame, or the name of its file in a pattern of files. */
function frameLabel({ name, number }: Frame): string {
  if (name === null) return String(number);
  return number === 0 ? name : `${name}.${number}`;
}

export const describeKeys = ({ values }: Frame): string =>
  [...values.keys()].filter((name) => !FORMAT_KEYS.includes(name)).join(', ') || 'no key';
