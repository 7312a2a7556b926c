import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILTER_COLUMNS } from '../../../search/columns/trial-columns.ts';
import { type Condition, compileCondition, parseWhere } from '../../../search/columns/where.ts';
import { PARAMETERS } from '../../../search/parameters.ts';

const ROW: Readonly<Record<string, string | number>> = {
  index: 7,
  method: 'eca',
  k: 2,
  outcome: 'completed',
  validation: 0.95,
  learningRate: 0.001,
  layerNorm: 'false',
  hidden: '64-32',
  epochs: 0,
};

test('conditions are joined by commas, values by |; spaces and empty parts do not matter', () => {
  assert.deepEqual(parseWhere(' method = eca | nnca ,, validation>=0.9,outcome!=failed , dropout=none'), [
    { column: 'method', op: '=', values: ['eca', 'nnca'] },
    { column: 'validation', op: '>=', value: 0.9 },
    { column: 'outcome', op: '!=', values: ['failed'] },
    { column: 'dropout', op: '=', values: [null] },
  ] satisfies Condition[]);
  assert.deepEqual(parseWhere(''), []);
});

test('filters can name every parameter of the space', () => {
  for (const name of PARAMETERS) assert.ok(FILTER_COLUMNS.includes(name), name);
});

const CASES: readonly (readonly [where: string, holds: boolean])[] = [
  ['', true],
  ['method=eca', true],
  ['method=ednn|eca', true],
  ['method!=ednn|eca', false],
  ['k=2', true],
  ['k=2.0', true],
  ['k=02', true],
  ['k=3', false],
  ['k<2', false],
  ['k<=2', true],
  ['k>1', true],
  ['k>=3', false],
  // Numbers in order of size, not of their letters.
  ['index<10', true],
  ['learningRate=1e-3', true],
  ['learningRate<0.01', true],
  ['epochs=0', true],
  ['epochs<1', true],
  ['layerNorm=false', true],
  ['layerNorm=true', false],
  ['hidden=64-32', true],
  ['hidden=32-64', false],
  ['seed=none', true],
  ['seed!=none', false],
  ['seed!=3', true],
  ['seed<3', false],
  ['seed=3|none', true],
  ['validation=none', false],
  ['validation!=none', true],
  ['method=eca,k=3', false],
];

for (const [where, holds] of CASES) {
  test(`"${where}" ${holds ? 'holds' : 'does not hold'}`, () => {
    const isHeld = parseWhere(where).every((condition) => compileCondition(condition)(ROW[condition.column] ?? null));
    assert.equal(isHeld, holds);
  });
}

const FAULTS: readonly (readonly [where: string, message: RegExp, fix: RegExp])[] = [
  ['mehtod=eca', /"mehtod" is not a column/, /"method"/],
  ['method', /not a valid condition/, /method=eca/],
  ['=eca', /not a valid condition/, /method=eca/],
  ['method=', /not a valid condition/, /method=eca/],
  ['method=eca|', /empty/, /none/],
  ['method=ec', /"ec" is not a value of method/, /"eca"/],
  ['outcome=complete', /"complete" is not a value of outcome/, /completed/],
  ['method<eca', /no order/, /method=/],
  ['k=two', /is not a number/, /none/],
  ['k=1e999', /is not a number/, /none/],
  ['validation>none', /"none" is not a number/, /validation=none/],
  ['finishedAt>0', /"finishedAt" is not a column/, /did you mean/],
  [`${'k=1,'.repeat(64)}k=2`, /65 conditions are more than 64/, /k=1\|2\|3/],
  ['constructor=1', /"constructor" is not a column/, /did you mean/],
];

for (const [where, message, fix] of FAULTS) {
  test(`"${where}" is refused`, () => {
    assert.throws(() => parseWhere(where), { name: 'NarrowsError', code: 'where-invalid', path: 'where', message, fix });
  });
}
