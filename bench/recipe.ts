/**
 * Compares the default recipe, and the space that `narrows init` offers, with the best of a random
 * search, on the shipped data and on two sets that are made up. Recipes are chosen by validation
 * rows and reported on test rows: after one seed the best eight of each cell are trained with all.
 * Prints a line of JSON for each set; scores of the search are kept in the folder of --out.
 *
 * `npm run bench:recipe -- --set geo2 --set few --recipes 300 --out scores`
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { STARTER_SPEC } from '../cli/commands/init.ts';
import { createKernelEngine } from '../models/engines/kernel/engine.ts';
import { type Cell, cellName } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { completeSpec } from '../search/recipe.ts';
import { parseSweepSpec } from '../search/schemas/spec.ts';
import { previewTrials, trialCount } from '../search/space.ts';
import { createScorer, type Scorer } from './recipe/scorer.ts';
import { configure, drawRecipe, searchRecipes } from './recipe/search.ts';
import { RECIPE_SETS } from './recipe/sets.ts';
import { mean } from './statistics.ts';

const { values } = parseArgs({
  options: {
    set: { type: 'string', multiple: true, default: Object.keys(RECIPE_SETS) },
    recipes: { type: 'string', default: '300' },
    finalists: { type: 'string', default: '8' },
    seeds: { type: 'string', default: '5' },
    split: { type: 'string', default: '1' },
    out: { type: 'string', default: '.' },
  },
});
const [recipes, finalists, seeds] = [Number(values.recipes), Number(values.finalists), Number(values.seeds)];
const round = (value: number) => Number(value.toFixed(4));

const METHODS = ['ednn', 'nnca'] as const;
const K = [1, 2, 3];
const cells = new Map(METHODS.flatMap((method) => K.map((k): [string, Cell] => [cellName({ method, k }), { method, k }])));

/** Returns the configurations of a spec by cell, for the methods and widths that are compared. */
function configurationsOf(document: object, trainRows: number): Map<string, TrialConfiguration[]> {
  const [stated] = parseSweepSpec({ ...document, dataset: 'any', target: 'any', methods: METHODS, seeds: 1 });
  if (!stated) throw new Error('a spec of one target was expected');
  const spec = completeSpec(stated, { trainRows, descriptors: 1, energies: 1 });
  const trials = previewTrials(spec, [...Array(trialCount(spec)).keys()]);
  return new Map(
    [...Map.groupBy(trials, ({ cell }) => cell)].map(([cell, own]) => [cell, own.map(({ configuration }) => configuration)]),
  );
}

/** Returns the test score of the configuration that is best on validation rows, over all seeds. */
async function chooseOf(configurations: readonly TrialConfiguration[], scorer: Scorer) {
  const tasks = configurations.flatMap((configuration) =>
    Array.from({ length: seeds }, (_, i) => ({ configuration, seed: i + 1 })),
  );
  const scores = await scorer(tasks);
  const own = configurations.map((configuration, i) => {
    const part = scores.slice(i * seeds, (i + 1) * seeds);
    return { configuration, validation: mean(part.map((one) => one.validation)), test: mean(part.map((one) => one.test)) };
  });
  return own.reduce((best, one) => (one.validation > best.validation ? one : best));
}

const offered = parse(STARTER_SPEC) as { space: object };
mkdirSync(values.out, { recursive: true });
const engine = createKernelEngine({ threads: availableParallelism() });
for (const name of values.set) {
  const load = RECIPE_SETS[name];
  if (!load) throw new Error(`there is no set ${name}: use one of ${Object.keys(RECIPE_SETS).join(', ')}`);
  const set = load();
  const rows = set.divide(Number(values.split));
  const scorer = createScorer(set, rows, engine);
  const trainRows = rows.train.length;
  const specs = {
    default: configurationsOf({ space: { k: K } }, trainRows),
    init: configurationsOf({ ...offered, space: { ...offered.space, k: K } }, trainRows),
  };
  const found = await searchRecipes(scorer, cells, recipes, join(values.out, `${name}.jsonl`));
  const result: Record<string, object> = {};
  for (const [cell, of] of cells) {
    const best = found
      .filter((one) => one.cell === cell)
      .sort((a, b) => b.validation - a.validation)
      .slice(0, finalists);
    const searched = await chooseOf(
      best.map(({ recipe }) => configure(drawRecipe(recipe), of)),
      scorer,
    );
    const chosen = {
      default: await chooseOf(specs.default.get(cell) ?? [], scorer),
      init: await chooseOf(specs.init.get(cell) ?? [], scorer),
    };
    const short = Object.entries(chosen).map(([spec, { test }]) => [spec, round(searched.test - test)]);
    result[cell] = { best: round(searched.test), short: Object.fromEntries(short), recipe: searched.configuration };
  }
  console.log(JSON.stringify({ bench: 'recipe', set: name, recipes, seeds, cells: result }));
}
await engine.close();
