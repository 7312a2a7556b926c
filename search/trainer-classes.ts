/** Classes of trainers, and the engines that a sweep may ask them for. */

/** Class of a trainer that is started without one, and of a sweep that asks for none. */
export const DEFAULT_CLASS = 'cpu';

/** Engines that a sweep may ask for. */
export const ENGINES = ['kernel', 'tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

export const isEngine = (name: string): name is EngineName => ENGINES.some((engine) => engine === name);

const CLASS_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Returns what is wrong with the name of a class, as the rest of a sentence; null: nothing. */
export const findClassFault = (name: string): string | null =>
  CLASS_NAME.test(name) ? null : 'must have 1 to 32 lower-case letters, digits and hyphens, and begin with a letter';
