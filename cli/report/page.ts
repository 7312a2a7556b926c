/** Pages of `narrows report` and `narrows compare`: sentences, then figures with tables and CSV. */
import { contrastsFigure } from '../../figures/contrasts.ts';
import { coveredVarianceFigure } from '../../figures/covered-variance.ts';
import { figuresPage } from '../../figures/rendering/html.ts';
import { type ReportData, reportFigures } from '../../figures/report.ts';
import { type Comparison, findFailedEmulator } from '../../models/evaluation/comparison.ts';
import { describeComparison } from '../../text/comparison.ts';
import { type DescribedReport, describeReport } from '../../text/report.ts';

export interface ReportPage extends ReportData, Pick<DescribedReport, 'sufficientWidths'> {
  readonly sweep: { readonly id: string; readonly name: string };
}

export function reportPage(data: ReportPage): { html: string; figures: number } {
  const { comparison, interpretation, sweep } = data;
  const { dropped } = interpretation;
  const figures = reportFigures(data);
  const sentences = describeReport(data);
  const text = {
    title: `${sweep.name}: ${comparison.target} of ${comparison.dataset}`,
    lead: `Sweep ${sweep.id}. All results are of test rows, which no choice was made on.${dropped.length === 0 ? '' : ` Constant and therefore left out: ${dropped.join(', ')}.`}`,
    sentences: [...sentences.comparison, ...sentences.interpretation],
  };
  return { html: figuresPage(text, figures), figures: figures.length };
}

/** Returns the page of a comparison; `found`: sentences about searches for widths. */
export function comparisonPage(comparison: Comparison, found: readonly string[] = []): string {
  const { contrasts, target, dataset } = comparison;
  const text = {
    title: `Covered variance of ${target}, ${dataset}`,
    sentences: [...describeComparison(comparison).split('\n'), ...found],
  };
  const isComparable = contrasts.length > 0 && !findFailedEmulator(comparison.baselines);
  return figuresPage(text, [
    coveredVarianceFigure(comparison),
    ...(isComparable ? [contrastsFigure(contrasts, 'test rows')] : []),
  ]);
}
