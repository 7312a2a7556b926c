/** The Pareto front of a sweep: read, printed, and drawn to a file. */
import { figureSvg } from '../figures/rendering/draw.ts';
import { paretoFigure } from '../figures/search/pareto-front.ts';
import { withStorage } from '../infra/sessions.ts';
import { writeFileWhole } from '../operations/files.ts';
import { parseFrontQuery, readFront } from '../operations/sweeps/configurations.ts';
import type { CliContext } from './context.ts';
import { frontReport } from './output/front.ts';

interface FrontInputs {
  readonly objectives: string;
  readonly split: string | undefined;
  readonly where: string;
  readonly partition: number | undefined;
  /** File of the figure. */
  readonly plot: string | undefined;
}

/** Prints the front; with jsonl a line for each of its configurations. */
export async function printFront(
  context: CliContext,
  sweep: string,
  { objectives, plot, ...choice }: FrontInputs,
): Promise<void> {
  const query = parseFrontQuery(objectives, choice);
  await withStorage(context, async ({ db }) => {
    const front = await readFront(db, sweep, query);
    if (context.output === 'jsonl') for (const row of front.rows) context.line(JSON.stringify(row));
    else context.print(front, () => frontReport(front));
    if (plot === undefined) return;
    await writeFileWhole(plot, figureSvg(paretoFigure(front)));
    context.note(`wrote ${plot}`);
  });
}
