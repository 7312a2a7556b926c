/** Where champions come from, as a graph: data, runs, sweeps, trials, champions from left to right; every node leads to its page. */
import type { ChampionDetail } from '../../contract/retraining.ts';
import { Figure } from '../parts/figure.tsx';
import { ScrollingTable } from '../parts/scrolling.tsx';
import { buildLineage, LINEAGE_COLUMNS, type LineageNode, lineageTable } from './text.ts';

const WIDE = 172;
const HIGH = 46;
const GAP = { x: 40, y: 18 };
const HEAD = 26;
/** That fit, bold. */
const LETTERS = 19;

const left = ({ column }: LineageNode) => 2 + column * (WIDE + GAP.x);
const middle = ({ row }: LineageNode) => HEAD + row * (HIGH + GAP.y) + HIGH / 2 + 2;
/** What tells names of one kind apart stands at their end. */
const fitting = (text: string) => (text.length > LETTERS ? `…${text.slice(1 - LETTERS)}` : text);

export function Lineage({ of, name }: { readonly of: ChampionDetail; readonly name: string }) {
  const { nodes, edges, rows, shown, of: total } = buildLineage(of);
  const width = 4 + LINEAGE_COLUMNS.length * WIDE + (LINEAGE_COLUMNS.length - 1) * GAP.x;
  const height = HEAD + rows * (HIGH + GAP.y);
  const at = new Map(nodes.map((node) => [node.id, node]));
  return (
    <Figure
      title="Lineage"
      name={name}
      caption={`What this champion and those before it were made from; the way to this one is marked. Dashed: data that were appended, weights that training began with.${shown < total ? ` ${shown} of ${total} champions; the table has all.` : ''}`}
      table={() => lineageTable(of)}
    >
      <ScrollingTable label="Lineage as a graph">
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing whose nodes are links; a fieldset draws nothing */}
        <svg class="lineage" width={width} height={height} role="group" aria-label="Data, runs, sweeps, trials and champions">
          {LINEAGE_COLUMNS.map((title, column) => (
            <text key={title} class="column" x={2 + column * (WIDE + GAP.x)} y={14}>
              {title}
            </text>
          ))}
          {[...edges]
            .sort((a, b) => Number(a.own) - Number(b.own))
            .map(({ from, to, own }) => {
              const [a, b] = [at.get(from), at.get(to)];
              if (!a || !b) return null;
              return (
                <path
                  key={`${from} ${to}`}
                  class={`edge ${own ? 'own' : ''} ${a.column === b.column ? 'beside' : ''}`}
                  d={edgePath(a, b)}
                />
              );
            })}
          {nodes.map((node) => (
            <a
              key={node.id}
              href={node.href}
              class={`node ${node.own ? 'own' : ''}`}
              aria-label={`${LINEAGE_COLUMNS[node.column]}: ${node.title} ${node.detail}`}
            >
              <title>
                {node.title}, {node.detail}
              </title>
              <rect x={left(node)} y={middle(node) - HIGH / 2} width={WIDE} height={HIGH} rx={6} />
              <text x={left(node) + 10} y={middle(node) - 4}>
                {fitting(node.title)}
              </text>{' '}
              <text class="detail" x={left(node) + 10} y={middle(node) + 13}>
                {fitting(node.detail)}
              </text>
            </a>
          ))}
        </svg>
      </ScrollingTable>
    </Figure>
  );
}

/** From side to side; within a column around its left edge. */
function edgePath(a: LineageNode, b: LineageNode): string {
  if (a.column === b.column) {
    const x = left(a) + WIDE / 2;
    const [from, to] =
      a.row < b.row ? [middle(a) + HIGH / 2, middle(b) - HIGH / 2] : [middle(a) - HIGH / 2, middle(b) + HIGH / 2];
    return `M${x} ${from}V${to}`;
  }
  const [x1, x2] = [left(a) + WIDE, left(b)];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${middle(a)}C${x1 + bend} ${middle(a)} ${x2 - bend} ${middle(b)} ${x2} ${middle(b)}`;
}
