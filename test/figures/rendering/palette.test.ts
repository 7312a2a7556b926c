import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { PALETTE, PALETTE_CSS, paperPaint, RISING, rising, themePaint } from '../../../figures/rendering/palette.ts';
import { METHOD_CSS } from '../../../text/methods.ts';

describe('the palette', () => {
  it('has the colours of the pages', () => {
    const css = readFileSync(new URL('../../../dashboards/web/style/tokens.css', import.meta.url), 'utf8');
    const declared = css + METHOD_CSS;
    for (const declaration of PALETTE_CSS.split('; ')) assert.ok(declared.includes(declaration.replace(/;$/, '')), declaration);
  });

  it('colours a share between the two stops around it', () => {
    assert.equal(rising(0), 'color-mix(in oklab, var(--rising-1) 0%, var(--rising-0))');
    assert.equal(rising(0.375), 'color-mix(in oklab, var(--rising-2) 50%, var(--rising-1))');
    assert.equal(rising(7), 'color-mix(in oklab, var(--rising-4) 100%, var(--rising-3))');
  });

  it('paints files in hexadecimal colours and pages in custom properties', () => {
    assert.equal(themePaint('ink'), 'var(--ink)');
    assert.equal(paperPaint('ink'), PALETTE.ink?.[0]);
    assert.equal(paperPaint(0), RISING[0]?.[0]);
    assert.equal(paperPaint(1), RISING.at(-1)?.[0]);
    assert.match(paperPaint(0.4), /^#[0-9a-f]{6}$/);
  });
});
