import { html, type Markup } from './markup.js';

/** Colours by what they mean, for light and for dark; text has a contrast of at least 4.5 to 1. */
export const PALETTES = {
  light: {
    ground: '#ffffff',
    panel: '#f5f7f9',
    line: '#d3d9df',
    text: '#1b2128',
    dim: '#56616c',
    link: '#0a58a8',
    good: '#17723a',
    bad: '#b3261e',
    warn: '#855300',
    mark: '#2f6db3',
  },
  dark: {
    ground: '#14181d',
    panel: '#1c2229',
    line: '#38424d',
    text: '#e5e9ed',
    dim: '#a3adb8',
    link: '#83bdfb',
    good: '#5cc784',
    bad: '#ff8a80',
    warn: '#e5b04a',
    mark: '#6ea8e6',
  },
} as const;

type Palette = (typeof PALETTES)[keyof typeof PALETTES];

function variablesOf(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

/** The whole style sheet. Nothing in it comes from a report. */
export function renderStyle(): Markup {
  return html`<style>
:root{color-scheme:light dark;${variablesOf(PALETTES.light)}}
@media (prefers-color-scheme:dark){:root{${variablesOf(PALETTES.dark)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.55 system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,sans-serif;overflow-wrap:anywhere}
.sheet{max-width:60rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--mark);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-100rem}
.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.25rem .75rem;z-index:1}
h1,h2,h3,h4{line-height:1.25;margin:0;text-wrap:pretty}
h1{font-size:1rem;font-weight:600;color:var(--dim)}
h2{font-size:1.6rem;letter-spacing:-.01em}
h3{font-size:1.15rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h4{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
.top{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;justify-content:space-between;align-items:baseline;margin-bottom:1.5rem}
.small,.top p,footer{font-size:.875rem;color:var(--dim);margin:0}
.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.bold{font-weight:600}
article+.captures{margin-top:3.5rem;border-top:3px solid var(--line);padding-top:2rem}
nav+main,.verdict+article{margin-top:2.5rem}
article+article{margin-top:4rem;border-top:3px solid var(--line);padding-top:2rem}
.verdict{border-left:4px solid currentColor;background:var(--panel);margin:1rem 0 1.25rem;padding:.9rem 1.1rem}
.verdict p{margin:0;color:var(--text);font-size:1.1rem}
.sentence::first-letter{text-transform:uppercase}
.verdict .standing{font-size:.875rem;font-weight:600;color:inherit;margin-bottom:.25rem}
dl{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:.3rem 1rem;margin:.5rem 0}
dt{color:var(--dim)}
dd{margin:0}
dd+dd{grid-column:2}
.finding{border:1px solid var(--line);border-radius:6px;padding:1rem 1.1rem;margin:.75rem 0}
.finding>h4{margin:0 0 .35rem}
details.finding>summary{margin:-1rem -1.1rem;padding:1rem 1.1rem}
details.finding[open]>summary{margin-bottom:.1rem}
.finding .part{font-size:.875rem;font-weight:600;color:var(--dim);margin:1rem 0 .25rem}
.certainty{display:inline-block;font-size:.8125rem;font-weight:600;border:1px solid currentColor;border-radius:1rem;padding:0 .6rem;margin-right:.6rem;vertical-align:.08em}
ul,ol{margin:.25rem 0;padding-left:1.4rem}
li{margin:.25rem 0;max-width:46rem}
pre,code{font-family:ui-monospace,SFMono-Regular,Consolas,Liberation Mono,monospace;font-size:.875rem}
pre{background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:.6rem .8rem;margin:.4rem 0;white-space:pre-wrap}
.finding pre{max-width:46rem}
summary{cursor:pointer;color:var(--link)}
details>summary+*{margin-top:.5rem}
details{margin:.6rem 0}
details.finding>summary{color:inherit}
.scroll{overflow-x:auto;margin:.5rem 0;background:linear-gradient(to right,transparent,var(--ground) 75%) 100% 0/4rem 100% no-repeat local,linear-gradient(to left,var(--line),transparent) 100% 0/.9rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.9375rem}
caption{text-align:left;color:var(--dim);font-size:.875rem;padding-bottom:.35rem}
th,td{text-align:left;vertical-align:top;padding:.3rem 1.1rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600}
tbody th.long,tbody th.code{font-weight:400}
thead th{color:var(--dim);font-size:.875rem;white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.word{white-space:nowrap}
th,td{overflow-wrap:break-word;max-width:26rem}
.long{min-width:12rem;max-width:34rem;overflow-wrap:anywhere}
.code{overflow-wrap:anywhere;min-width:9rem;font-family:ui-monospace,SFMono-Regular,Consolas,Liberation Mono,monospace;font-size:.8125rem}
figure{margin:.75rem 0}
figcaption{font-size:.875rem;color:var(--dim);margin-top:.35rem;max-width:46rem}
svg{display:block;width:100%;overflow:visible}
svg text{font-size:13px;fill:var(--text)}
svg text.dim{fill:var(--dim)}svg text.good{fill:var(--good)}svg text.bad{fill:var(--bad)}svg text.warn{fill:var(--warn)}
svg text.end{text-anchor:end}svg text.middle{text-anchor:middle}
svg text.figure{font-variant-numeric:tabular-nums}
.stroke{stroke:var(--mark);stroke-width:1.6;fill:none}
.stroke.good{stroke:var(--good)}.stroke.bad{stroke:var(--bad)}.stroke.warn{stroke:var(--warn)}.stroke.dim{stroke:var(--dim)}
.rail{stroke:var(--line);stroke-width:1}
.fill{fill:var(--mark)}.fill.good{fill:var(--good)}.fill.bad{fill:var(--bad)}.fill.warn{fill:var(--warn)}.fill.dim{fill:var(--dim)}
.band{fill:var(--panel)}
.hollow{fill:var(--ground)}
.fill+text.inside{fill:var(--ground)}
.dashed{stroke-dasharray:4 4}
.ladder{max-width:44rem}.waterfall{max-width:48rem}
.defs{position:absolute;width:0;height:0}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:3.5rem;border-top:1px solid var(--line);padding-top:.75rem}
@media (max-width:34rem){
.sheet{padding:1rem 1rem 2rem}
h2{font-size:1.3rem}
dl{grid-template-columns:minmax(0,1fr);gap:0}
dt{font-size:.875rem;margin-top:.45rem}
dd+dd{grid-column:1}
svg text{font-size:12px}
th,td{padding-right:.8rem}
}
@media print{
@page{margin:16mm 14mm}
:root{color-scheme:light;${variablesOf(PALETTES.light)}}
body{font-size:10.5pt}
.sheet{max-width:none;padding:0}
.skip{display:none}
h3,h4,summary,caption,.part{break-after:avoid}
figure,tr,.verdict,pre{break-inside:avoid}
article+article{break-before:page;border:0;margin:0;padding:0}
.scroll{overflow:visible;background:none}
table{font-size:9pt}
.ladder{max-width:38rem}
details.finding::details-content{content-visibility:visible;block-size:auto}
details:not(.finding):not([open]){display:none}
a{text-decoration:none;color:inherit}
.sources a::after{content:" (" attr(href) ")";color:var(--dim);font-size:.875em}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
</style>`;
}
