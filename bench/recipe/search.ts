/** A random search over recipes; scores are kept in a file, so that a search can go on later. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type Cell, METHOD_DEFINITIONS } from '../../models/methods/catalogue.ts';
import { stream } from '../../models/random.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { Score, Scorer } from './scorer.ts';

/** A configuration without its cell. */
export type Recipe = Omit<TrialConfiguration, 'method' | 'k'>;

const HIDDEN = [
  [32, 32, 32],
  [64, 64],
  [64, 64, 64],
  [128, 128],
  [32, 32],
  [16, 16],
];
/** Peaks of the learning rate, log-uniform. */
const [LOWEST_RATE, HIGHEST_RATE] = [0.002, 0.04];

/** Returns recipe `number` of the search. */
export function drawRecipe(number: number): Recipe {
  const { uniform } = stream(number, 'recipe search');
  const pick = <T>(values: readonly T[]): T => values[Math.floor(uniform() * values.length)] as T;
  const weightDecay = pick([0, 0, 0.01, 0.03, 0.1, 0.3, 1, 3]);
  return {
    hidden: pick(HIDDEN),
    activation: pick(['gelu', 'gelu', 'gelu', 'elu', 'tanh'] as const),
    learningRate: Number((LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** uniform()).toPrecision(3)),
    epochs: pick([20, 40, 40, 80, 120]),
    batch: pick([32, 64, 64, 128]),
    optimiser: weightDecay > 0 ? 'adamw' : 'adam',
    weightDecay,
    dropout: pick([0, 0, 0, 0.1, 0.2]),
    layerNorm: pick([false, false, false, true]),
    schedule: 'one-cycle',
    patience: 0,
  };
}

/** Returns a recipe in a cell; methods that are restarted have the starts of the default. */
export const configure = (recipe: Recipe, { method, k }: Cell): TrialConfiguration => ({
  method,
  k,
  ...recipe,
  ...(METHOD_DEFINITIONS[method].isRestarted && { restarts: 6 }),
});

interface Found extends Score {
  readonly recipe: number;
  readonly cell: string;
}

/** Recipes that are trained in one call: what an interruption loses. */
const CALL = 4;

/** Returns a score of each of `count` recipes in each cell, trained with one seed. */
export async function searchRecipes(
  scorer: Scorer,
  cells: ReadonlyMap<string, Cell>,
  count: number,
  file: string,
): Promise<readonly Found[]> {
  const found: Found[] = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Found)
    : [];
  const known = new Set(found.map(({ recipe, cell }) => `${recipe} ${cell}`));
  const missing = Array.from({ length: count }, (_, recipe) => [...cells].map(([name, cell]) => ({ recipe, name, cell })))
    .flat()
    .filter(({ recipe, name }) => !known.has(`${recipe} ${name}`));
  for (let at = 0; at < missing.length; at += CALL * cells.size) {
    const part = missing.slice(at, at + CALL * cells.size);
    const scores = await scorer(
      part.map(({ recipe, cell }) => ({ configuration: configure(drawRecipe(recipe), cell), seed: 1 })),
    );
    const own = part.map(({ recipe, name }, i): Found => ({ recipe, cell: name, ...(scores[i] as Score) }));
    appendFileSync(file, own.map((one) => `${JSON.stringify(one)}\n`).join(''));
    found.push(...own);
  }
  return found.filter(({ recipe, cell }) => recipe < count && cells.has(cell));
}
