/** The lineage graph: data, runs, sweeps, trials and champions, which link to their pages. */
import type { ChampionDetail } from '../../contract/retraining.ts';
import { Figure } from '../parts/figure.tsx';
import { ScrollingTable } from '../parts/record-table.tsx';
import { buildLineage, LINEAGE_COLUMNS, type LineageNode } from './lineage-graph.ts';
import { lineageTable } from './text.ts';

const WIDTH = 172;
const HEIGHT = 46;
const GAP = { x: 40, y: 18 };
const HEAD = 26;
/** Number of characters that fit, in bold. */
const MAX_CHARACTERS = 19;

const left = ({ column }: LineageNode) => 2 + column * (WIDTH + GAP.x);
const middle = ({ row }: LineageNode) => HEAD + row * (HEIGHT + GAP.y) + HEIGHT / 2 + 2;
/** Shortens text at its start: names of one kind differ at their end. */
const truncate = (text: string) => (text.length > MAX_CHARACTERS ? `…${text.slice(1 - MAX_CHARACTERS)}` : text);

export function Lineage({ of, name }: { readonly of: ChampionDetail; readonly name: string }) {
  const { nodes, edges, rows, shown, of: total } = buildLineage(of);
  const width = 4 + LINEAGE_COLUMNS.length * WIDTH + (LINEAGE_COLUMNS.length - 1) * GAP.x;
  const height = HEAD + rows * (HEIGHT + GAP.y);
  const at = new Map(nodes.map((node) => [node.id, node]));
  return (
    <Figure
      title="Lineage"
      name={name}
      caption={`Provenance of this champion and its predecessors; the path to this one is highlighted. Dashed: appended data, initial weights.${shown < total ? ` ${shown} of ${total} champions; the table has all.` : ''}`}
      table={() => lineageTable(of)}
    >
      <ScrollingTable label="Lineage as a graph">
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing whose nodes are links; a fieldset draws nothing */}
        <svg class="lineage" width={width} height={height} role="group" aria-label="Data, runs, sweeps, trials and champions">
          {LINEAGE_COLUMNS.map((title, column) => (
            <text key={title} class="column" x={2 + column * (WIDTH + GAP.x)} y={14}>
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
                  class={`edge ${own ? 'own' : ''} ${a.column === b.column ? 'within' : ''}`}
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
              <rect x={left(node)} y={middle(node) - HEIGHT / 2} width={WIDTH} height={HEIGHT} rx={6} />
              <text x={left(node) + 10} y={middle(node) - 4}>
                {truncate(node.title)}
              </text>{' '}
              <text class="detail" x={left(node) + 10} y={middle(node) + 13}>
                {truncate(node.detail)}
              </text>
            </a>
          ))}
        </svg>
      </ScrollingTable>
    </Figure>
  );
}

/** Returns the path of an edge: between the sides of two nodes, vertical within a column. */
function edgePath(a: LineageNode, b: LineageNode): string {
  if (a.column === b.column) {
    const x = left(a) + WIDTH / 2;
    const [from, to] =
      a.row < b.row ? [middle(a) + HEIGHT / 2, middle(b) - HEIGHT / 2] : [middle(a) - HEIGHT / 2, middle(b) + HEIGHT / 2];
    return `M${x} ${from}V${to}`;
  }
  const [x1, x2] = [left(a) + WIDTH, left(b)];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${middle(a)}C${x1 + bend} ${middle(a)} ${x2 - bend} ${middle(b)} ${x2} ${middle(b)}`;
}
